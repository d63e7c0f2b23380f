// SPDX-License-Identifier: GPL-2.0
/*
 * The one way by which a node that makes an image writes into the region: it says where, looks
 * whether it still lives, writes.
 *
 *   writer                                   who recovers it
 *   says which extents                       changes the epoch
 *   looks at the epoch: old? writes there    looks at what was said: holds these, frees the others
 *
 * One of them sees the other, however long the writer halts in between.
 */
#include <linux/delay.h>
#include "builder.h"

/* Tests halt a node before such a write, where it would halt by chance once in a thousand times. */
static uint halt_before_write;
module_param(halt_before_write, uint, 0600);
MODULE_PARM_DESC(halt_before_write,
		 "checkpoints wait, once they may write: 1 a page, 2 a leaf, 3 records; for tests");

int rfork_build_write(struct rfork_builder *builder, enum rfork_write what, u64 offset,
		      const void *from, size_t bytes)
{
	if (!rfork_slot_announce(builder->slot, rfork_extents_of(offset, bytes)))
		return rfork_refuse(builder->why, -ESTALE,
				    "this node was recovered by another while it wrote the checkpoint");
	if (READ_ONCE(halt_before_write) == what) {
		pr_notice("process %d halts before it writes at %#llx of the region\n",
			  task_tgid_nr(current), offset);
		while (READ_ONCE(halt_before_write) == what)
			msleep(20);
	}
	rfork_copy_to_region(rfork_at(offset), from, bytes);
	return 0;
}
