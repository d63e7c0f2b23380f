// SPDX-License-Identifier: GPL-2.0
/*
 * The attached leaves of a child: copied to local memory before the kernel changes them, taken out
 * before it frees them.
 *
 *         pmd                         pmd
 *          |     unshare               |
 *          v    -------->              v
 *   [leaf in region]            [local leaf]  same entries
 *      |   |   |                   |   |   |
 *      v   v   v                   v   v   v
 *    pages of the image          pages of the image, then local copies one by one
 */
#include <linux/sched/mm.h>
#include <asm/pgalloc.h>
#include <asm/tlbflush.h>
#include "rfork-module.h"

bool rfork_unshare_hooks = true;
module_param_named(unshare_hooks, rfork_unshare_hooks, bool, 0444);
MODULE_PARM_DESC(unshare_hooks, "0 switches copy-before-change of leaves off: checkpoints get corrupted (for tests)");

/* The first leaf at or after @address. */
u32 rfork_child_first_leaf(const struct rfork_child *child, unsigned long address)
{
	u32 low = 0, high = child->nr_leaves;

	while (low < high) {
		u32 middle = low + (high - low) / 2;

		if (child->leaves[middle] + PMD_SIZE <= address)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/*
 * Leaves for callers that may not reclaim memory: notifiers run under locks that reclaim takes.
 * PF_MEMALLOC makes the allocator use its reserves and never reclaim.
 */
static struct page *alloc_for_unshare(struct mm_struct *mm, bool may_reclaim)
{
	struct page *page;
	unsigned int flags;

	if (may_reclaim)
		return rfork_leaf_alloc(mm, GFP_KERNEL);
	flags = memalloc_noreclaim_save();
	page = rfork_leaf_alloc(mm, GFP_KERNEL | __GFP_NOWARN | __GFP_NOMEMALLOC) ?:
	       rfork_leaf_alloc(mm, GFP_KERNEL | __GFP_NOWARN);
	memalloc_noreclaim_restore(flags);
	return page;
}

static void copy_entries(struct mm_struct *mm, unsigned long address, pmd_t from, struct page *to)
{
	const pte_t *old = (const pte_t *)pmd_page_vaddr(from);
	pte_t *new = page_address(to);
	int i;

	for (i = 0; i < PTRS_PER_PTE; i++) {
		pte_t pte = READ_ONCE(old[i]);

		if (!pte_none(pte))
			set_pte_at(mm, address + i * PAGE_SIZE, &new[i], pte);
	}
}

/* Copies the attached leaf of @address, if there is one, to local memory. */
int rfork_leaf_unshare(struct rfork_child *child, unsigned long address, bool may_reclaim)
{
	struct mm_struct *mm = child->mm;
	unsigned long start = address & PMD_MASK;
	pmd_t *pmd = rfork_pmd(mm, start);
	struct page *page;
	spinlock_t *ptl;
	bool done = false;

	if (!pmd || !rfork_pmd_attached(READ_ONCE(*pmd)))
		return 0;
	page = alloc_for_unshare(mm, may_reclaim);
	if (!page)
		return -ENOMEM;
	ptl = pmd_lock(mm, pmd);
	if (rfork_pmd_attached(*pmd)) {
		copy_entries(mm, start, *pmd, page);
		mm_inc_nr_ptes(mm);
		pmd_populate(mm, pmd, page);
		done = true;
	}
	spin_unlock(ptl);
	if (!done) {
		rfork_leaf_free(page);
		return 0;
	}
	/* Other CPUs may hold the pointer to the shared leaf in their paging-structure caches. */
	rfork_sym.flush_tlb_mm_range(mm, start, start + PMD_SIZE, PAGE_SHIFT, true);
	atomic_dec(&child->shared);
	rfork_count_add(&child->tally, leaves_unshared, 1);
	return 0;
}

/* Those that meet [@start, @end). */
int rfork_leaf_unshare_range(struct rfork_child *child, unsigned long start, unsigned long end)
{
	u32 i;
	int error = 0;

	mmap_assert_locked(child->mm);
	if (!atomic_read(&child->shared))
		return 0;
	for (i = rfork_child_first_leaf(child, start);
	     !error && i < child->nr_leaves && child->leaves[i] < end; i++)
		error = rfork_leaf_unshare(child, child->leaves[i], true);
	return error;
}

/* Before the kernel takes the page tables down: leaves in the region are not its to free. */
void rfork_leaf_detach_all(struct rfork_child *child)
{
	struct mm_struct *mm = child->mm;
	bool any = false;
	u32 i;

	for (i = 0; i < child->nr_leaves; i++) {
		pmd_t *pmd = rfork_pmd(mm, child->leaves[i]);
		spinlock_t *ptl;

		if (!pmd || !rfork_pmd_attached(READ_ONCE(*pmd)))
			continue;
		ptl = pmd_lock(mm, pmd);
		if (rfork_pmd_attached(*pmd)) {
			pmd_clear(pmd);
			any = true;
		}
		spin_unlock(ptl);
	}
	if (any)
		rfork_sym.flush_tlb_mm_range(mm, 0, TLB_FLUSH_ALL, PAGE_SHIFT, true);
	atomic_set(&child->shared, 0);
}
