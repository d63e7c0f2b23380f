// SPDX-License-Identifier: GPL-2.0
/* Taking back what a dead node held. */
#include "slot.h"

/*
 * The epoch changes first, so that the node stops if it lives. What it may be writing until it finds
 * out is held, not freed.
 */
void rfork_node_drop(u32 dead, struct rfork_recover *report)
{
	struct rfork_region *region = rfork_region;
	struct rfork_node *node = &region->node_table[dead];
	u64 count;
	u32 i;

	/* Two may recover it at once: what one has changed, the other leaves alone. */
	count = READ_ONCE(node->epoch);
	cmpxchg(&node->epoch, count, count + 1);
	WRITE_ONCE(node->attached, 0);
	rfork_publish(node, sizeof(*node));
	/*
	 * The new epoch stands before its slots are looked at: the node may live, and commit one.
	 */
	mb();
	for (i = 0; i < RFORK_MAX_IMAGES; i++) {
		struct rfork_slot *slot = &region->slots[i];
		u64 word = rfork_slot_read(slot);

		rfork_invalidate(&slot->refs[dead], sizeof(struct rfork_ref));
		if (slot->refs[dead].count) {
			slot->refs[dead].count = 0;
			rfork_publish(&slot->refs[dead], sizeof(struct rfork_ref));
			report->refs_dropped++;
		}
		if (RFORK_WORD_OWNER(word) != dead)
			continue;
		switch (RFORK_WORD_STATE(word)) {
		case RFORK_BUILDING:
			/* The owner stays, who lets it go. Not if it has committed just now. */
			if (!rfork_slot_change(slot, word,
					       RFORK_WORD(RFORK_HELD, dead, RFORK_WORD_EPOCH(word))))
				break;
			report->images_freed++;
			fallthrough;
		case RFORK_HELD:
			report->bytes_freed +=
				rfork_extent_free_slot(i, READ_ONCE(slot->refs[dead].writing));
			report->bytes_held += rfork_extent_count_slot(i) * RFORK_EXTENT_BYTES;
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
