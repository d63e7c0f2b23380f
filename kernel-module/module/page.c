// SPDX-License-Identifier: GPL-2.0
/*
 * One page from the image into local memory.
 *
 * The module copies the page itself instead of letting the kernel's copy-on-write do it: that reads
 * a page without struct page semantics through the current address space, which is the wrong one
 * for a debugger's write, and faults twice when the hardware sets the A bit in between.
 */
#include <linux/highmem.h>
#include <linux/memcontrol.h>
#include <linux/mmu_notifier.h>
#include <linux/rmap.h>
#include <linux/swap.h>
#include <asm/tlbflush.h>
#include "rfork-module.h"

/* A page of the image that waits for its first access. */
bool rfork_page_deferred(pte_t pte)
{
	return rfork_pte_is_ours(pte) && !(pte_flags(pte) & _PAGE_PRESENT);
}

static struct folio *copy_from_image(struct vm_area_struct *vma, unsigned long address, pte_t pte)
{
	struct folio *folio = vma_alloc_folio(GFP_HIGHUSER_MOVABLE, 0, vma, address, false);
	u64 offset = PFN_PHYS(pte_pfn(pte)) - rfork_region->base;
	void *to;

	if (!folio)
		return NULL;
	if (!mem_cgroup_disabled() && rfork_sym.mem_cgroup_charge(folio, vma->vm_mm, GFP_KERNEL)) {
		folio_put(folio);
		return NULL;
	}
	to = kmap_local_folio(folio, 0);
	memcpy(to, rfork_at(offset), PAGE_SIZE);
	kunmap_local(to);
	__folio_mark_uptodate(folio);
	return folio;
}

static pte_t local_pte(struct vm_area_struct *vma, struct folio *folio, enum rfork_cause cause)
{
	pte_t pte = mk_pte(folio_page(folio, 0), vma->vm_page_prot);

	pte = cause == RFORK_BY_PREFETCH ? pte_mkold(pte) : pte_mkyoung(pte);
	if (vma->vm_flags & VM_WRITE)
		pte = rfork_pte_mkwrite(pte);
	/*
	 * Only a write sets D; the folio is dirty from the start, as no other copy is kept for it.
	 */
	return cause == RFORK_BY_WRITE ? pte_mkdirty(pte) : pte_mkclean(pte);
}

static void map_folio(struct vm_area_struct *vma, unsigned long address, struct folio *folio)
{
	rfork_add_anon_rss(vma->vm_mm, 1);
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 7, 0)
	rfork_sym.page_add_new_anon_rmap(folio_page(folio, 0), vma, address);
#else
	rfork_sym.folio_add_new_anon_rmap(folio, vma, address, RMAP_EXCLUSIVE);
#endif
	folio_mark_dirty(folio);
	rfork_sym.folio_add_lru_vma(folio, vma);
}

/* Secondary MMUs that mapped the old page must let go before the new one is visible. */
static void notify_start(struct mmu_notifier_range *range, struct vm_area_struct *vma,
			 unsigned long address)
{
	rfork_range_init(range, vma->vm_mm, address, address + PAGE_SIZE);
	if (mm_has_notifiers(vma->vm_mm))
		rfork_sym.notifier_range_start(range);
}

static void notify_end(struct mmu_notifier_range *range)
{
	if (!mm_has_notifiers(range->mm))
		return;
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 6, 0)
	rfork_sym.notifier_range_end(range, false);
#else
	rfork_sym.notifier_range_end(range);
#endif
}

/*
 * 1: moved; 0: the entry is no page of the image (any more); negative: no memory.
 * The leaf of @address must be local; the caller holds the mmap lock or the VMA's.
 */
int rfork_page_migrate(struct rfork_child *child, struct vm_area_struct *vma,
		       unsigned long address, enum rfork_cause cause)
{
	struct mm_struct *mm = vma->vm_mm;
	pmd_t *pmd = rfork_pmd(mm, address);
	struct mmu_notifier_range range;
	struct folio *folio;
	spinlock_t *ptl;
	pte_t *ptep, pte;
	bool moved = false;

	rfork_assert_vma_locked(vma);
	address &= PAGE_MASK;
	if (!pmd || rfork_pmd_attached(READ_ONCE(*pmd)))
		return 0;
	ptep = rfork_leaf_lock(mm, pmd, address, &ptl);
	if (!ptep)
		return 0;
	pte = *ptep;
	spin_unlock(ptl);
	if (!rfork_pte_is_ours(pte))
		return 0;
	if (unlikely(!vma->anon_vma) && rfork_sym.anon_vma_prepare(vma))
		return -ENOMEM;
	folio = copy_from_image(vma, address, pte);
	if (!folio)
		return -ENOMEM;
	notify_start(&range, vma, address);
	ptep = rfork_leaf_lock(mm, pmd, address, &ptl);
	/* The A bit may have changed meanwhile; nothing else may. */
	if (ptep && pte_val(pte_mkold(*ptep)) == pte_val(pte_mkold(pte))) {
		ptep_get_and_clear(mm, address, ptep);
		if (!rfork_page_deferred(pte))
			rfork_sym.flush_tlb_mm_range(mm, address, address + PAGE_SIZE, PAGE_SHIFT,
						     false);
		map_folio(vma, address, folio);
		set_pte_at(mm, address, ptep, local_pte(vma, folio, cause));
		moved = true;
	}
	if (ptep)
		spin_unlock(ptl);
	notify_end(&range);
	if (!moved) {
		folio_put(folio);
		return 0;
	}
	rfork_count_add(&child->tally, pages_copied, 1);
	if (cause == RFORK_BY_PREFETCH)
		rfork_count_add(&child->tally, pages_prefetched, 1);
	return 1;
}
