// SPDX-License-Identifier: GPL-2.0
/*
 * Memory of the region that is found bad: whoever uses the image it belongs to ends on this node.
 * Another node that meets it is told by its own hardware.
 */
#include "rfork-module.h"

static int region_memory_failed(struct dev_pagemap *pgmap, unsigned long pfn, unsigned long pages,
				int flags)
{
	const struct rfork_region *region = container_of(pgmap, struct rfork_region, pgmap);
	u64 offset = PFN_PHYS(pfn) - region->base;
	u64 extent;
	u32 owner = 0;

	/* Keeps the region's tables, which the memory may be of. */
	mutex_lock(&rfork_region_life);
	if (rfork_region == region && region->formatted && offset >= region->data &&
	    offset < region->data + region->extents * RFORK_EXTENT_BYTES) {
		extent = (offset - region->data) / RFORK_EXTENT_BYTES;
		owner = READ_ONCE(region->extent_owner[extent]);
	}
	if (owner) {
		pr_err("memory error at %#llx, in checkpoint %u: its children are killed; delete it\n",
		       PFN_PHYS(pfn), owner);
		rfork_children_kill_slot(RFORK_IMAGE_SLOT(owner));
	} else {
		pr_err("memory error at %#llx, in no checkpoint; detach the region and leave that memory out\n",
		       PFN_PHYS(pfn));
	}
	mutex_unlock(&rfork_region_life);
	return 0;
}

const struct dev_pagemap_ops rfork_pagemap_ops = {
	.memory_failure = region_memory_failed,
};
