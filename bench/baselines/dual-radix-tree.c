/*
 * ForkKV's two radix trees under agents that fork: what `cases/dual-radix-tree.ts` does, with the same random numbers, by
 * the same rules and in the same structures, so that both must come to the same sum.
 *
 *     dual-radix-tree SEQUENCES BASE_BLOCKS RESIDUAL_BLOCKS      prints: cpu_ns sum nodes_of_the_smaller
 */

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "radix-tree.h"
#include "random.h"

enum { trunks = 1000, trunk_blocks = 8, turns = 32, turn_blocks = 4 };
enum { agents = 8, in_flight = 64, forked_each = 4 };
enum { prompt_blocks = trunk_blocks + turn_blocks, length = prompt_blocks + 1 };

struct match {
	int32_t base, residual;
};

/* Blocks that are free are taken again, the last to be given back first. */
struct blocks {
	int32_t *free;
	int32_t free_count, next;
};

static struct tree base, residual;
static struct blocks base_blocks, residual_blocks;
static int32_t roots[agents];

static int32_t take(struct blocks *blocks)
{
	return blocks->free_count ? blocks->free[--blocks->free_count] : blocks->next++;
}

static void give_base(int32_t block)
{
	base_blocks.free[base_blocks.free_count++] = block;
}

static void give_residual(int32_t block)
{
	residual_blocks.free[residual_blocks.free_count++] = block;
}

static int32_t root_of(int32_t agent)
{
	if (!roots[agent])
		roots[agent] = node_add(&residual, -1, 0, 0, 0);
	return roots[agent];
}

static void hold(struct match match)
{
	tree_hold(&base, match.base);
	tree_hold(&residual, match.residual);
}

static void release(struct match match)
{
	tree_release(&base, match.base);
	tree_release(&residual, match.residual);
}

int main(int argc, char **argv)
{
	static struct match flight[in_flight];
	int32_t identities[length], own_base[length], own_residual[length];
	struct timespec begin, end;
	int64_t sum = 0;
	int32_t own = trunks * trunk_blocks + trunks * turns * turn_blocks;

	if (argc != 4)
		return 2;
	int32_t sequences = strtol(argv[1], NULL, 10);
	int32_t most_base = strtol(argv[2], NULL, 10), most_residual = strtol(argv[3], NULL, 10);

	base_blocks.free = malloc((most_base + length) * sizeof(int32_t));
	residual_blocks.free = malloc((most_residual + length) * sizeof(int32_t));
	if (!base_blocks.free || !residual_blocks.free)
		return 1;
	tree_init(&base, give_base);
	tree_init(&residual, give_residual);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &begin);
	for (int32_t i = 0; i < sequences; i++) {
		int32_t trunk = random_word() % trunks, turn = random_word() % turns;
		int32_t agent = random_word() % agents;
		struct match match;

		for (int32_t k = 0; k < trunk_blocks; k++)
			identities[k] = trunk * trunk_blocks + k;
		for (int32_t k = 0; k < turn_blocks; k++)
			identities[trunk_blocks + k] = trunks * trunk_blocks +
				(trunk * turns + turn) * turn_blocks + k;
		identities[prompt_blocks] = own++;
		match.base = tree_match(&base, identities, prompt_blocks, own_base, 0);
		match.residual = tree_match(&residual, identities, prompt_blocks, own_residual,
					    root_of(agent));
		int32_t of_base = base.nodes[match.base].depth;
		int32_t of_residual = residual.nodes[match.residual].depth;

		if (i >= in_flight)
			release(flight[i % in_flight]);
		hold(match);
		for (int32_t k = of_base; k < length; k++)
			own_base[k] = take(&base_blocks);
		for (int32_t k = of_residual; k < length; k++)
			own_residual[k] = take(&residual_blocks);
		tree_insert(&base, identities, length, own_base, 0);
		tree_insert(&residual, identities, length, own_residual, root_of(agent));
		if (i % forked_each == 0) {
			/* The child holds it from here on. */
			struct match child = { match.base, root_of((agent + 1) % agents) };

			hold(child);
			release(match);
			match = child;
		}
		flight[i % in_flight] = match;
		sum += of_base + 3 * of_residual + own_base[prompt_blocks] + own_residual[prompt_blocks];
		while (base.live > most_base)
			sum += tree_evict(&base, base.live - most_base);
		while (residual.live > most_residual)
			sum += tree_evict(&residual, residual.live - most_residual);
	}
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &end);
	printf("%" PRId64 " %" PRId64 " %" PRId32 "\n",
	       (int64_t)(end.tv_sec - begin.tv_sec) * 1000000000 + end.tv_nsec - begin.tv_nsec,
	       sum + base.live_nodes + residual.live_nodes + base.held + residual.held,
	       base.live_nodes < residual.live_nodes ? base.live_nodes : residual.live_nodes);
	return 0;
}
