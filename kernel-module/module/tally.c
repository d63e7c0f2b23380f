// SPDX-License-Identifier: GPL-2.0
/* Counters of one child, and of all since load. */
#include "rfork-module.h"

struct rfork_tally rfork_total;

void rfork_tally_read(struct rfork_tally *tally, struct rfork_counters *counters)
{
	u64 *to = (u64 *)counters;
	size_t i;

	for (i = 0; i < RFORK_NR_COUNTERS; i++)
		to[i] = atomic64_read(&tally->value[i]);
}
