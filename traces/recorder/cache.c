/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The last-level cache: set-associative, LRU within a set, lines of 64 bytes. It sees what a small
 * direct-mapped cache before it (window.c) does not hold, and does not evict from that one.
 */
#include "recorder.h"
#include "pub_tool_mallocfree.h"

#define NR_WAYS 16

static UWord *tags; /* NR_WAYS a set, newest first; line + 1, 0 is empty */
static UWord nr_sets;

void cache_init(void)
{
	nr_sets = option_llc_bytes / (NR_WAYS << LINE_SHIFT);
	tags = VG_(calloc)("cxltrace.cache", nr_sets * NR_WAYS, sizeof *tags);
}

/* Processors hash addresses over the sets as well, so that strides do not fall into a few. */
static inline UWord *set_of(UWord line)
{
	UWord hash = (line * 0x9e3779b97f4a7c15ull) >> 32;

	return tags + ((hash * nr_sets) >> 32) * NR_WAYS;
}

Bool cache_misses(UWord line)
{
	UWord *set = set_of(line), tag = line + 1, above = tag;

	for (UInt way = 0; way < NR_WAYS; way++) {
		UWord here = set[way];

		set[way] = above;
		if (here == tag)
			return False;
		above = here;
	}
	return True;
}
