// SPDX-License-Identifier: GPL-2.0
/* The command line: what is asked for is taken out, what is left over is an error. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
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
			die("%s needs a value%s", name, options->usage);
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

/* Decimal or 0x hexadecimal; false if it is anything else, also with a rest or too large. */
static bool parse(const char *text, uint64_t *value, const char **rest)
{
	char *end;
	int base = !strncmp(text, "0x", 2) ? 16 : 10;

	errno = 0;
	*value = strtoull(text, &end, base);
	*rest = end;
	return *text >= '0' && *text <= '9' && !errno;
}

uint64_t number(const char *text, const char *what, uint64_t least, uint64_t most)
{
	const char *rest;
	uint64_t value;

	if (!parse(text, &value, &rest) || *rest)
		die("%s is \"%s\"; it must be a number", what, text);
	if (value < least && most == UINT64_MAX)
		die("%s is %s; it must be at least %" PRIu64, what, text, least);
	if (value < least || value > most)
		die("%s is %s; it must be %" PRIu64 " .. %" PRIu64, what, text, least, most);
	return value;
}

uint64_t number_option(struct options *options, const char *name, uint64_t least, uint64_t most,
		       uint64_t otherwise)
{
	const char *text = option(options, name);

	return text ? number(text, name, least, most) : otherwise;
}

uint64_t needed_number(struct options *options, const char *name, uint64_t least, uint64_t most)
{
	const char *text = option(options, name);

	if (!text)
		die("%s is missing%s", name, options->usage);
	return number(text, name, least, most);
}

uint64_t size_option(struct options *options, const char *name, uint64_t otherwise)
{
	static const char units[] = "KMG";
	const char *text = option(options, name), *rest, *unit;
	uint64_t value;
	int shift = 0;

	if (!text)
		return otherwise;
	if (!parse(text, &value, &rest))
		die("%s is \"%s\"; it must be a number of bytes, such as 512M or 0x100000000", name, text);
	unit = *rest ? strchr(units, *rest) : NULL;
	if (unit) {
		shift = 10 * (unit - units + 1);
		rest++;
	}
	if (*rest || value > UINT64_MAX >> shift)
		die("%s is \"%s\"; it must be a number of bytes, such as 512M or 0x100000000", name, text);
	return value << shift;
}

/* Of @text, which the option has, among the names. */
static int index_of(const char *text, const char *name, const char *const names[])
{
	char all[256] = "";

	for (int i = 0; names[i]; i++)
		if (!strcmp(text, names[i]))
			return i;
	for (int i = 0; names[i]; i++)
		snprintf(all + strlen(all), sizeof(all) - strlen(all), "%s%s", names[i],
			 !names[i + 1] ? "" : names[i + 2] ? ", " : " or ");
	die("%s is \"%s\"; it must be %s", name, text, all);
}

int choice(struct options *options, const char *name, const char *const names[])
{
	const char *text = option(options, name);

	return text ? index_of(text, name, names) : 0;
}

uint32_t choices(struct options *options, const char *name, const char *const names[])
{
	const char *text;
	uint32_t chosen = 0;

	while ((text = option(options, name)))
		chosen |= 1U << index_of(text, name, names);
	return chosen;
}

uint64_t inherited_fds(struct options *options)
{
	const char *text;
	uint64_t descriptors = 0;

	while ((text = option(options, "--inherit-fd")))
		descriptors |= 1ULL << number(text, "--inherit-fd", 0, 63);
	return descriptors;
}

uint64_t operand(struct options *options, const char *what, uint64_t most)
{
	uint64_t value;

	if (options->argc && options->argv[0][0] == '-')
		die("%s is not understood%s", options->argv[0], options->usage);
	if (!options->argc)
		die("%s is missing%s", what, options->usage);
	value = number(options->argv[0], what, 1, most);
	take_out(options, 0, 1);
	return value;
}

void no_more(struct options *options)
{
	if (options->argc)
		die("%s is not understood%s", options->argv[0], options->usage);
	if (options->program)
		die("-- is not understood%s", options->usage);
}
