/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Accesses counted per page. A window ends when it holds option_window_pages pages, when it lasted
 * option_window_instructions, or when something happens whose order matters (a mark, memory given
 * back). Its pages are then written in the order of their first touch.
 */
#include "recorder.h"
#include "pub_tool_mallocfree.h"

static struct run *run_of_data[NR_NEAR_LINES], *run_of_code[NR_NEAR_LINES];
static UWord cached_data[NR_NEAR_LINES], cached_code[NR_NEAR_LINES]; /* beyond the window */

ULong window_instructions, window_end;
static struct run *runs;
static UInt nr_runs;
static UInt *slots; /* hash table of run + 1, at most half full */
static UInt slot_shift;

/* Of places that hold no line of this window; nothing is counted there. */
static struct run nowhere;

static inline void count_near(UWord place, Bool code)
{
	struct near *near = (code ? near_code : near_data) + place;
	struct run *run = (code ? run_of_code : run_of_data)[place];

	if (code) {
		run->count[ACCESS_FETCH] += near->count[0];
	} else {
		run->count[ACCESS_LOAD] += near->count[0];
		run->count[ACCESS_STORE] += near->count[1];
	}
	near->count[0] = near->count[1] = 0;
}

static void forget_near(void)
{
	VG_(memset)(near_data, 0, sizeof near_data);
	VG_(memset)(near_code, 0, sizeof near_code);
	for (UWord place = 0; place < NR_NEAR_LINES; place++) {
		near_data[place].start = near_code[place].start = ~0ul;
		run_of_data[place] = run_of_code[place] = &nowhere;
	}
}

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
	window_instructions = 0;
	forget_pending();
	window_end = option_window_instructions;
	VG_(memset)(slots, 0, sizeof *slots << (64 - slot_shift));
	VG_(memset)(cached_data, 0xff, sizeof cached_data);
	VG_(memset)(cached_code, 0xff, sizeof cached_code);
	forget_near();
}

static inline UInt slot_of(UWord page)
{
	return (page * 0x9e3779b97f4a7c15ull) >> slot_shift;
}

void window_write(void)
{
	for (UWord place = 0; place < NR_NEAR_LINES; place++) {
		count_near(place, False);
		count_near(place, True);
	}
	for (UInt i = 0; i < nr_runs; i++)
		stream_run(&runs[i]);
	nr_runs = 0;
	VG_(memset)(slots, 0, sizeof *slots << (64 - slot_shift));
	window_end = window_instructions + option_window_instructions;
	forget_near();
}

static __attribute__((noinline)) struct run *new_run(UWord page)
{
	UInt mask = (1u << (64 - slot_shift)) - 1, slot;
	struct run *run;

	if (nr_runs == option_window_pages)
		window_write();
	slot = slot_of(page);
	while (slots[slot])
		slot = (slot + 1) & mask;
	slots[slot] = nr_runs + 1;
	run = &runs[nr_runs++];
	VG_(memset)(run, 0, sizeof *run);
	run->page = page;
	/* Now: the program may have unmapped it when the window ends. */
	run->region = regions_learn(page) ? 1 + region_of(page) : 0;
	run->first_touch = window_instructions;
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

struct near *window_come_near(UWord line, enum access access)
{
	Bool code = access == ACCESS_FETCH;
	UWord place = line % NR_NEAR_LINES;
	struct near *near = (code ? near_code : near_data) + place;
	UWord *cached = (code ? cached_code : cached_data) + place;
	struct run *run = run_of(line >> (PAGE_SHIFT - LINE_SHIFT));

	count_near(place, code);
	near->start = line << LINE_SHIFT;
	(code ? run_of_code : run_of_data)[place] = run;
	if (*cached != line) {
		*cached = line;
		if (cache_misses(line))
			run->misses[access]++;
	}
	return near;
}

void window_touch(Addr address, SizeT size, enum access access)
{
	UWord line = address >> LINE_SHIFT, last = (address + size - 1) >> LINE_SHIFT;

	for (; line <= last; line++)
		window_come_near(line, access)->count[access]++;
}

void window_flush(void)
{
	count_pending();
	window_write();
}

void window_kernel(Addr address, SizeT size, enum access access)
{
	count_pending();
	if (size)
		window_touch(address, size, access);
}
