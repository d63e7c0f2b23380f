// SPDX-License-Identifier: GPL-2.0
/*
 * Faults of a child: the entry is made one the kernel can handle, and pages of the image are
 * copied.
 */
#include "hooks.h"
#include "trace.h"

static void deferred_window(struct rfork_child *child, struct vm_area_struct *vma,
			    unsigned long address)
{
	/* The fault may hold the lock of its mapping only: no other is looked into. */
	unsigned long end = min(vma->vm_end, address + child->window_pages * PAGE_SIZE);

	for (address += PAGE_SIZE; address < end; address += PAGE_SIZE) {
		pmd_t *pmd = rfork_pmd(vma->vm_mm, address);
		spinlock_t *ptl;
		pte_t *ptep = pmd ? rfork_leaf_lock(vma->vm_mm, pmd, address, &ptl) : NULL;
		bool deferred = ptep && rfork_page_deferred(*ptep);

		if (ptep)
			spin_unlock(ptl);
		if (deferred && rfork_page_migrate(child, vma, address, RFORK_BY_PREFETCH) < 0)
			return;
	}
}

/* Makes the entry of a faulting address one the kernel can handle. Negative: no memory. */
static int before_fault(struct rfork_child *child, struct vm_area_struct *vma,
			unsigned long address, unsigned int flags)
{
	bool write = flags & (FAULT_FLAG_WRITE | FAULT_FLAG_UNSHARE), deferred;
	pmd_t *pmd = rfork_pmd(vma->vm_mm, address);
	spinlock_t *ptl;
	pte_t *ptep, pte;
	int moved;

	if (!pmd)
		return 0;
	ptep = rfork_leaf_lock(vma->vm_mm, pmd, address, &ptl);
	if (!ptep)
		return 0;
	pte = *ptep;
	spin_unlock(ptl);
	if (rfork_pmd_attached(READ_ONCE(*pmd))) {
		if (pte_present(pte) && !write)
			return 0;
		if (rfork_leaf_unshare(child, address, true))
			return -ENOMEM;
	}
	if (!rfork_pte_is_ours(pte))
		return 0;
	/*
	 * In memory nobody may access all entries look so; a debugger's write comes here all the
	 * same.
	 */
	deferred = vma_is_accessible(vma) && rfork_page_deferred(pte);
	if (!write && !deferred)
		return 0;
	moved = rfork_page_migrate(child, vma, address, write ? RFORK_BY_WRITE : RFORK_BY_ACCESS);
	if (moved <= 0)
		return moved;
	if (deferred)
		rfork_count_add(&child->tally, migration_faults, 1);
	else
		rfork_count_add(&child->tally, cow_faults, 1);
	if (!current->mm || current->mm != vma->vm_mm)
		rfork_count_add(&child->tally, remote_faults, 1);
	trace_rfork_migrate(rfork_image_id(child->image), address, write, deferred);
	if (deferred && child->window_pages > 1)
		deferred_window(child, vma, address & PAGE_MASK);
	return 0;
}

vm_fault_t rfork_hook_handle_mm_fault(struct vm_area_struct *vma, unsigned long address,
				      unsigned int flags, struct pt_regs *regs)
{
	struct rfork_child *child = rfork_child_of(vma->vm_mm);

	if (child && rfork_unshare_hooks) {
		rfork_count_add(&child->tally, faults, 1);
		if (before_fault(child, vma, address, flags) < 0)
			return VM_FAULT_OOM;
	}
	return handle_mm_fault(vma, address, flags, regs);
}
