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
 * taken for one another once in four billion. The newest is kept apart: most often it is the one looked
 * for, and then the others, a line of the host's cache, are left alone.
 */
static UInt *newest, *older;
static UWord nr_sets;

void cache_init(void)
{
	nr_sets = option_llc_bytes / (NR_WAYS << LINE_SHIFT);
	newest = VG_(calloc)("cxltrace.cache", nr_sets, sizeof *newest);
	older = VG_(calloc)("cxltrace.cache", nr_sets * (NR_WAYS - 1), sizeof *older);
}

Bool cache_misses(UWord line)
{
	/* Processors hash addresses over the sets as well, so that strides do not fall into a few. */
	UWord hash = line * 0x9e3779b97f4a7c15ull;
	UWord set = ((hash >> 32) * nr_sets) >> 32;
	UInt tag = (UInt)line ^ (UInt)(line >> 32) * 0x9e3779b1u, above = newest[set];
	UInt *way = older + set * (NR_WAYS - 1), *end = way + NR_WAYS - 1;

	tag = tag ? tag : 1;
	if (above == tag)
		return False;
	newest[set] = tag;
	for (; way < end; way++) {
		UInt here = *way;

		*way = above;
		if (here == tag)
			return False;
		above = here;
	}
	return True;
}
