/*
 * Blocks that are found by their identity, as chained hashes have them: what `cases/block-pool.ts` does, with the same
 * random numbers, by the same rules and in the same structures, so that both must come to the same sum.
 *
 *     block-pool BLOCKS SEQUENCES      prints: cpu_ns sum
 */

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "pool.h"
#include "random.h"

enum { trunks = 1000, trunk_blocks = 64, own_blocks = 32, in_flight = 100 };
enum { sequence_blocks = trunk_blocks + own_blocks };

int main(int argc, char **argv)
{
	static int32_t flight[in_flight][sequence_blocks];
	struct timespec begin, end;
	int64_t sum = 0;
	int32_t own = trunks * trunk_blocks;

	if (argc != 3)
		return 2;
	pool_init(strtoul(argv[1], NULL, 10));
	uint32_t sequences = strtoul(argv[2], NULL, 10);

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &begin);
	for (uint32_t i = 0; i < sequences; i++) {
		int32_t *blocks = flight[i % in_flight];
		int32_t trunk = random_word() % trunks;

		if (i >= in_flight)
			for (int k = sequence_blocks - 1; k >= 0; k--)
				pool_release(blocks[k]);
		for (int k = 0; k < sequence_blocks; k++) {
			int32_t id = k < trunk_blocks ? trunk * trunk_blocks + k : own++;
			int32_t found = k < trunk_blocks ? pool_find(id) : -1;

			if (found != -1) {
				pool_hold(found);
				sum++;
			} else {
				found = pool_take();
				pool_name(found, id);
			}
			blocks[k] = found;
			sum += found;
		}
	}
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &end);
	printf("%" PRId64 " %" PRId64 "\n",
	       (int64_t)(end.tv_sec - begin.tv_sec) * 1000000000 + end.tv_nsec - begin.tv_nsec, sum);
	return 0;
}
