// SPDX-License-Identifier: GPL-2.0
/*
 * Whether images still are what their records say: a look at all that validation looks at, as often
 * as asked.
 *
 * An entry that somebody put into a leaf of the region shows here, whoever it was. On debugging
 * kernels each image is looked at before it is deleted, and those that this node used before its
 * region is detached.
 */
#include "verify.h"

/* @ref: an image that this node found valid. */
static int check_unchanged(const struct rfork_image_ref *ref, struct rfork_verify *arg,
			   struct rfork_reason *why)
{
	const struct rfork_image_header *header = rfork_image_header(ref);
	u64 image = rfork_image_id(ref);
	u64 metadata = READ_ONCE(rfork_region->slots[RFORK_IMAGE_SLOT(image)].metadata);
	bool there = PAGE_ALIGNED(metadata) && rfork_extent_owned(image, metadata, header->bytes);
	int error;

	if (there)
		rfork_invalidate(rfork_at(metadata), header->hints.offset);
	if (!there || memcmp(header, rfork_at(metadata), header->hints.offset))
		return rfork_refuse(why, -EBADMSG,
				    "the records of checkpoint %llu were changed since this node found it valid",
				    image);
	error = rfork_validate_tables(header, image, why);
	if (!error && header->has_data_checksum) {
		error = rfork_validate_data(header, why);
		arg->pages += header->pages.count + header->shared_pages.count;
	}
	arg->images++;
	arg->entries += header->leaves.count * PTRS_PER_PTE;
	return error;
}

static int verify_image(u64 image, struct rfork_verify *arg, struct rfork_reason *why)
{
	struct rfork_image_ref *ref = rfork_image_get(image, why);
	int error;

	if (IS_ERR(ref))
		return PTR_ERR(ref);
	error = rfork_validate_leaves(ref, NULL, why) ?: check_unchanged(ref, arg, why);
	rfork_image_put(ref);
	return error;
}

int rfork_verify(struct rfork_verify *arg, struct rfork_reason *why)
{
	u32 i;
	int error = 0;

	arg->images = arg->entries = arg->pages = 0;
	if (arg->image)
		return verify_image(arg->image, arg, why);
	for (i = 0; !error && i < RFORK_MAX_IMAGES; i++) {
		u64 image = rfork_slot_image(i);

		if (image)
			error = verify_image(image, arg, why);
		/*
		 * Another node deleted it, or only one with another kernel or processor can tell.
		 */
		if (error == -ENOENT || error == -ENOEXEC) {
			error = 0;
			why->text[0] = 0;
		}
	}
	return error;
}

void rfork_verify_for_debugging(const struct rfork_image_ref *ref)
{
	struct rfork_reason why = { };

	/* Where nothing keeps images from being changed, that they are says nothing. */
	if (!IS_ENABLED(CONFIG_DEBUG_VM) || !rfork_unshare_hooks || !rfork_image_header(ref))
		return;
	if (check_unchanged(ref, &(struct rfork_verify){ }, &why) == -EBADMSG)
		pr_err("checkpoint %llu was changed: %s\n", rfork_image_id(ref), why.text);
}
