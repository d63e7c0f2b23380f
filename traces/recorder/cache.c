/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The last-level cache: set-associative, LRU within a set, lines of 64 bytes. It sees what a small
 * direct-mapped cache before it (window.c) does not hold, and does not evict from that one.
 */
#include "recorder.h"
#include "pub_tool_mallocfree.h"

#define NR_WAYS 16

/*
 * NR_WAYS a set, newest first; 0 is empty. 32 bits of a hash stand for a line: two of the same set are
 * taken for one another once in four billion, and a set is one line of the host's cache.
 */
static UInt *tags;
static UWord nr_sets;

void cache_init(void)
{
	nr_sets = option_llc_bytes / (NR_WAYS << LINE_SHIFT);
	tags = VG_(calloc)("cxltrace.cache", nr_sets * NR_WAYS, sizeof *tags);
}

Bool cache_misses(UWord line)
{
	/* Processors hash addresses over the sets as well, so that strides do not fall into a few. */
	UWord hash = line * 0x9e3779b97f4a7c15ull;
	UInt *set = tags + (((hash >> 32) * nr_sets) >> 32) * NR_WAYS;
	UInt tag = (UInt)line ^ (UInt)(line >> 32) * 0x9e3779b1u, above;

	tag = tag ? tag : 1;
	above = tag;
	for (UInt way = 0; way < NR_WAYS; way++) {
		UInt here = set[way];

		set[way] = above;
		if (here == tag)
			return False;
		above = here;
	}
	return True;
}
