// SPDX-License-Identifier: GPL-2.0
/* Randomness that a seed repeats, and settings from the environment. */
#include <stdlib.h>
#include "selftest.h"

uint64_t random_word(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state * 0x2545f4914f6cdd1dULL;
}

unsigned long setting(const char *name, unsigned long otherwise)
{
	const char *text = getenv(name);

	return text ? strtoul(text, NULL, 0) : otherwise;
}
