// SPDX-License-Identifier: GPL-2.0
/*
 * The struct pages of page-table leaves: what makes a page one, for the kernel's walkers and for
 * its freeing.
 *
 *   local leaves        made and freed like the kernel's own
 *   leaves in the region  each node's struct page gets a lock when the node attaches the leaf first
 */
#include <linux/kmemleak.h>
#include <linux/sched/mm.h>
#include <asm/pgalloc.h>
#include "rfork-module.h"

/*
 * What makes a page a leaf of a process that the kernel can free: its lock and its statistics. With
 * lockdep the lock does not fit into the struct page, and the kernel's inline functions that
 * allocate it use what is not exported.
 */
#if ALLOC_SPLIT_PTLOCKS
static bool leaf_ctor(struct page *page)
{
	if (!rfork_sym.ptlock_alloc(page_ptdesc(page)))
		return false;
	spin_lock_init(page_ptdesc(page)->ptl);
	__SetPageTable(page);
	mod_lruvec_page_state(page, NR_PAGETABLE, 1);
	return true;
}

static void leaf_dtor(struct page *page)
{
	rfork_sym.ptlock_free(page_ptdesc(page));
	__ClearPageTable(page);
	mod_lruvec_page_state(page, NR_PAGETABLE, -1);
}
#else
static bool leaf_ctor(struct page *page)
{
	return pagetable_pte_ctor(page_ptdesc(page));
}

static void leaf_dtor(struct page *page)
{
	pagetable_pte_dtor(page_ptdesc(page));
}
#endif

struct page *rfork_leaf_alloc(struct mm_struct *mm, gfp_t gfp)
{
	struct page *page = alloc_page(gfp | __GFP_ZERO | __GFP_ACCOUNT);

	if (page && !leaf_ctor(page)) {
		__free_page(page);
		return NULL;
	}
	return page;
}

void rfork_leaf_free(struct page *page)
{
	leaf_dtor(page);
	__free_page(page);
}

/* A filled leaf that was never installed. */
void rfork_leaf_free_unused(struct page *page)
{
	pte_t *table = page_address(page);
	int i;

	for (i = 0; i < PTRS_PER_PTE; i++)
		if (!pte_none(table[i]))
			ptep_get_and_clear(current->mm, 0, &table[i]);
	rfork_leaf_free(page);
}

static DEFINE_MUTEX(ready_lock);

/* This node's struct page of a leaf gets a lock; it stays until the region is detached. */
static int make_ready(u64 table)
{
	struct page *page = pfn_to_page(PHYS_PFN(rfork_region->base + table));

	if (test_bit(PHYS_PFN(table), rfork_region->leaf_ready))
		return 0;
#if ALLOC_SPLIT_PTLOCKS
	{
		spinlock_t *lock = kmalloc(sizeof(*lock), GFP_KERNEL);

		if (!lock)
			return -ENOMEM;
		spin_lock_init(lock);
		/* Only the struct page points at it. */
		kmemleak_not_leak(lock);
		page_ptdesc(page)->ptl = lock;
	}
#else
	spin_lock_init(&page_ptdesc(page)->ptl);
#endif
	set_bit(PHYS_PFN(table), rfork_region->leaf_ready);
	return 0;
}

int rfork_leaf_make_ready(u64 table)
{
	int error;

	mutex_lock(&ready_lock);
	error = make_ready(table);
	mutex_unlock(&ready_lock);
	return error;
}

void rfork_leaf_exit(void)
{
#if ALLOC_SPLIT_PTLOCKS
	unsigned long index;

	for_each_set_bit(index, rfork_region->leaf_ready, rfork_region->bytes / PAGE_SIZE) {
		struct page *page = pfn_to_page(PHYS_PFN(rfork_region->base) + index);

		kfree(page_ptdesc(page)->ptl);
		page_ptdesc(page)->ptl = NULL;
	}
#endif
	bitmap_zero(rfork_region->leaf_ready, rfork_region->bytes / PAGE_SIZE);
}
