// SPDX-License-Identifier: GPL-2.0
/* The user's hot hint on pages of an image. */
#include "rfork-module.h"

int rfork_hint(struct rfork_hint *arg, struct rfork_reason *why)
{
	struct rfork_image_ref *ref;
	const struct rfork_image_header *header;
	const struct rfork_leaf *leaves;
	const u64 *records;
	u8 *hints;
	u64 i, p;
	int error;

	if (arg->hot > 1)
		return rfork_refuse(why, -EINVAL, "the hint is %u; it must be 0 or 1", arg->hot);
	if (arg->start >= arg->end)
		return rfork_refuse(why, -EINVAL, "[%#llx, %#llx) is empty", arg->start, arg->end);
	if (arg->reserved)
		return rfork_refuse(why, -EINVAL, "the reserved field is %u; it must be 0",
				    arg->reserved);
	ref = rfork_image_get(arg->image, why);
	if (IS_ERR(ref))
		return PTR_ERR(ref);
	error = rfork_validate_leaves(ref, NULL, why);
	if (error)
		goto put;
	header = rfork_image_header(ref);
	leaves = rfork_section(header, &header->leaves);
	records = rfork_section(header, &header->pages);
	hints = rfork_image_hints(ref);
	arg->count = 0;
	for (i = 0; i < header->leaves.count; i++) {
		for (p = leaves[i].first_page; p < leaves[i].first_page + leaves[i].pages; p++) {
			u64 address = leaves[i].address +
				      (u64)RFORK_RECORD_INDEX(records[p]) * PAGE_SIZE;

			if (address < arg->start || address >= arg->end)
				continue;
			WRITE_ONCE(hints[p], arg->hot);
			arg->count++;
		}
		cond_resched();
	}
	rfork_publish(hints, header->hints.count);
put:
	rfork_image_put(ref);
	return error;
}
