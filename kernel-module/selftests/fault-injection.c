// SPDX-License-Identifier: GPL-2.0
/* Faults that the kernel injects into one thread's calls: allocations, and copies to and from the user. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "fault-injection.h"
#include "selftest.h"

bool arm(int nth)
{
	char text[16];
	int file = open("/proc/thread-self/fail-nth", O_RDWR);
	bool done;

	if (file < 0)
		return false;
	snprintf(text, sizeof(text), "%d", nth);
	done = write(file, text, strlen(text)) > 0;
	close(file);
	return done;
}

bool happened(void)
{
	char text[16] = "";
	int file, left = -1;

	while ((file = open("/proc/thread-self/fail-nth", O_RDWR)) < 0)
		left = 1;
	if (left < 0) {
		if (read(file, text, sizeof(text) - 1) > 0)
			left = atoi(text);
		else
			left = 1;
	}
	while (write(file, "0", 1) != 1)
		left = 1;
	close(file);
	return left == 0;
}

static void write_setting(const char *path, const char *value)
{
	int file = open(path, O_WRONLY);

	if (file < 0)
		return;
	check(write(file, value, strlen(value)) > 0);
	close(file);
}

bool can_inject(void)
{
	if (access("/proc/thread-self/fail-nth", W_OK))
		return false;
	/* Also those that may sleep, which are nearly all of ours. */
	write_setting("/sys/kernel/debug/failslab/ignore-gfp-wait", "N");
	write_setting("/sys/kernel/debug/fail_page_alloc/ignore-gfp-wait", "N");
	write_setting("/sys/kernel/debug/fail_page_alloc/min-order", "0");
	write_setting("/sys/kernel/debug/failslab/verbose", "0");
	write_setting("/sys/kernel/debug/fail_page_alloc/verbose", "0");
	write_setting("/sys/kernel/debug/fail_usercopy/verbose", "0");
	return true;
}

void needs_injection(void)
{
	if (!can_inject())
		skip("this kernel injects no faults");
}
