// SPDX-License-Identifier: GPL-2.0
/*
 * The files mapped in a leaf's range, locked against truncation while the leaf is attached.
 *
 * A truncation takes entries out of whatever maps the file, under the lock of the file's mappings
 * and without the mmap lock. One that began before would go on in the leaf that comes in between,
 * and that is the image's.
 */
#include <linux/fs.h>
#include "rfork-module.h"

void rfork_mappings_unlock(struct rfork_mapping_locks *locks)
{
	while (locks->count)
		i_mmap_unlock_write(locks->mappings[--locks->count]);
}

static bool is_locked(const struct rfork_mapping_locks *locks, const struct address_space *mapping)
{
	u32 i;

	for (i = 0; i < locks->count; i++)
		if (locks->mappings[i] == mapping)
			return true;
	return false;
}

/* By what the range maps, not by what was locked: on debugging kernels a word of the log tells. */
void rfork_mappings_assert_locked(struct mm_struct *mm, unsigned long start, unsigned long end)
{
	struct vm_area_struct *vma;
	VMA_ITERATOR(vmi, mm, start);

	if (!IS_ENABLED(CONFIG_LOCKDEP))
		return;
	for_each_vma_range(vmi, vma, end)
		if (vma->vm_file)
			i_mmap_assert_write_locked(vma->vm_file->f_mapping);
}

/* NULL if all are locked, otherwise none, and one that was not free. */
static struct address_space *try_lock(struct rfork_mapping_locks *locks, struct mm_struct *mm,
				      unsigned long start, unsigned long end)
{
	struct vm_area_struct *vma;
	VMA_ITERATOR(vmi, mm, start);

	for_each_vma_range(vmi, vma, end) {
		struct address_space *mapping = vma->vm_file ? vma->vm_file->f_mapping : NULL;

		if (!mapping || is_locked(locks, mapping))
			continue;
		if (WARN_ON_ONCE(locks->count == RFORK_MAX_LEAF_FILES))
			break;
		if (!i_mmap_trylock_write(mapping)) {
			rfork_mappings_unlock(locks);
			return mapping;
		}
		locks->mappings[locks->count++] = mapping;
	}
	return NULL;
}

/*
 * Of [@start, @end). No memory may be allocated until they are unlocked: reclaim takes such locks.
 */
void rfork_mappings_lock(struct rfork_mapping_locks *locks, struct mm_struct *mm,
			 unsigned long start, unsigned long end)
{
	struct address_space *busy;

	/* Keeps the VMAs, and they their files. */
	mmap_assert_write_locked(mm);
	locks->count = 0;
	while ((busy = try_lock(locks, mm, start, end))) {
		/* There is no order among files, so the one that is taken is waited for alone. */
		i_mmap_lock_write(busy);
		i_mmap_unlock_write(busy);
	}
}
