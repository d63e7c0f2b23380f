// SPDX-License-Identifier: GPL-2.0
/* The device, opened or handed over, and the words for what it refuses. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include "rforkctl.h"

static int handed_over = -1;

void use_descriptor(int number)
{
	if (fcntl(number, F_SETFD, FD_CLOEXEC))
		die("--fd %d: descriptor %d is not open; it must be one of " RFORK_DEVICE " that was handed over",
		    number, number);
	handed_over = number;
}

int open_device(void)
{
	int device;

	if (handed_over >= 0)
		return handed_over;
	device = open(RFORK_DEVICE, O_RDWR | O_CLOEXEC);
	if (device >= 0)
		return device;
	if (errno == ENOENT)
		die(RFORK_DEVICE " is not there; load the module: insmod rfork.ko");
	if (errno == EPERM || errno == EACCES)
		die(RFORK_DEVICE " may not be opened; be root, or take a descriptor with --fd from rforkctl restrict");
	die(RFORK_DEVICE " cannot be opened: %s", strerror(errno));
}

void request(int device, unsigned long command, void *argument)
{
	struct rfork_head *head = argument;

	head->size = _IOC_SIZE(command);
	head->version = RFORK_UAPI_VERSION;
	if (ioctl(device, command, argument) >= 0)
		return;
	if (head->reason[0])
		die("%s (%s)", head->reason, strerrorname_np(errno));
	if (errno == ENOTTY && device == handed_over)
		die("descriptor %d is not one of " RFORK_DEVICE ", or of a module of another version", device);
	if (errno == ENOTTY)
		die("the loaded module has another version; build module and rforkctl from the same sources");
	die("the module could not do it: %s (%s)", strerror(errno), strerrorname_np(errno));
}
