// SPDX-License-Identifier: GPL-2.0
/* rforkctl restrict: runs a program that can restore and nothing else. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "rforkctl.h"

int command_restrict(struct options *options)
{
	struct rfork_restrict arg = { };
	char **program = options->program;
	char number[16];
	int device;

	arg.image = number_option(options, "--checkpoint", 1, UINT64_MAX, 0);
	options->program = NULL;
	no_more(options);
	if (!program || !program[0])
		die("the program is missing%s", options->usage);
	device = open_device();
	request(device, RFORK_IOC_RESTRICT, &arg);
	snprintf(number, sizeof(number), "%d", device);
	if (fcntl(device, F_SETFD, 0) || setenv("RFORK_FD", number, 1))
		die("the descriptor cannot be handed over: %s", strerror(errno));
	execvp(program[0], program);
	die("%s cannot be run: %s", program[0], strerror(errno));
}
