// SPDX-License-Identifier: GPL-2.0
/* Words for what is refused. */
#include <linux/ctype.h>
#include "rfork-module.h"

/* Returns @error, and says why to whoever asked. */
int rfork_refuse(struct rfork_reason *reason, int error, const char *fmt, ...)
{
	va_list args;
	char *at;

	if (!reason->text[0]) {
		va_start(args, fmt);
		vscnprintf(reason->text, sizeof(reason->text), fmt, args);
		va_end(args);
		/*
		 * Names of files and processes are anybody's, and the text goes to logs and
		 * terminals.
		 */
		for (at = reason->text; *at; at++)
			if (iscntrl(*at))
				*at = '?';
	}
	return error;
}
