/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cxltrace: a valgrind tool that records which pages a program touches.
 *
 *     tool.c        options, start and end
 *     instrument.c  code leaves pending what it executes ─► count.c  counts it while it stays near
 *     segment.c     what is known of code before it runs ─┘             │
 *     cache.c       a model of the last-level cache ──────► window.c  counts the rest, per page
 *     marks.c       lines written where an invocation begins           │
 *     regions.c     what a page belongs to; memory given back ─► stream.c  the file
 */
#ifndef CXLTRACE_RECORDER_H
#define CXLTRACE_RECORDER_H

#include "pub_tool_basics.h"
#include "pub_tool_libcbase.h"
#include "pub_tool_tooliface.h"

#define PAGE_SHIFT 12
#define LINE_SHIFT 6
#define LINE_BYTES (1ul << LINE_SHIFT)

/* As docs/trace-format.md numbers them. */
enum region { REGION_HEAP, REGION_STACK, REGION_LIBRARY, REGION_ANONYMOUS, REGION_FILE };

enum access { ACCESS_LOAD, ACCESS_STORE, ACCESS_FETCH, NR_ACCESSES };

/* What happened to one page within the window. */
struct run {
	ULong count[NR_ACCESSES];
	ULong misses[NR_ACCESSES];
	UWord page;
	UInt region; /* + 1; 0 if the page was known */
	ULong first_touch; /* instructions executed before it */
};

/* A block of valgrind has at most 100 instructions or so; the widest touches nine lines. */
#define MAX_LINES 1024
#define MAX_ACCESSES 1024

/*
 * Code that executes from end to end: its lines with their instructions, then its accesses. Thousands are
 * looked at in turn, so that they are small:
 *
 *     | third line | second line | first line | struct segment | accesses |
 */
struct segment {
	UShort nr_lines, nr_accesses;
	UChar access[];
};

const struct segment *segment_of(const ULong *lines, UInt nr_lines, const UChar *accesses,
				 UInt nr_accesses);

static inline const ULong *line_of_segment(const struct segment *segment, UInt n)
{
	return (const ULong *)segment - 1 - n;
}

static inline ULong line_word(UWord line, UInt nr_instructions)
{
	return (ULong)line << 10 | nr_instructions;
}

static inline UWord line_of_word(ULong word)
{
	return word >> 10;
}

static inline UInt instructions_of_word(ULong word)
{
	return word & 1023;
}

/* How far from its start a line may be accessed, and how. */
static inline UChar access_byte(enum access access, SizeT size)
{
	return (LINE_BYTES - size) << 1 | (access == ACCESS_STORE);
}

static inline UWord room_of_access(UChar byte)
{
	return byte >> 1;
}

static inline enum access kind_of_access(UChar byte)
{
	return byte & 1;
}

/* What was executed and not yet counted. */
#define PENDING_ROOM 4096 /* beyond the limit */
extern ULong *pending_next, *const pending_limit;
void count_pending(void);
void forget_pending(void);

/*
 * A line touched in this window and not since pushed out of a direct-mapped cache, with what is not
 * yet counted in the run of its page. Data: loads, stores; code: instructions.
 */
struct near {
	Addr start;
	UInt count[2];
};

#define NR_NEAR_LINES 1024 /* 64 KiB */
extern struct near near_data[NR_NEAR_LINES], near_code[NR_NEAR_LINES];

/* Options; sizes in bytes. */
extern ULong option_llc_bytes;
extern Int option_window_pages;
extern Int option_window_instructions;
extern const HChar *option_output;
extern const HChar *option_begin;
extern const HChar *option_end;
extern Bool option_within;

IRSB *instrument(VgCallbackClosure *closure, IRSB *in, const VexGuestLayout *layout,
		 const VexGuestExtents *extents, const VexArchInfo *host, IRType guest_word,
		 IRType host_word);

void cache_init(void);
/* Whether the line misses; it is cached afterwards. */
Bool cache_misses(UWord line);

void window_init(void);
void window_flush(void);
/* Executed so far, and when the window ends at the latest. */
extern ULong window_instructions, window_end;
/* It is to end before the next segment. */
void window_write(void);
/* Gives the line its place among the near ones; counts a miss, but not the access. */
struct near *window_come_near(UWord line, enum access access);
/* An access that crosses a line touches both; the kernel's may touch more. */
void window_touch(Addr address, SizeT size, enum access access);
/* The kernel read or wrote the program's memory on its behalf. */
void window_kernel(Addr address, SizeT size, enum access access);
/* A new process: nothing is counted yet. */
void window_restart(void);

void regions_init(void);
/* Remembers the page; true if it was not known. */
Bool regions_learn(UWord page);
enum region region_of(UWord page);
void regions_forget_all(void);
/* The kernel took the pages' content back: the next touch finds new ones. */
void regions_discarded(Addr address, SizeT size);

void marks_init(void);

void stream_open(Bool forked);
void stream_run(const struct run *run);
void stream_unmap(UWord first, UWord pages);
void stream_mark(Bool begin);
void stream_end(void);
void stream_flush(void);

#endif
