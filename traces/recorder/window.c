/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Accesses counted per page. A window ends when it holds option_window_pages pages, when it lasted
 * option_window_instructions, or when something happens whose order matters (a mark, memory given
 * back). Its pages are then written in the order of their first touch.
 */
#include "recorder.h"
#include "pub_tool_mallocfree.h"

#define NR_NEAR_LINES 512 /* 32 KiB, direct-mapped */

static struct run *runs;
static UInt nr_runs;
static UInt *slots; /* hash table of run + 1, at most half full */
static UInt slot_shift;
static ULong instructions, window_end;
static UWord near_lines[NR_NEAR_LINES];

void window_init(void)
{
	UInt bits = 1;

	while ((1u << bits) < 2u * option_window_pages)
		bits++;
	slot_shift = 64 - bits;
	slots = VG_(calloc)("cxltrace.slots", 1ul << bits, sizeof *slots);
	runs = VG_(malloc)("cxltrace.runs", option_window_pages * sizeof *runs);
	window_restart();
}

void window_restart(void)
{
	nr_runs = 0;
	instructions = 0;
	window_end = option_window_instructions;
	VG_(memset)(slots, 0, sizeof *slots << (64 - slot_shift));
	VG_(memset)(near_lines, 0xff, sizeof near_lines);
}

ULong window_instructions(void)
{
	return instructions;
}

static inline UInt slot_of(UWord page)
{
	return (page * 0x9e3779b97f4a7c15ull) >> slot_shift;
}

void window_flush(void)
{
	for (UInt i = 0; i < nr_runs; i++)
		stream_run(&runs[i]);
	nr_runs = 0;
	VG_(memset)(slots, 0, sizeof *slots << (64 - slot_shift));
	window_end = instructions + option_window_instructions;
}

static __attribute__((noinline)) struct run *new_run(UWord page)
{
	UInt mask = (1u << (64 - slot_shift)) - 1, slot;
	struct run *run;

	if (nr_runs == option_window_pages || instructions >= window_end)
		window_flush();
	slot = slot_of(page);
	while (slots[slot])
		slot = (slot + 1) & mask;
	slots[slot] = nr_runs + 1;
	run = &runs[nr_runs++];
	VG_(memset)(run, 0, sizeof *run);
	run->page = page;
	run->first_touch = instructions;
	return run;
}

static inline struct run *run_of(UWord page)
{
	UInt mask = (1u << (64 - slot_shift)) - 1, slot = slot_of(page);

	while (slots[slot]) {
		struct run *run = &runs[slots[slot] - 1];

		if (run->page == page)
			return run;
		slot = (slot + 1) & mask;
	}
	return new_run(page);
}

static inline void touch_line(UWord line, enum access access, UWord count)
{
	UWord *near = &near_lines[line % NR_NEAR_LINES];
	struct run *run = run_of(line >> (PAGE_SHIFT - LINE_SHIFT));

	run->count[access] += count;
	if (LIKELY(*near == line))
		return;
	*near = line;
	if (cache_misses(line))
		run->misses[access]++;
}

/* An access that crosses a line touches both; the kernel's and wide ones may touch more. */
static inline void touch(Addr address, SizeT size, enum access access)
{
	UWord line = address >> LINE_SHIFT, last = (address + size - 1) >> LINE_SHIFT;

	touch_line(line, access, 1);
	while (UNLIKELY(line != last))
		touch_line(++line, access, 1);
}

VG_REGPARM(2) void window_load(Addr address, SizeT size)
{
	touch(address, size, ACCESS_LOAD);
}

VG_REGPARM(2) void window_store(Addr address, SizeT size)
{
	touch(address, size, ACCESS_STORE);
}

VG_REGPARM(2) void window_fetch(Addr address, UWord nr_instructions)
{
	if (UNLIKELY(instructions >= window_end))
		window_flush();
	touch_line(address >> LINE_SHIFT, ACCESS_FETCH, nr_instructions);
	instructions += nr_instructions;
}

void window_kernel(Addr address, SizeT size, enum access access)
{
	if (size)
		touch(address, size, access);
}
