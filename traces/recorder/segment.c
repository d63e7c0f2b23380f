/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Keeps what is known of code before it runs, close together. */
#include "recorder.h"
#include "pub_tool_mallocfree.h"

#define CHUNK_BYTES (1ul << 16) /* more than the largest segment */

static UChar *chunk;
static SizeT used = CHUNK_BYTES;

const struct segment *segment_of(const ULong *lines, UInt nr_lines, const UChar *accesses,
				 UInt nr_accesses)
{
	SizeT tail = (sizeof(struct segment) + nr_accesses + 7) & ~7ul;
	struct segment *segment;

	if (used + 8 * nr_lines + tail > CHUNK_BYTES) {
		chunk = VG_(malloc)("cxltrace.segments", CHUNK_BYTES);
		used = 0;
	}
	segment = (struct segment *)(chunk + used + 8 * nr_lines);
	used += 8 * nr_lines + tail;
	segment->nr_lines = nr_lines;
	segment->nr_accesses = nr_accesses;
	for (UInt i = 0; i < nr_lines; i++)
		*(ULong *)line_of_segment(segment, i) = lines[i];
	VG_(memcpy)(segment->access, accesses, nr_accesses);
	return segment;
}
