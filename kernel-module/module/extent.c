// SPDX-License-Identifier: GPL-2.0
/*
 * Space of the region in extents of 64 KiB: one word each, 0 or the low half of the number of the
 * image that has it. Whoever frees an image's extents late, after another got its slot, frees none.
 *
 * With hardware coherence any node takes any free extent by compare-and-swap. With software
 * coherence each node allocates from its own share, so that each line has one writer.
 */
#include "rfork-module.h"

#define OWNERS_PER_LINE (RFORK_LINE / sizeof(u32))

static void share(u64 *first, u64 *end)
{
	struct rfork_region *region = rfork_region;
	u64 part;

	*first = 0;
	*end = region->extents;
	if (!region->software)
		return;
	part = round_down(region->extents / region->nodes, OWNERS_PER_LINE);
	*first = part * region->node;
	*end = *first + part;
}

static bool take(u64 extent, u32 owner)
{
	u32 *word = &rfork_region->extent_owner[extent];

	if (rfork_region->software) {
		if (READ_ONCE(*word))
			return false;
		WRITE_ONCE(*word, owner);
		rfork_publish(word, sizeof(*word));
		return true;
	}
	return cmpxchg(word, 0, owner) == 0;
}

/* False if it is not @owner's any more: a node that was recovered may come second. */
static bool give_back(u64 extent, u32 owner)
{
	u32 *word = &rfork_region->extent_owner[extent];

	if (!rfork_region->software)
		return cmpxchg(word, owner, 0) == owner;
	if (READ_ONCE(*word) != owner)
		return false;
	/* Nothing is written there any more when another image takes it. */
	smp_store_release(word, 0);
	rfork_publish(word, sizeof(*word));
	return true;
}

static bool take_run(u64 first, u64 extents, u32 owner, u64 *blocked)
{
	u64 i;

	for (i = 0; i < extents; i++) {
		if (take(first + i, owner))
			continue;
		*blocked = first + i;
		while (i--)
			give_back(first + i, owner);
		return false;
	}
	return true;
}

/* First fit from where the last search ended, once around. */
int rfork_extent_alloc(u64 image, u64 extents, u64 *offset)
{
	struct rfork_region *region = rfork_region;
	u64 first, end, at, blocked;
	int turn;

	share(&first, &end);
	if (!extents || extents > end - first)
		return -ENOSPC;
	mutex_lock(&region->extent_lock);
	at = clamp(region->extent_hint, first, end);
	for (turn = 0; turn < 2; turn++, at = first) {
		while (at + extents <= end) {
			if (take_run(at, extents, lower_32_bits(image), &blocked)) {
				region->extent_hint = at + extents;
				mutex_unlock(&region->extent_lock);
				*offset = region->data + at * RFORK_EXTENT_BYTES;
				return 0;
			}
			at = blocked + 1;
			cond_resched();
		}
	}
	mutex_unlock(&region->extent_lock);
	return -ENOSPC;
}

/* The extents that hold [@offset, @offset + @bytes) of the region. */
u64 rfork_extents_of(u64 offset, u64 bytes)
{
	u64 first = (offset - rfork_region->data) / RFORK_EXTENT_BYTES;
	u64 last = (offset + bytes - 1 - rfork_region->data) / RFORK_EXTENT_BYTES;

	return RFORK_EXTENTS(first, last - first + 1);
}

/* All that the image has but @kept, RFORK_EXTENTS(). */
u64 rfork_extent_free(u64 image, u64 kept)
{
	u32 owner = lower_32_bits(image);
	u64 i, freed = 0;

	for (i = 0; i < rfork_region->extents; i++) {
		if (i - RFORK_EXTENTS_FIRST(kept) < RFORK_EXTENTS_COUNT(kept))
			continue;
		if (READ_ONCE(rfork_region->extent_owner[i]) == owner && give_back(i, owner))
			freed += RFORK_EXTENT_BYTES;
	}
	rfork_region->extent_hint = 0;
	return freed;
}

u64 rfork_extent_count(u64 image)
{
	u64 i, count = 0;

	for (i = 0; i < rfork_region->extents; i++)
		count += READ_ONCE(rfork_region->extent_owner[i]) == lower_32_bits(image);
	return count;
}

u64 rfork_extent_free_bytes(void)
{
	u64 first, end, i, bytes = 0;

	share(&first, &end);
	for (i = first; i < end; i++)
		bytes += READ_ONCE(rfork_region->extent_owner[i]) ? 0 : RFORK_EXTENT_BYTES;
	return bytes;
}

/* Whether [@offset, @offset + @bytes) lies in extents of @image. */
bool rfork_extent_owned(u64 image, u64 offset, u64 bytes)
{
	struct rfork_region *region = rfork_region;
	u64 i, last;

	if (!bytes || offset < region->data || offset + bytes < offset ||
	    offset + bytes > region->data + region->extents * RFORK_EXTENT_BYTES)
		return false;
	last = (offset + bytes - 1 - region->data) / RFORK_EXTENT_BYTES;
	for (i = (offset - region->data) / RFORK_EXTENT_BYTES; i <= last; i++)
		if (READ_ONCE(region->extent_owner[i]) != lower_32_bits(image))
			return false;
	return true;
}
