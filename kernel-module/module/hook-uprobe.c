// SPDX-License-Identifier: GPL-2.0
/*
 * Probes that others (perf, bpftrace) set in a child's code, as breakpoints in a copy of the page.
 *
 * The kernel's replacement of a page that is not anonymous counts it as a file's; a page of the
 * image is neither, and counts nowhere. So it becomes the child's own page first. While the child
 * is made its mappings hold nothing yet that the image brings: probes are set at the end.
 */
#include <linux/uprobes.h>
#include "hooks.h"
#include "restore.h"

#ifdef CONFIG_UPROBES
static int own_page(struct rfork_child *child, unsigned long address)
{
	struct vm_area_struct *vma = find_vma(child->mm, address);
	int moved;

	if (!vma || vma->vm_start > address)
		return 0;
	moved = rfork_leaf_unshare(child, address, true) ?:
		rfork_page_migrate(child, vma, address, RFORK_BY_WRITE);
	return min(moved, 0);
}

int rfork_hook_uprobe_write_opcode(struct arch_uprobe *auprobe, struct mm_struct *mm,
				   unsigned long address, uprobe_opcode_t opcode)
{
	struct rfork_child *child = rfork_child_of(mm);
	int error = 0;

	mmap_assert_locked(mm);
	if (child && READ_ONCE(child->unfinished))
		return 0;
	if (child && rfork_unshare_hooks)
		error = own_page(child, address);
	return error ?: rfork_sym.uprobe_write_opcode(auprobe, mm, address, opcode);
}
#endif

/* The lock keeps whoever registers a probe from finding the child between its two states. */
void rfork_make_probes(struct restore *restore)
{
	struct mm_struct *mm = restore->child->mm;
	struct vm_area_struct *vma;
	VMA_ITERATOR(vmi, mm, 0);

	mmap_write_lock(mm);
	WRITE_ONCE(restore->child->unfinished, false);
#ifdef CONFIG_UPROBES
	/* As after mmap(), a probe that cannot be set is none. */
	for_each_vma(vmi, vma)
		if (vma->vm_file)
			rfork_sym.uprobe_mmap(vma);
#endif
	mmap_write_unlock(mm);
}
