// SPDX-License-Identifier: GPL-2.0
/*
 * Making stores visible to other nodes and seeing theirs.
 *
 * With hardware coherence both are memory barriers. With software coherence the lines are written
 * back and dropped, so a node that wrote nothing to a line reads memory afterwards.
 */
#include <linux/cacheflush.h>
#include <linux/string.h>
#include "rfork-module.h"

static void flush(const void *start, size_t bytes)
{
	clflush_cache_range((void *)start, bytes);
	rfork_count_add(NULL, bytes_flushed, ALIGN(bytes, RFORK_LINE));
}

void rfork_publish(const void *start, size_t bytes)
{
	if (rfork_region->software)
		flush(start, bytes);
	else
		wmb(); /* what is published before what says so, as other nodes see it */
}

void rfork_invalidate(const void *start, size_t bytes)
{
	if (rfork_region->software)
		flush(start, bytes);
	else
		mb(); /* what is read next, after what this node wrote before */
}

/* By non-temporal stores: the data is in memory after the next wmb(), in no cache. */
void rfork_copy_to_region(void *to, const void *from, size_t bytes)
{
	memcpy_flushcache(to, from, bytes);
}
