// SPDX-License-Identifier: GPL-2.0
/*
 * Page-table leaves: attached ones, which lie in the region and are never written by software,
 * and local ones, which the kernel owns and frees.
 *
 *         pmd                         pmd
 *          |     unshare               |
 *          v    -------->              v
 *   [leaf in region]            [local leaf]  same entries
 *      |   |   |                   |   |   |
 *      v   v   v                   v   v   v
 *    pages of the image          pages of the image, then local copies one by one
 *
 * The pmd of an attached leaf keeps all its permissions: without RW it would be "bad" to the kernel's
 * walkers, which clear such entries. Its entries are read-only instead.
 */
#include <linux/kmemleak.h>
#include <linux/sched/mm.h>
#include <asm/pgalloc.h>
#include <asm/tlbflush.h>
#include "rfork-module.h"

pmd_t *rfork_pmd(struct mm_struct *mm, unsigned long address)
{
	pgd_t *pgd = pgd_offset(mm, address);
	p4d_t *p4d;
	pud_t *pud;

	if (pgd_none(READ_ONCE(*pgd)))
		return NULL;
	p4d = p4d_offset(pgd, address);
	if (p4d_none(READ_ONCE(*p4d)))
		return NULL;
	pud = pud_offset(p4d, address);
	if (pud_none(READ_ONCE(*pud)) || rfork_pud_leaf(READ_ONCE(*pud)))
		return NULL;
	return pmd_offset(pud, address);
}

bool rfork_pmd_attached(pmd_t pmd)
{
	return pmd_present(pmd) && !rfork_pmd_leaf(pmd) && rfork_owns_pfn(pmd_pfn(pmd));
}

static bool pmd_is_table(pmd_t pmd)
{
	return !pmd_none(pmd) && pmd_present(pmd) && !rfork_pmd_leaf(pmd) && !pmd_devmap(pmd);
}

/* The entry of @address with its leaf locked, or NULL when there is no leaf. */
pte_t *rfork_leaf_lock(struct mm_struct *mm, pmd_t *pmd, unsigned long address, spinlock_t **ptl)
{
	for (;;) {
		pmd_t value = READ_ONCE(*pmd);

		if (!pmd_is_table(value))
			return NULL;
		*ptl = rfork_leaf_lockptr(mm, &value);
		spin_lock(*ptl);
		if (pmd_val(value) == pmd_val(READ_ONCE(*pmd)))
			return pte_offset_kernel(pmd, address);
		spin_unlock(*ptl);
	}
}

/* An entry of an attached leaf; the same bits on every node that has the region at @base. */
pte_t rfork_pte_at(u64 base, u64 offset, unsigned long vm_flags)
{
	unsigned long pfn = PHYS_PFN(base + offset);
	pgprot_t prot = vm_get_page_prot(vm_flags & ~(VM_WRITE | VM_SHARED));
	pte_t pte = pte_mkclean(pte_wrprotect(pte_mkdevmap(pfn_pte(pfn, prot))));

	/* Preset where hardware may not write to memory that other nodes cache. */
	return rfork_region->software ? pte_mkyoung(pte) : pte_mkold(pte);
}

pte_t rfork_pte(u64 offset, unsigned long vm_flags)
{
	return rfork_pte_at(rfork_region->base, offset, vm_flags);
}

/* An entry of a local leaf that faults on its first access but keeps the page's place. */
pte_t rfork_pte_deferred(u64 offset, unsigned long vm_flags)
{
	return pte_mkold(rfork_pte(offset, VM_NONE));
}

/*
 * What makes a page a leaf of a process that the kernel can free: its lock and its statistics. With
 * lockdep the lock does not fit into the struct page, and the kernel's inline functions that allocate
 * it use what is not exported.
 */
#if ALLOC_SPLIT_PTLOCKS && LINUX_VERSION_CODE < KERNEL_VERSION(6, 6, 0)
static bool leaf_ctor(struct page *page)
{
	if (!rfork_sym.ptlock_alloc(page))
		return false;
	spin_lock_init(page->ptl);
	__SetPageTable(page);
	inc_lruvec_page_state(page, NR_PAGETABLE);
	return true;
}

static void leaf_dtor(struct page *page)
{
	rfork_sym.ptlock_free(page);
	__ClearPageTable(page);
	dec_lruvec_page_state(page, NR_PAGETABLE);
}
#elif ALLOC_SPLIT_PTLOCKS
static bool leaf_ctor(struct page *page)
{
	struct ptdesc *ptdesc = page_ptdesc(page);

	if (!rfork_sym.ptlock_alloc(ptdesc))
		return false;
	spin_lock_init(ptdesc->ptl);
	__folio_set_pgtable(ptdesc_folio(ptdesc));
	lruvec_stat_add_folio(ptdesc_folio(ptdesc), NR_PAGETABLE);
	return true;
}

static void leaf_dtor(struct page *page)
{
	struct ptdesc *ptdesc = page_ptdesc(page);

	rfork_sym.ptlock_free(ptdesc);
	__folio_clear_pgtable(ptdesc_folio(ptdesc));
	lruvec_stat_sub_folio(ptdesc_folio(ptdesc), NR_PAGETABLE);
}
#elif LINUX_VERSION_CODE < KERNEL_VERSION(6, 6, 0)
static bool leaf_ctor(struct page *page)
{
	return pgtable_pte_page_ctor(page);
}

static void leaf_dtor(struct page *page)
{
	pgtable_pte_page_dtor(page);
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

static pmd_t *alloc_pmd(struct mm_struct *mm, unsigned long address)
{
	pgd_t *pgd = pgd_offset(mm, address);
	p4d_t *p4d;
	pud_t *pud;

	if (unlikely(pgd_none(*pgd)) && rfork_sym.p4d_alloc(mm, pgd, address))
		return NULL;
	p4d = p4d_offset(pgd, address);
	if (unlikely(p4d_none(*p4d)) && rfork_sym.pud_alloc(mm, p4d, address))
		return NULL;
	pud = pud_offset(p4d, address);
	if (unlikely(pud_none(*pud)) && rfork_sym.pmd_alloc(mm, pud, address))
		return NULL;
	return pmd_offset(pud, address);
}

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
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 6, 0)
		page->ptl = lock;
#else
		page_ptdesc(page)->ptl = lock;
#endif
	}
#else
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 6, 0)
	spin_lock_init(&page->ptl);
#else
	spin_lock_init(&page_ptdesc(page)->ptl);
#endif
#endif
	set_bit(PHYS_PFN(table), rfork_region->leaf_ready);
	return 0;
}

static DEFINE_MUTEX(ready_lock);

int rfork_leaf_attach(struct mm_struct *mm, unsigned long address, u64 table)
{
	spinlock_t *ptl;
	pmd_t *pmd;
	int error;

	mutex_lock(&ready_lock);
	error = make_ready(table);
	mutex_unlock(&ready_lock);
	if (error)
		return error;
	pmd = alloc_pmd(mm, address);
	if (!pmd)
		return -ENOMEM;
	ptl = pmd_lock(mm, pmd);
	if (pmd_none(*pmd))
		set_pmd(pmd, __pmd((rfork_region->base + table) | _PAGE_TABLE));
	else
		error = -EEXIST;
	spin_unlock(ptl);
	return error;
}

/* Puts a local leaf in place; the kernel owns it from here. */
int rfork_leaf_install(struct mm_struct *mm, unsigned long address, struct page *page)
{
	pmd_t *pmd = alloc_pmd(mm, address);
	spinlock_t *ptl;
	int error = 0;

	if (!pmd)
		return -ENOMEM;
	ptl = pmd_lock(mm, pmd);
	if (pmd_none(*pmd)) {
		mm_inc_nr_ptes(mm);
		pmd_populate(mm, pmd, page);
	} else {
		error = -EEXIST;
	}
	spin_unlock(ptl);
	return error;
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

/* Those that meet [@start, @end). The caller holds the mmap lock. */
int rfork_leaf_unshare_range(struct rfork_child *child, unsigned long start, unsigned long end)
{
	u32 i;
	int error = 0;

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

void rfork_leaf_exit(void)
{
#if ALLOC_SPLIT_PTLOCKS
	unsigned long index;

	for_each_set_bit(index, rfork_region->leaf_ready, rfork_region->bytes / PAGE_SIZE) {
		struct page *page = pfn_to_page(PHYS_PFN(rfork_region->base) + index);

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 6, 0)
		kfree(page->ptl);
		page->ptl = NULL;
#else
		kfree(page_ptdesc(page)->ptl);
		page_ptdesc(page)->ptl = NULL;
#endif
	}
#endif
	bitmap_zero(rfork_region->leaf_ready, rfork_region->bytes / PAGE_SIZE);
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
