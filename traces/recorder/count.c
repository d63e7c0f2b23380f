/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Counts what is pending, as long as its lines are near; window.c does the rest. */
#include "recorder.h"

#define PENDING_WORDS 2048

struct near near_data[NR_NEAR_LINES], near_code[NR_NEAR_LINES];

static ULong pending[PENDING_WORDS + PENDING_ROOM];
ULong *pending_next = pending, *const pending_limit = pending + PENDING_WORDS;

static inline void fetch(UWord line, UInt nr_instructions)
{
	struct near *near = &near_code[line % NR_NEAR_LINES];

	if (UNLIKELY(near->start != line << LINE_SHIFT))
		near = window_come_near(line, ACCESS_FETCH);
	near->count[0] += nr_instructions;
	window_instructions += nr_instructions;
}

static inline void access_data(Addr address, UChar byte)
{
	struct near *near = &near_data[(address >> LINE_SHIFT) % NR_NEAR_LINES];

	if (LIKELY(address - near->start <= room_of_access(byte)))
		near->count[kind_of_access(byte)]++;
	else if (address)
		window_touch(address, LINE_BYTES - room_of_access(byte), kind_of_access(byte));
}

void count_pending(void)
{
	const ULong *at = pending, *end = pending_next;

	while (at < end) {
		const struct segment *segment = (const struct segment *)(UWord)*at++;

		if (UNLIKELY(window_instructions >= window_end))
			window_write();
		for (UInt i = 0; i < segment->nr_lines; i++) {
			ULong word = *line_of_segment(segment, i);

			fetch(line_of_word(word), instructions_of_word(word));
		}
		for (UInt i = 0; i < segment->nr_accesses; i++)
			access_data(*at++, segment->access[i]);
	}
	pending_next = pending;
}

void forget_pending(void)
{
	pending_next = pending;
}
