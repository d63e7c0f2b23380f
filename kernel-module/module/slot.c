// SPDX-License-Identifier: GPL-2.0
/*
 * The life of an image in its slot.
 *
 *   FREE --claim--> BUILDING --commit--> COMMITTED --claim--> DELETING --no refs--> HELD --> FREE
 *                      | abort, recover: HELD                    | refs, recover: back to COMMITTED
 *
 * HELD is the owner's alone: it gives the extents back, and then the slot. Where the owner was
 * recovered it may be in the middle of that, or of a copy into the image it was making, and go on
 * with it at any time. So what it may touch stays held until it attaches anew.
 */
#include "slot.h"

struct rfork_slot *rfork_slot_of(u32 slot)
{
	return &rfork_region->slots[slot];
}

/*
 * Whether this node may change the slot's word: with software coherence each slot has one writer.
 */
bool rfork_slot_may_write(u32 slot)
{
	return !rfork_region->software || slot % rfork_region->nodes == rfork_region->node;
}

u64 rfork_slot_read(struct rfork_slot *slot)
{
	rfork_invalidate(slot, RFORK_LINE);
	/* What the word says is there, is there. */
	return smp_load_acquire(&slot->word);
}

/* Of the region, from @from; with software coherence by whoever alone may write its line. */
bool rfork_word_change(u64 *word, u64 from, u64 to)
{
	if (rfork_region->software) {
		if (READ_ONCE(*word) != from)
			return false;
		/* As cmpxchg() has it below: all that was written before. */
		smp_store_release(word, to);
		rfork_publish(word, sizeof(*word));
		return true;
	}
	return cmpxchg(word, from, to) == from;
}

bool rfork_slot_change(struct rfork_slot *slot, u64 from, u64 to)
{
	return rfork_word_change(&slot->word, from, to);
}

u64 rfork_slot_word(enum rfork_state state)
{
	return RFORK_WORD(state, rfork_region->node, rfork_region->epoch);
}

void rfork_slot_set(struct rfork_slot *slot, enum rfork_state state)
{
	/* After all that leads to the state. */
	smp_store_release(&slot->word, rfork_slot_word(state));
	rfork_publish(slot, RFORK_LINE);
}

bool rfork_slot_is_committed(u32 i, u64 image)
{
	struct rfork_slot *slot = rfork_slot_of(i);

	return RFORK_WORD_STATE(rfork_slot_read(slot)) == RFORK_COMMITTED &&
	       slot->serial == RFORK_IMAGE_SERIAL(image);
}

/* The number of the image that the slot has, or had last. */
u64 rfork_slot_holds(u32 i)
{
	return RFORK_IMAGE_ID(READ_ONCE(rfork_slot_of(i)->serial), i);
}

/* The committed image in the slot, or 0. */
u64 rfork_slot_image(u32 i)
{
	struct rfork_slot *slot = rfork_slot_of(i);

	return RFORK_WORD_STATE(rfork_slot_read(slot)) == RFORK_COMMITTED ?
	       RFORK_IMAGE_ID(slot->serial, i) : 0;
}

void rfork_slot_set_count(u32 i, u64 count)
{
	struct rfork_ref *ref = &rfork_slot_of(i)->refs[rfork_region->node];

	WRITE_ONCE(ref->count, count ? RFORK_COUNT(count, rfork_region->epoch) : 0);
	rfork_publish(ref, sizeof(*ref));
	/* The count before the state is looked at; a deleter has it the other way round. */
	mb();
}

static void set_writing(u32 i, u64 extents)
{
	struct rfork_ref *ref = &rfork_slot_of(i)->refs[rfork_region->node];

	if (READ_ONCE(ref->writing) == extents)
		return;
	/* What was written to the ones before is there: non-temporal stores, too. */
	wmb();
	WRITE_ONCE(ref->writing, extents);
	rfork_publish(ref, sizeof(*ref));
	/* Said before the epoch is looked at; who recovers has it the other way round. */
	mb();
}

/*
 * Says which extents are written next, so that whoever recovers this node leaves them alone. False
 * once it was recovered: then nothing may be written.
 */
bool rfork_slot_announce(u32 i, u64 extents)
{
	set_writing(i, extents);
	return rfork_node_lives();
}

/* A node whose count is not 0, and the count; or RFORK_MAX_NODES. */
u32 rfork_slot_user(struct rfork_slot *slot, u64 *count)
{
	u32 node;

	for (node = 0; node < RFORK_MAX_NODES; node++) {
		rfork_invalidate(&slot->refs[node], sizeof(slot->refs[node]));
		*count = RFORK_COUNT_USERS(READ_ONCE(slot->refs[node].count));
		if (*count)
			return node;
	}
	return RFORK_MAX_NODES;
}

int rfork_slot_begin(u32 *out, u64 *image, struct rfork_reason *why)
{
	u32 i;

	for (i = 0; i < RFORK_MAX_IMAGES; i++) {
		struct rfork_slot *slot = rfork_slot_of(i);
		u64 word;

		if (!rfork_slot_may_write(i))
			continue;
		word = rfork_slot_read(slot);
		if (RFORK_WORD_STATE(word) != RFORK_FREE ||
		    !rfork_slot_change(slot, word, rfork_slot_word(RFORK_BUILDING)))
			continue;
		slot->serial++;
		slot->metadata = 0;
		slot->metadata_bytes = 0;
		rfork_publish(slot, RFORK_LINE);
		*out = i;
		*image = RFORK_IMAGE_ID(slot->serial, i);
		return 0;
	}
	return rfork_refuse(why, -ENOSPC, "all slots of checkpoints this node may use are taken; delete a checkpoint");
}

/*
 * The commit record: everything else of the image is in memory before the state is. False when this
 * node was recovered meanwhile: the slot is not its own any more.
 */
bool rfork_slot_commit(u32 i, u64 metadata, u64 bytes)
{
	struct rfork_slot *slot = rfork_slot_of(i);
	bool ours = rfork_slot_read(slot) == rfork_slot_word(RFORK_BUILDING);

	if (ours) {
		set_writing(i, 0);
		slot->metadata = metadata;
		slot->metadata_bytes = bytes;
		rfork_publish(slot, RFORK_LINE);
		/* All of the image before the word that commits it. */
		wmb();
		ours = rfork_slot_change(slot, rfork_slot_word(RFORK_BUILDING),
					 rfork_slot_word(RFORK_COMMITTED));
		rfork_publish(slot, RFORK_LINE);
	}
	return ours;
}

/* Frees the slot, whose word is @word, and its extents; returns how many bytes. */
u64 rfork_slot_give_up(u32 i, u64 word)
{
	struct rfork_slot *slot = rfork_slot_of(i);
	u64 freed;

	/* After a recovery it is not this node's to free. */
	if (!rfork_slot_change(slot, word, rfork_slot_word(RFORK_HELD)))
		return 0;
	freed = rfork_extent_free(rfork_slot_holds(i), 0);
	rfork_slot_change(slot, rfork_slot_word(RFORK_HELD), rfork_slot_word(RFORK_FREE));
	return freed;
}

void rfork_slot_abort(u32 i)
{
	rfork_slot_give_up(i, rfork_slot_word(RFORK_BUILDING));
}

/* What this node left held when it was recovered. It has attached anew: nothing goes on with it. */
void rfork_slots_let_go(void)
{
	u32 i;

	for (i = 0; i < RFORK_MAX_IMAGES; i++) {
		u64 word = rfork_slot_read(rfork_slot_of(i));

		if (RFORK_WORD_STATE(word) == RFORK_HELD &&
		    RFORK_WORD_OWNER(word) == rfork_region->node)
			rfork_slot_give_up(i, word);
	}
}
