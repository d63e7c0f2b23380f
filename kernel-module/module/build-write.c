// SPDX-License-Identifier: GPL-2.0
/*
 * The one way by which a node that makes an image writes into the region, and its pages: it says
 * where, looks whether it still lives, writes.
 *
 *   writer                                   who recovers it
 *   says which extents                       changes the epoch
 *   looks at the epoch: old? writes there    looks at what was said: holds these, frees the others
 *
 * One of them sees the other, however long the writer halts in between.
 */
#include <linux/xxhash.h>
#include "builder.h"

int rfork_build_write(struct rfork_builder *builder, enum rfork_halt what, u64 offset,
		      const void *from, size_t bytes)
{
	if (!rfork_slot_announce(builder->slot, rfork_extents_of(offset, bytes)))
		return rfork_refuse(builder->why, -ESTALE,
				    "this node was recovered by another while it wrote the checkpoint");
	rfork_halt(what);
	rfork_copy_to_region(rfork_at(offset), from, bytes);
	return 0;
}

int rfork_build_alloc(struct rfork_builder *builder, u64 *offset)
{
	int error;

	if (!builder->extent || builder->extent_used == RFORK_EXTENT_BYTES) {
		error = rfork_extent_alloc(builder->image, 1, &builder->extent);
		if (error)
			return rfork_refuse(builder->why, error,
					    "the region is full after %llu pages; delete a checkpoint",
					    builder->pages.count);
		builder->extent_used = 0;
	}
	*offset = builder->extent + builder->extent_used;
	builder->extent_used += PAGE_SIZE;
	return 0;
}

int rfork_build_page(struct rfork_builder *builder, const void *from, u64 *offset)
{
	int error = rfork_build_alloc(builder, offset);

	if (error)
		return error;
	if (builder->checksum_data) {
		/*
		 * Non-temporal stores write what was summed, even if somebody changes the page now.
		 */
		memcpy(builder->bounce, from, PAGE_SIZE);
		from = builder->bounce;
		builder->data_checksum = xxh64(from, PAGE_SIZE, builder->data_checksum);
	}
	error = rfork_build_write(builder, RFORK_HALT_PAGE, *offset, from, PAGE_SIZE);
	if (!error)
		rfork_count_add(NULL, pages_checkpointed, 1);
	return error;
}
