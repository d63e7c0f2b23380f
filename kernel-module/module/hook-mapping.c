// SPDX-License-Identifier: GPL-2.0
/* Mappings of a child that are made, moved, extended, copied by fork or taken down. */
#include "hooks.h"
#include "trace.h"

int rfork_hook_copy_page_range(struct vm_area_struct *dst, struct vm_area_struct *src)
{
	struct rfork_child *parent = rfork_child_of(src->vm_mm), *child;

	if (parent && !rfork_child_of(dst->vm_mm)) {
		child = rfork_child_new(dst->vm_mm, parent->image, 0);
		if (!child)
			return -ENOMEM;
		child->window_pages = parent->window_pages;
		rfork_image_hold(parent->image);
		rfork_child_publish(child);
		rfork_count_add(&parent->tally, children_forked, 1);
	}
	return rfork_sym.copy_page_range(dst, src);
}

struct vm_area_struct *rfork_hook_copy_vma(struct vm_area_struct **vmap, unsigned long address,
					   unsigned long bytes, pgoff_t pgoff, bool *need_rmap,
					   bool keep_source)
{
	struct rfork_child *child = rfork_child_of((*vmap)->vm_mm);

	if (child && rfork_unshare_hooks &&
	    rfork_leaf_unshare_range(child, address, address + bytes))
		return NULL;
	return rfork_sym.copy_vma(vmap, address, bytes, pgoff, need_rmap, keep_source);
}

/*
 * The kernel extends no VM_MIXEDMAP mapping, so mremap() would fail where the program's own would
 * have grown. The flag is set again before anybody can see it missing: the mmap lock is held for
 * writing.
 */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 11, 0)
struct vm_area_struct *rfork_hook_extend(struct mm_struct *mm, struct vm_area_struct *prev,
		unsigned long start, unsigned long end, unsigned long vm_flags,
		struct anon_vma *anon_vma, struct file *file, pgoff_t pgoff,
		struct mempolicy *policy, struct vm_userfaultfd_ctx ctx,
		struct anon_vma_name *anon_name)
{
	struct vm_area_struct *merged, *next = find_vma(mm, start);
	bool extends = prev && prev->vm_end == start && prev->vm_flags == vm_flags &&
		       vm_flags & VM_MIXEDMAP && (!next || next->vm_start >= end);

	if (extends) {
		prev->vm_flags &= ~VM_MIXEDMAP;
		vm_flags &= ~VM_MIXEDMAP;
	}
	merged = rfork_sym.extend(mm, prev, start, end, vm_flags, anon_vma, file, pgoff, policy,
				  ctx, anon_name);
	if (extends)
		(merged ?: prev)->vm_flags |= VM_MIXEDMAP;
	return merged;
}
#else
struct vm_area_struct *rfork_hook_extend(struct vma_iterator *vmi, struct vm_area_struct *vma,
					 unsigned long delta)
{
	bool mixed = vma->vm_flags & VM_MIXEDMAP;
	struct vm_area_struct *merged;

	if (mixed)
		vm_flags_clear(vma, VM_MIXEDMAP);
	merged = rfork_sym.extend(vmi, vma, delta);
	if (mixed)
		vm_flags_set(merged ?: vma, VM_MIXEDMAP);
	return merged;
}
#endif

unsigned long rfork_hook_mmap_region(struct file *file, unsigned long address, unsigned long bytes,
				     vm_flags_t vm_flags, unsigned long pgoff, struct list_head *uf)
{
	struct rfork_child *child = rfork_child_of(current->mm);

	if (child && rfork_unshare_hooks &&
	    rfork_leaf_unshare_range(child, address, address + bytes))
		return -ENOMEM;
	return rfork_sym.mmap_region(file, address, bytes, vm_flags, pgoff, uf);
}

void rfork_hook_exit_mmap(struct mm_struct *mm)
{
	struct rfork_child *child = rfork_child_of(mm);
	u64 image = 0;

	if (child) {
		image = rfork_image_id(child->image);
		rfork_child_leave(child);
	}
	rfork_sym.exit_mmap(mm);
	if (child) {
		trace_rfork_exit(image, atomic64_read(&child->tally.value[
					RFORK_COUNT_INDEX(pages_copied)]));
		rfork_child_remove(child);
		module_put(THIS_MODULE);
	}
}
