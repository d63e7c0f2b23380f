/* Blocks of GPU memory by their identities, as sim/scenarios/kv-cache/block-pool.ts and identity-table.ts keep them. */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { place_bits = 8, page_length = 1 << place_bits };

struct block {
	int32_t next, previous, holders, identity;
};

/* One past the last block is where the ring of free ones begins and ends. */
static struct block *blocks;
static int32_t block_count, free_count;
/* Blocks that are held or have content, and the most there were. */
static int32_t filled, most_filled;

/* Slot of each page plus one; what is found plus one; entries of each slot. */
static int32_t *slots, *entries, *counts, *free_slots;
static int32_t slot_room, entry_slots, next_slot, free_slot_count;

static void *grow(void *from, size_t before, size_t after)
{
	char *bytes = realloc(from, after);

	if (!bytes)
		exit(1);
	memset(bytes + before, 0, after - before);
	return bytes;
}

static void pool_init(int32_t count)
{
	block_count = free_count = count;
	blocks = calloc(count + 1, sizeof(*blocks));
	if (!blocks)
		exit(1);
	for (int32_t i = 0; i <= count; i++) {
		blocks[i].next = (i + 1) % (count + 1);
		blocks[i].previous = i ? i - 1 : count;
		blocks[i].identity = -1;
	}
}

static inline int32_t pool_find(int32_t id)
{
	int32_t page = id >> place_bits;

	if (page >= slot_room || !slots[page])
		return -1;
	return entries[(slots[page] - 1) << place_bits | (id & (page_length - 1))] - 1;
}

static void table_add(int32_t id, int32_t block)
{
	int32_t page = id >> place_bits;

	if (page >= slot_room) {
		int32_t room = page + 1 > 2 * slot_room ? page + 1 : 2 * slot_room;

		slots = grow(slots, slot_room * sizeof(*slots), room * sizeof(*slots));
		slot_room = room;
	}
	if (!slots[page]) {
		int32_t slot = free_slot_count ? free_slots[--free_slot_count] : next_slot++;

		if (slot >= entry_slots) {
			int32_t room = 2 * entry_slots + 1;
			size_t before = entry_slots * sizeof(int32_t), after = room * sizeof(int32_t);

			counts = grow(counts, before, after);
			free_slots = grow(free_slots, before, after);
			entries = grow(entries, before << place_bits, after << place_bits);
			entry_slots = room;
		}
		slots[page] = slot + 1;
	}
	entries[(slots[page] - 1) << place_bits | (id & (page_length - 1))] = block + 1;
	counts[slots[page] - 1]++;
}

static void table_remove(int32_t id)
{
	int32_t page = id >> place_bits;
	int32_t slot = slots[page] - 1;

	entries[slot << place_bits | (id & (page_length - 1))] = 0;
	if (--counts[slot])
		return;
	slots[page] = 0;
	free_slots[free_slot_count++] = slot;
}

static inline void pool_unlink(int32_t block)
{
	blocks[blocks[block].previous].next = blocks[block].next;
	blocks[blocks[block].next].previous = blocks[block].previous;
	free_count--;
}

static inline void pool_hold(int32_t block)
{
	if (blocks[block].holders++ == 0)
		pool_unlink(block);
}

static inline int32_t pool_take(void)
{
	int32_t block = blocks[block_count].next;

	pool_unlink(block);
	if (blocks[block].identity != -1) {
		table_remove(blocks[block].identity);
		blocks[block].identity = -1;
	} else if (++filled > most_filled) {
		most_filled = filled;
	}
	blocks[block].holders = 1;
	return block;
}

static inline void pool_name(int32_t block, int32_t id)
{
	if (blocks[block].identity != -1 || pool_find(id) != -1)
		return;
	blocks[block].identity = id;
	table_add(id, block);
}

static inline void pool_release(int32_t block)
{
	if (--blocks[block].holders)
		return;
	int32_t before = blocks[block_count].previous;

	if (blocks[block].identity == -1) {
		filled--;
		before = block_count;
	}
	blocks[block].next = blocks[before].next;
	blocks[block].previous = before;
	blocks[blocks[before].next].previous = block;
	blocks[before].next = block;
	free_count++;
}
