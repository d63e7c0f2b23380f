// SPDX-License-Identifier: GPL-2.0
/*
 * Page-table leaves in an address space: finding them, putting them in place, and what entries of
 * the image's pages look like.
 *
 * Attached leaves lie in the region; software never writes them, but for A bits as the processor
 * would (get_user_pages() without pages, scans of images). The pmd of one keeps all its
 * permissions: without RW it would be "bad" to the kernel's walkers, which clear such entries. Its
 * entries are read-only instead.
 */
#include <asm/pgalloc.h>
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
		pmd_t value;

		/*
		 * A leaf that goes meanwhile is freed after a grace period, and its lock with it.
		 */
		rcu_read_lock();
		value = READ_ONCE(*pmd);
		if (!pmd_is_table(value)) {
			rcu_read_unlock();
			return NULL;
		}
		*ptl = rfork_leaf_lockptr(mm, &value);
		spin_lock(*ptl);
		rcu_read_unlock();
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

int rfork_leaf_attach(struct mm_struct *mm, unsigned long address, u64 table)
{
	struct rfork_mapping_locks locks;
	spinlock_t *ptl;
	pmd_t *pmd;
	int error = rfork_leaf_make_ready(table);

	if (error)
		return error;
	pmd = alloc_pmd(mm, address);
	if (!pmd)
		return -ENOMEM;
	rfork_mappings_lock(&locks, mm, address, address + PMD_SIZE);
	ptl = pmd_lock(mm, pmd);
	rfork_mappings_assert_locked(mm, address, address + PMD_SIZE);
	if (pmd_none(*pmd))
		set_pmd(pmd, __pmd((rfork_region->base + table) | _PAGE_TABLE));
	else
		error = -EEXIST;
	spin_unlock(ptl);
	rfork_mappings_unlock(&locks);
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
