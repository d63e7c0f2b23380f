// SPDX-License-Identifier: GPL-2.0
/* The command line: what is asked for is taken out, what is left over is an error. */
#include <stdlib.h>
#include <string.h>
#include "rforkctl.h"

static void take_out(struct options *options, int at, int count)
{
	memmove(options->argv + at, options->argv + at + count,
		(options->argc - at - count) * sizeof(char *));
	options->argc -= count;
}

const char *option(struct options *options, const char *name)
{
	for (int i = 0; i < options->argc; i++) {
		const char *value;

		if (strcmp(options->argv[i], name))
			continue;
		if (i + 1 == options->argc)
			die("%s needs a value", name);
		value = options->argv[i + 1];
		take_out(options, i, 2);
		return value;
	}
	return NULL;
}

bool flag(struct options *options, const char *name)
{
	for (int i = 0; i < options->argc; i++) {
		if (!strcmp(options->argv[i], name)) {
			take_out(options, i, 1);
			return true;
		}
	}
	return false;
}

const char *operand(struct options *options, const char *what)
{
	const char *value;

	if (!options->argc || options->argv[0][0] == '-')
		die("%s is missing", what);
	value = options->argv[0];
	take_out(options, 0, 1);
	return value;
}

void no_more(struct options *options)
{
	if (options->argc)
		die("%s is not understood here; run rforkctl help", options->argv[0]);
}

uint64_t parse_number(const char *text, const char *what)
{
	char *end;
	uint64_t value = strtoull(text, &end, 0);

	switch (*end) {
	case 'K': value <<= 10; end++; break;
	case 'M': value <<= 20; end++; break;
	case 'G': value <<= 30; end++; break;
	}
	if (!*text || *text == '-' || *end)
		die("%s is \"%s\"; a number, with K, M or G if it is a size", what, text);
	return value;
}
