/* Xorshift of 32 bits, as bench/random.ts: both sides of a comparison draw the same numbers. */

#ifndef CXLSIM_BENCH_RANDOM_H
#define CXLSIM_BENCH_RANDOM_H

#include <stdint.h>

static inline uint32_t random_word(void)
{
	static uint32_t state = 12345;

	state ^= state << 13;
	state ^= state >> 17;
	state ^= state << 5;
	return state;
}

#endif
