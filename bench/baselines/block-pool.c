/*
 * Blocks that are found by their identity, as chained hashes have them: what `cases/block-pool.ts` does, with the same
 * random numbers and by the same rules, so that both must come to the same sum.
 *
 *     block-pool BLOCKS SEQUENCES      prints: cpu_ns sum
 *
 * An open table with linear probing, from which entries are taken by shifting those behind them back; free blocks in a ring.
 */

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "random.h"

enum { trunks = 1000, trunk_blocks = 64, own_blocks = 32, in_flight = 100 };
enum { sequence_blocks = trunk_blocks + own_blocks };

static uint32_t block_count, free_count;
static int32_t *holders, *next, *previous;
static int64_t *identity;
/* Entries are blocks plus one; 0 is none. */
static uint32_t *table;
static uint64_t mask;

static inline uint64_t home(int64_t id)
{
	return ((uint64_t)id * 0x9e3779b97f4a7c15u) >> 32 & mask;
}

static int32_t find(int64_t id)
{
	for (uint64_t at = home(id); table[at]; at = (at + 1) & mask)
		if (identity[table[at] - 1] == id)
			return table[at] - 1;
	return -1;
}

static void forget(int32_t block)
{
	uint64_t at = home(identity[block]);

	while (table[at] != (uint32_t)block + 1)
		at = (at + 1) & mask;
	for (uint64_t behind = (at + 1) & mask; table[behind]; behind = (behind + 1) & mask) {
		uint64_t wanted = home(identity[table[behind] - 1]);

		if (((behind - wanted) & mask) < ((behind - at) & mask))
			continue;
		table[at] = table[behind];
		at = behind;
	}
	table[at] = 0;
	identity[block] = -1;
}

static void name(int32_t block, int64_t id)
{
	if (identity[block] != -1 || find(id) != -1)
		return;
	uint64_t at = home(id);

	while (table[at])
		at = (at + 1) & mask;
	identity[block] = id;
	table[at] = block + 1;
}

static void unlink_block(int32_t block)
{
	next[previous[block]] = next[block];
	previous[next[block]] = previous[block];
	free_count--;
}

static void hold(int32_t block)
{
	if (holders[block]++ == 0)
		unlink_block(block);
}

static int32_t take(void)
{
	int32_t block = next[block_count];

	unlink_block(block);
	if (identity[block] != -1)
		forget(block);
	holders[block] = 1;
	return block;
}

static void release(int32_t block)
{
	if (--holders[block])
		return;
	int32_t before = identity[block] == -1 ? (int32_t)block_count : previous[block_count];

	next[block] = next[before];
	previous[block] = before;
	previous[next[before]] = block;
	next[before] = block;
	free_count++;
}

int main(int argc, char **argv)
{
	static int32_t flight[in_flight][sequence_blocks];
	struct timespec begin, end;
	int64_t sum = 0, own = (int64_t)trunks * trunk_blocks;

	if (argc != 3)
		return 2;
	block_count = strtoul(argv[1], NULL, 10);
	uint32_t sequences = strtoul(argv[2], NULL, 10);

	for (mask = 1; mask < 2 * (uint64_t)block_count; mask *= 2)
		;
	table = calloc(mask--, sizeof(*table));
	holders = calloc(block_count, sizeof(*holders));
	next = malloc((block_count + 1) * sizeof(*next));
	previous = malloc((block_count + 1) * sizeof(*previous));
	identity = malloc(block_count * sizeof(*identity));
	if (!table || !holders || !next || !previous || !identity)
		return 1;
	for (uint32_t i = 0; i <= block_count; i++) {
		next[i] = (i + 1) % (block_count + 1);
		previous[i] = i ? i - 1 : block_count;
		if (i < block_count)
			identity[i] = -1;
	}
	free_count = block_count;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &begin);
	for (uint32_t i = 0; i < sequences; i++) {
		int32_t *blocks = flight[i % in_flight];
		int64_t trunk = random_word() % trunks;

		if (i >= in_flight)
			for (int k = sequence_blocks - 1; k >= 0; k--)
				release(blocks[k]);
		for (int k = 0; k < sequence_blocks; k++) {
			int64_t id = k < trunk_blocks ? trunk * trunk_blocks + k : own++;
			int32_t found = k < trunk_blocks ? find(id) : -1;

			if (found != -1) {
				hold(found);
				sum++;
			} else {
				found = take();
				name(found, id);
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
