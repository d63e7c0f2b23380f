// SPDX-License-Identifier: GPL-2.0
/*
 * The memory of the running process as image: VMAs, the pages its tables map, and leaves whose
 * entries point at the copies. The process's other threads are parked.
 */
#include <linux/highmem.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <asm/vdso.h>
#include "builder.h"
#include "vma.h"

static int close_leaf(struct rfork_builder *builder)
{
	struct rfork_leaf *leaf;
	int error;

	if (builder->leaf_address == RFORK_NO_LEAF)
		return 0;
	builder->leaf_address = RFORK_NO_LEAF;
	leaf = (struct rfork_leaf *)builder->leaves.items + builder->leaves.count - 1;
	error = rfork_build_write(builder, RFORK_HALT_LEAF, leaf->table, builder->table, PAGE_SIZE);
	if (!error)
		rfork_publish(rfork_at(leaf->table), PAGE_SIZE);
	return error;
}

static int open_leaf(struct rfork_builder *builder, unsigned long address)
{
	struct rfork_leaf leaf = { .address = address & PMD_MASK,
				   .first_page = builder->pages.count };
	int error;

	if (builder->leaf_address == leaf.address)
		return 0;
	error = close_leaf(builder) ?: rfork_build_alloc(builder, &leaf.table);
	if (error)
		return error;
	clear_page(builder->table);
	builder->leaf_address = leaf.address;
	return rfork_vector_push(&builder->leaves, &leaf);
}

/* Copies @from, a kernel address, as the page of @address. */
static int add_page(struct rfork_builder *builder, unsigned long vm_flags, unsigned long address,
		    const void *from, u32 flags)
{
	u32 index = pte_index(address);
	struct rfork_leaf *leaf;
	u64 offset, record;
	int error;

	error = open_leaf(builder, address);
	if (!error)
		error = rfork_build_page(builder, from, &offset);
	if (error)
		return error;
	leaf = (struct rfork_leaf *)builder->leaves.items + builder->leaves.count - 1;
	leaf->pages++;
	if (!(vm_flags & VM_ACCESS_FLAGS))
		leaf->flags |= RFORK_LEAF_LOCAL_ONLY;
	builder->table[index] = rfork_pte(offset, vm_flags);
	record = RFORK_RECORD(index, offset, flags);
	return rfork_vector_push(&builder->pages, &record);
}

enum entry_kind { ENTRY_NONE, ENTRY_PAGE, ENTRY_FAULT };

/* What maps @address, with a reference on *@page if it is an ordinary one. */
static enum entry_kind look_up(struct vm_area_struct *vma, unsigned long address,
			       struct page **page, const void **ours, u32 *flags)
{
	pmd_t *pmd = rfork_pmd(vma->vm_mm, address), value;
	enum entry_kind kind = ENTRY_NONE;
	spinlock_t *ptl;
	pte_t *ptep, pte;

	*page = NULL;
	*ours = NULL;
	*flags = 0;
	if (!pmd)
		return ENTRY_NONE;
	ptl = pmd_lock(vma->vm_mm, pmd);
	value = *pmd;
	if (pmd_trans_huge(value)) {
		*page = pmd_page(value) + pte_index(address);
		/* The huge zero page belongs to nobody; what is not there reads as zeros, too. */
		if (PageAnon(compound_head(*page)) || compound_head(*page)->mapping) {
			get_page(*page);
			*flags = RFORK_PAGE_HUGE | (pmd_young(value) ? RFORK_PAGE_ACCESSED : 0) |
				 (pmd_dirty(value) ? RFORK_PAGE_DIRTY : 0);
			kind = ENTRY_PAGE;
		} else {
			*page = NULL;
		}
	} else if (!pmd_none(value) && !pmd_present(value)) {
		kind = ENTRY_FAULT;
	}
	spin_unlock(ptl);
	if (kind != ENTRY_NONE || pmd_trans_huge(value))
		return kind;
	ptep = rfork_leaf_lock(vma->vm_mm, pmd, address, &ptl);
	if (!ptep)
		return ENTRY_NONE;
	pte = *ptep;
	if (!pte_none(pte) && !pte_present(pte)) {
		kind = ENTRY_FAULT;
	} else if (rfork_pte_is_ours(pte)) {
		*ours = rfork_at(PFN_PHYS(pte_pfn(pte)) - rfork_region->base);
		kind = ENTRY_PAGE;
	} else if (pte_present(pte) && !is_zero_pfn(pte_pfn(pte)) && pfn_valid(pte_pfn(pte))) {
		*page = pte_page(pte);
		get_page(*page);
		kind = ENTRY_PAGE;
	}
	if (kind == ENTRY_PAGE)
		*flags = (pte_young(pte) ? RFORK_PAGE_ACCESSED : 0) |
			 (pte_dirty(pte) ? RFORK_PAGE_DIRTY : 0);
	spin_unlock(ptl);
	return kind;
}

/* Past what no table maps: reservations of terabytes have few tables. */
static unsigned long next_address(struct mm_struct *mm, unsigned long address)
{
	pgd_t *pgd = pgd_offset(mm, address);
	p4d_t *p4d;
	pud_t *pud;

	if (pgd_none(READ_ONCE(*pgd)))
		return (address & PGDIR_MASK) + PGDIR_SIZE;
	p4d = p4d_offset(pgd, address);
	if (p4d_none(READ_ONCE(*p4d)))
		return (address & P4D_MASK) + P4D_SIZE;
	pud = pud_offset(p4d, address);
	if (pud_none(READ_ONCE(*pud)))
		return (address & PUD_MASK) + PUD_SIZE;
	if (rfork_pud_leaf(READ_ONCE(*pud)) || pmd_none(READ_ONCE(*pmd_offset(pud, address))))
		return (address & PMD_MASK) + PMD_SIZE;
	return address + PAGE_SIZE;
}

static int build_pages(struct rfork_builder *builder, struct vm_area_struct *vma)
{
	unsigned long address = vma->vm_start;
	int tries = 0, error;

	while (address < vma->vm_end) {
		struct page *page;
		const void *ours;
		u32 flags;

		switch (look_up(vma, address, &page, &ours, &flags)) {
		case ENTRY_NONE:
			address = next_address(vma->vm_mm, address);
			break;
		case ENTRY_FAULT:
			/* Swapped out or in migration. */
			if (tries++ > 100 ||
			    handle_mm_fault(vma, address, FAULT_FLAG_REMOTE, NULL) & VM_FAULT_ERROR)
				return rfork_refuse(builder->why, -EIO,
						    "the page at %#lx cannot be read", address);
			continue;
		case ENTRY_PAGE:
			if (page) {
				void *from = kmap_local_page(page);

				error = add_page(builder, vma->vm_flags, address, from, flags);
				kunmap_local(from);
				put_page(page);
			} else {
				error = add_page(builder, vma->vm_flags, address, ours, flags);
			}
			if (error)
				return error;
			address += PAGE_SIZE;
			break;
		}
		tries = 0;
		if (fatal_signal_pending(current) || READ_ONCE(*builder->cancelled))
			return -EINTR;
		cond_resched();
	}
	return 0;
}

static int build_vma(struct rfork_builder *builder, struct vm_area_struct *vma)
{
	struct rfork_vma record = {
		.start = vma->vm_start, .end = vma->vm_end, .flags = vma->vm_flags,
		.pgoff = vma->vm_pgoff, .file = { .path = RFORK_NO_STRING },
	};
	int error;

	switch (rfork_vma_kind(vma)) {
	case RFORK_VMA_VVAR:
		builder->header->vdso = vma->vm_start;
		builder->vvar.start = vma->vm_start;
		builder->vvar.end = vma->vm_end;
		return 0;
	case RFORK_VMA_VDSO:
		builder->vdso.start = vma->vm_start;
		builder->vdso.end = vma->vm_end;
		/* A write gave it pages of its own. */
		return vma->anon_vma || vma->vm_flags & VM_WRITE ?
		       rfork_refuse(builder->why, -EOPNOTSUPP, "the vDSO was changed") : 0;
	case RFORK_VMA_PROBES:
		return 0;
	case RFORK_VMA_NORMAL:
		break;
	}
	error = rfork_vma_refuse(vma, builder->why);
	if (error)
		return error;
	if (rfork_vma_is_shared_anonymous(vma)) {
		error = rfork_build_shared_vma(builder, vma, &record.shared);
		if (error)
			return error;
	} else if (vma->vm_file) {
		rfork_file_identify(vma->vm_file, &record.file);
		error = rfork_build_path(builder, rfork_user_path(vma->vm_file), &record.file.path);
		if (error)
			return error;
	}
	builder->header->lacks |= rfork_vma_lacks(vma);
	error = rfork_vector_push(&builder->vmas, &record);
	if (error || !rfork_vma_has_pages(vma->vm_flags))
		return error;
	return build_pages(builder, vma);
}

/* Both are made in one piece, or not at all. */
static int check_vdso(const struct rfork_builder *builder)
{
	const struct vdso_image *image = rfork_sym.vdso_image;
	bool whole = builder->vvar.start && builder->vvar.end == builder->vdso.start &&
		     builder->vvar.end - builder->vvar.start == -image->sym_vvar_start &&
		     builder->vdso.end - builder->vdso.start == image->size;

	return whole || (!builder->vvar.start && !builder->vdso.start) ? 0 :
	       rfork_refuse(builder->why, -EOPNOTSUPP,
			    "the vDSO and its data were moved apart, or one of them is gone");
}

int rfork_build_memory(struct rfork_builder *builder)
{
	struct mm_struct *mm = current->mm;
	struct vm_area_struct *vma;
	VMA_ITERATOR(vmi, mm, 0);
	int error = 0;

	builder->table = (pte_t *)get_zeroed_page(GFP_KERNEL);
	builder->bounce = (void *)__get_free_page(GFP_KERNEL);
	if (!builder->table || !builder->bounce)
		return -ENOMEM;
	mmap_read_lock(mm);
	for_each_vma(vmi, vma) {
		error = build_vma(builder, vma);
		if (error)
			break;
	}
	error = error ?: check_vdso(builder) ?: close_leaf(builder) ?: rfork_build_shared(builder);
	mmap_read_unlock(mm);
	rfork_count_add(NULL, leaves_checkpointed, builder->leaves.count);
	return error;
}
