// SPDX-License-Identifier: GPL-2.0
/* The end of a command that cannot be done: one line, what is wrong; what would be right. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include "rforkctl.h"

void die(const char *fmt, ...)
{
	va_list args;

	fflush(stdout);
	va_start(args, fmt);
	fprintf(stderr, "rforkctl: ");
	vfprintf(stderr, fmt, args);
	fprintf(stderr, "\n");
	va_end(args);
	exit(1);
}
