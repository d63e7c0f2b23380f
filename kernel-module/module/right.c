// SPDX-License-Identifier: GPL-2.0
/*
 * Rights. A descriptor opened with CAP_SYS_ADMIN does everything, whoever holds it. Narrowed, it
 * restores:
 *
 *   one image       whoever owns it, as a holder of the full right named it
 *   any image       if the caller owns it, or has CAP_SYS_ADMIN itself
 *
 * Narrowing is for good. Not even from any image to one: that would be one the caller may not own.
 */
#include <linux/capability.h>
#include <linux/cred.h>
#include <linux/mutex.h>
#include "right.h"

struct rfork_right *rfork_right_new(void)
{
	struct rfork_right *right = kzalloc(sizeof(*right), GFP_KERNEL);

	if (right)
		mutex_init(&right->lock);
	return right;
}

int rfork_right_restrict(struct rfork_right *right, u64 image, struct rfork_reason *why)
{
	struct rfork_image_ref *ref;
	int error = 0;

	if (image) {
		error = rfork_region_usable(why);
		if (error)
			return error;
		ref = rfork_image_get(image, why);
		if (IS_ERR(ref))
			return PTR_ERR(ref);
		rfork_image_put(ref);
	}
	mutex_lock(&right->lock);
	if (right->restore_only) {
		error = rfork_refuse(why, -EPERM, "this descriptor is restore-only already");
	} else {
		right->image = image;
		right->generation = image ? rfork_region->generation : 0;
		right->restore_only = true;
	}
	mutex_unlock(&right->lock);
	return error;
}

/* The fields beside it do not change any more once this is true. */
bool rfork_right_is_restricted(struct rfork_right *right)
{
	bool restore_only;

	mutex_lock(&right->lock);
	restore_only = right->restore_only;
	mutex_unlock(&right->lock);
	return restore_only;
}

int rfork_right_image(struct rfork_right *right, u64 *only, struct rfork_reason *why)
{
	*only = rfork_right_is_restricted(right) ? right->image : 0;
	/* Image numbers begin anew with each formatting. */
	if (*only && right->generation != rfork_region->generation)
		return rfork_refuse(why, -ESTALE,
				    "this descriptor is for a checkpoint of a region that was formatted since; ask for a new one");
	return 0;
}

static int check_owner(u64 image, struct rfork_reason *why)
{
	struct rfork_image_ref *ref = rfork_image_get(image, why);
	u32 owner;
	int error;

	if (IS_ERR(ref))
		return PTR_ERR(ref);
	/* The owner's number is under the checksum. */
	error = rfork_validate_leaves(ref, NULL, why);
	owner = error ? 0 : rfork_image_header(ref)->uid;
	rfork_image_put(ref);
	if (error || owner == from_kuid(&init_user_ns, current_euid()))
		return error;
	return rfork_refuse(why, -EPERM,
			    "checkpoint %llu belongs to user %u, and this descriptor restores only checkpoints of its holder, user %u",
			    image, owner, from_kuid(&init_user_ns, current_euid()));
}

int rfork_right_restore(struct rfork_right *right, u64 image, struct rfork_reason *why)
{
	u64 only;
	int error = rfork_right_image(right, &only, why);

	if (error || !rfork_right_is_restricted(right))
		return error;
	if (!only)
		return capable(CAP_SYS_ADMIN) ? 0 : check_owner(image, why);
	if (only != image)
		return rfork_refuse(why, -EPERM, "this descriptor restores checkpoint %llu only", only);
	return 0;
}
