/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cxltrace: a valgrind tool that records which pages a program touches.
 *
 *     instrument.c  every load, store and instruction line calls ─► window.c  counts them per page
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

/* As docs/trace-format.md numbers them. */
enum region { REGION_HEAP, REGION_STACK, REGION_LIBRARY, REGION_ANONYMOUS, REGION_FILE };

enum access { ACCESS_LOAD, ACCESS_STORE, ACCESS_FETCH, NR_ACCESSES };

/* What happened to one page within the window. */
struct run {
	UWord page;
	ULong first_touch; /* instructions executed before it */
	ULong count[NR_ACCESSES];
	ULong misses[NR_ACCESSES];
};

/* Options; sizes in bytes. */
extern ULong option_llc_bytes;
extern Int option_window_pages;
extern Int option_window_instructions;
extern const HChar *option_output;
extern const HChar *option_begin;
extern const HChar *option_end;

void cache_init(void);
/* Whether the line misses; it is cached afterwards. */
Bool cache_misses(UWord line);

void window_init(void);
void window_flush(void);
ULong window_instructions(void);
VG_REGPARM(2) void window_load(Addr address, SizeT size);
VG_REGPARM(2) void window_store(Addr address, SizeT size);
VG_REGPARM(2) void window_fetch(Addr address, UWord instructions);
/* The kernel read or wrote the program's memory on its behalf. */
void window_kernel(Addr address, SizeT size, enum access access);
/* A new process: nothing is counted yet. */
void window_restart(void);

void regions_init(void);
/* Remembers the page; true if it was not known. */
Bool regions_learn(UWord page);
enum region region_of(UWord page);
void regions_forget_all(void);

void marks_init(void);

void stream_open(Bool forked);
void stream_run(const struct run *run);
void stream_unmap(UWord first, UWord pages);
void stream_mark(Bool begin);
void stream_end(void);
void stream_flush(void);

#endif
