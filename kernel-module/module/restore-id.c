// SPDX-License-Identifier: GPL-2.0
/*
 * The restore id: bytes by which a program tells that it runs as another child.
 *
 * Each program has 16 random bytes at getauxval(AT_RANDOM), which C libraries read once when they
 * start. The parent's would be every child's; each child gets its own, without a descriptor of the
 * device, a system call or /proc.
 */
#include <linux/auxvec.h>
#include <linux/random.h>
#include <linux/uaccess.h>
#include "restore.h"

static u64 auxv_value(const struct rfork_image_header *header, u64 type)
{
	size_t i;

	for (i = 0; i + 1 < ARRAY_SIZE(header->auxv) && header->auxv[i] != AT_NULL; i += 2)
		if (header->auxv[i] == type)
			return header->auxv[i + 1];
	return 0;
}

static bool is_writable(unsigned long address)
{
	struct vm_area_struct *vma;
	bool writable;

	mmap_read_lock(current->mm);
	vma = find_vma(current->mm, address);
	writable = vma && vma->vm_start <= address && vma->vm_flags & VM_WRITE;
	mmap_read_unlock(current->mm);
	return writable;
}

/* Zeros in @id where the program has given that place away; it cannot look there either. */
int rfork_restore_id_put(const struct rfork_image_header *header, u8 id[RFORK_ID_BYTES],
			 struct rfork_reason *why)
{
	u64 place = auxv_value(header, AT_RANDOM);

	get_random_bytes(id, RFORK_ID_BYTES);
	if (place && !copy_to_user(u64_to_user_ptr(place), id, RFORK_ID_BYTES))
		return 0;
	memset(id, 0, RFORK_ID_BYTES);
	/* A child that takes itself for its parent would use the parent's secrets again. */
	if (place && is_writable(place))
		return rfork_refuse(why, -ENOMEM, "the restore id cannot be written");
	return 0;
}
