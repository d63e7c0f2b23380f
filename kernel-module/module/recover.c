// SPDX-License-Identifier: GPL-2.0
/* Taking back what a dead node held. */
#include "halt.h"
#include "slot.h"

/*
 * Two may recover a node at once, one of them may halt in the middle, and the node attach anew
 * before it goes on. So whatever is taken says of which epoch it is, and is taken by a change from
 * what it was: each thing by one of them, and none of the node that attached since.
 */
static void drop_count(struct rfork_ref *ref, u64 epoch, struct rfork_recover *report)
{
	u64 count;

	rfork_invalidate(ref, sizeof(*ref));
	count = READ_ONCE(ref->count);
	if (count && RFORK_COUNT_EPOCH(count) <= epoch && rfork_word_change(&ref->count, count, 0))
		report->refs_dropped++;
}

static void drop_slot(u32 i, u32 dead, u64 epoch, struct rfork_recover *report)
{
	struct rfork_slot *slot = rfork_slot_of(i);
	u64 word = rfork_slot_read(slot), image = rfork_slot_holds(i), held;

	if (RFORK_WORD_OWNER(word) != dead || RFORK_WORD_EPOCH(word) > epoch)
		return;
	held = RFORK_WORD(RFORK_HELD, dead, RFORK_WORD_EPOCH(word));
	switch (RFORK_WORD_STATE(word)) {
	case RFORK_BUILDING:
		/* The owner stays, who lets it go. Not if it has committed just now. */
		if (!rfork_slot_change(slot, word, held))
			break;
		report->images_freed++;
		fallthrough;
	case RFORK_HELD:
		/* The number is read before; if it is a later image's, so is the word. */
		if (rfork_slot_read(slot) != held)
			break;
		rfork_halt(RFORK_HALT_FREEING);
		report->bytes_freed +=
			rfork_extent_free(image, READ_ONCE(slot->refs[dead].writing));
		report->bytes_held += rfork_extent_count(image) * RFORK_EXTENT_BYTES;
		break;
	case RFORK_DELETING:
		/* Nothing is gone yet. */
		rfork_slot_change(slot, word, rfork_slot_word(RFORK_COMMITTED));
		break;
	case RFORK_FREE:
	case RFORK_COMMITTED:
		break;
	}
}

/*
 * The epoch changes first, so that the node stops if it lives. What it may be writing until it finds
 * out is held, not freed.
 */
void rfork_node_drop(u32 dead, struct rfork_recover *report)
{
	struct rfork_node *node = &rfork_region->node_table[dead];
	u64 epoch = READ_ONCE(node->epoch), attached = READ_ONCE(node->attached);
	u32 i;

	rfork_word_change(&node->epoch, epoch, epoch + 1);
	if (attached && attached <= epoch)
		rfork_word_change(&node->attached, attached, 0);
	rfork_publish(node, sizeof(*node));
	/*
	 * The new epoch stands before its slots are looked at: the node may live, and commit one.
	 */
	mb();
	for (i = 0; i < RFORK_MAX_IMAGES; i++) {
		rfork_halt(RFORK_HALT_RECOVERY);
		drop_count(&rfork_slot_of(i)->refs[dead], epoch, report);
		drop_slot(i, dead, epoch, report);
	}
}

static int may_recover(const struct rfork_recover *arg, const struct rfork_node *node,
		       struct rfork_reason *why)
{
	if (arg->head.flags & RFORK_RECOVER_FENCED)
		return 0;
	if (memcmp(arg->machine_id, node->machine_id, RFORK_ID_BYTES) ||
	    !memchr_inv(arg->machine_id, 0, RFORK_ID_BYTES))
		return rfork_refuse(why, -EPERM,
				    "node %u may still run: say --fenced when it cannot, or recover it from its own machine",
				    arg->node);
	if (!memcmp(arg->boot_id, node->boot_id, RFORK_ID_BYTES))
		return rfork_refuse(why, -EPERM,
				    "node %u is this very boot; it is not dead", arg->node);
	return 0;
}

int rfork_node_recover(struct rfork_recover *arg, struct rfork_reason *why)
{
	struct rfork_region *region = rfork_region;
	struct rfork_node *node;
	int error;

	if (!region || !region->formatted)
		return rfork_refuse(why, -ENODEV, "no formatted region is attached");
	if (arg->reserved)
		return rfork_refuse(why, -EINVAL, "the reserved field is %u; it must be 0",
				    arg->reserved);
	if (arg->node >= region->nodes)
		return rfork_refuse(why, -EINVAL, "node %u; the region has %u", arg->node,
				    region->nodes);
	node = &region->node_table[arg->node];
	rfork_invalidate(node, sizeof(*node));
	if (arg->node == region->node)
		return rfork_refuse(why, -EINVAL, "node %u is this node", arg->node);
	error = may_recover(arg, node, why);
	if (error)
		return error;
	rfork_node_drop(arg->node, arg);
	return 0;
}
