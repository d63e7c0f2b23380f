/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cxltrace: a valgrind tool that records which pages a program touches.
 *
 *     instrument.c  code leaves its lines and accesses pending ─► window.c  counts them per page
 *     cache.c       a model of the last-level cache tells misses ─┘             │
 *     marks.c       writes of the program that say where an invocation begins  │
 *     regions.c     what a page belongs to; memory given back ──────────────► stream.c  the file
 */
#ifndef CXLTRACE_RECORDER_H
#define CXLTRACE_RECORDER_H

#include "pub_tool_basics.h"
#include "pub_tool_libcbase.h"

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

/* Code that executes from end to end: its lines with their instructions, then its accesses. */
struct segment {
	UInt nr_lines, nr_accesses;
	ULong words[];
};

/* A block of valgrind has at most 100 instructions or so; the widest touches nine lines. */
#define MAX_LINES 1024
#define MAX_ACCESSES 1024
#define PENDING_ROOM 4096

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
static inline ULong access_word(enum access access, SizeT size)
{
	return (LINE_BYTES - size) << 1 | (access == ACCESS_STORE);
}

static inline UWord room_of_word(ULong word)
{
	return word >> 1;
}

static inline enum access access_of_word(ULong word)
{
	return word & 1;
}

/* What was executed and not yet counted. */
extern ULong *pending_next, *const pending_limit;

/* Options; sizes in bytes. */
extern ULong option_llc_bytes;
extern Int option_window_pages;
extern Int option_window_instructions;
extern const HChar *option_output;
extern const HChar *option_begin;
extern const HChar *option_end;
extern Bool option_within;

void cache_init(void);
/* Whether the line misses; it is cached afterwards. */
Bool cache_misses(UWord line);

void window_init(void);
void window_flush(void);
/* Executed so far. */
ULong window_instructions(void);
/* Counts what is pending. */
void window_count_pending(void);
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
