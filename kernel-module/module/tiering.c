// SPDX-License-Identifier: GPL-2.0
/*
 * Moving pages of a live child by request: promote copies from the image to local memory; demote
 * maps the image's page again in place of a local copy that still equals it.
 */
#include <linux/highmem.h>
#include <linux/sched/mm.h>
#include <linux/uaccess.h>
#include "rfork-module.h"
#include "tiering.h"

#define MAX_BATCH 65536

/* The image's page for @address, or 0. */
static u64 image_page(const struct rfork_image_header *header, u64 address)
{
	const struct rfork_leaf *leaves = rfork_section(header, &header->leaves);
	const u64 *records = rfork_section(header, &header->pages);
	u64 low = 0, high = header->leaves.count, p;

	while (low < high) {
		u64 middle = low + (high - low) / 2;

		if (leaves[middle].address + PMD_SIZE <= address)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == header->leaves.count || leaves[low].address > address)
		return 0;
	for (p = leaves[low].first_page; p < leaves[low].first_page + leaves[low].pages; p++)
		if (RFORK_RECORD_INDEX(records[p]) == pte_index(address))
			return RFORK_RECORD_OFFSET(records[p]);
	return 0;
}

/*
 * The mmap lock is held for writing, so faults wait. The entry is made inaccessible first; what
 * still equals the image's page then cannot change any more.
 */
static int demote(struct rfork_child *child, struct vm_area_struct *vma, unsigned long address)
{
	const struct rfork_image_header *header = rfork_image_header(child->image);
	u64 offset = image_page(header, address);
	struct mm_struct *mm = child->mm;
	pmd_t *pmd = rfork_pmd(mm, address);
	spinlock_t *ptl;
	pte_t *ptep, pte;
	bool equal;
	void *local;

	mmap_assert_write_locked(mm);
	if (!offset || !pmd || !rfork_vma_allows_demotion(vma))
		return 0;
	ptep = rfork_leaf_lock(mm, pmd, address, &ptl);
	if (!ptep)
		return 0;
	pte = *ptep;
	if (!pte_present(pte) || pte_special(pte) || !PageAnon(pte_page(pte)) ||
	    PageCompound(pte_page(pte)) || rfork_pmd_attached(READ_ONCE(*pmd))) {
		spin_unlock(ptl);
		return 0;
	}
	pte = ptep_get_and_clear(mm, address, ptep);
	rfork_sym.flush_tlb_mm_range(mm, address, address + PAGE_SIZE, PAGE_SHIFT, false);
	local = kmap_local_page(pte_page(pte));
	/* One reference is the mapping's; another is a pin, or a fork's. */
	equal = page_count(pte_page(pte)) == 1 && !memcmp(local, rfork_at(offset), PAGE_SIZE);
	kunmap_local(local);
	set_pte_at(mm, address, ptep,
		   equal ? mk_pte(pte_page(pte), vm_get_page_prot(VM_NONE)) : pte);
	spin_unlock(ptl);
	if (!equal)
		return 0;
	rfork_sym.zap_page_range_single(vma, address, PAGE_SIZE, NULL);
	ptep = rfork_leaf_lock(mm, pmd, address, &ptl);
	if (!ptep)
		return 0;
	set_pte_at(mm, address, ptep, rfork_pte(offset, vma->vm_flags));
	spin_unlock(ptl);
	rfork_count_add(&child->tally, pages_demoted, 1);
	return 1;
}

static int promote(struct rfork_child *child, struct vm_area_struct *vma, unsigned long address)
{
	if (!vma_is_accessible(vma))
		return 0;
	/* A page in an attached leaf: the leaf must be ours to change. */
	return rfork_leaf_unshare(child, address, true) ?:
	       rfork_page_migrate(child, vma, address, RFORK_BY_PREFETCH);
}

static int move_all(struct rfork_migrate *arg, struct rfork_child *child, const u64 *addresses)
{
	bool down = arg->direction == RFORK_DEMOTE;
	struct mm_struct *mm = child->mm;
	int moved = 0;
	u64 i;

	/* Each processor holds a reference to the pages that it mapped last. */
	if (down)
		rfork_sym.lru_add_drain_all();
	for (i = 0; i < arg->count && moved >= 0; i++) {
		struct vm_area_struct *vma;
		unsigned long address = addresses[i];

		if (down)
			mmap_write_lock(mm);
		else
			mmap_read_lock(mm);
		vma = find_vma(mm, address);
		moved = 0;
		if (vma && vma->vm_start <= address) {
			if (down)
				rfork_vma_start_write(vma);
			moved = down ? demote(child, vma, address) : promote(child, vma, address);
		}
		if (down)
			mmap_write_unlock(mm);
		else
			mmap_read_unlock(mm);
		if (moved > 0)
			arg->migrated++;
		if (fatal_signal_pending(current))
			return -EINTR;
		cond_resched();
	}
	return moved < 0 ? moved : 0;
}

int rfork_migrate(struct rfork_migrate *arg, struct rfork_reason *why)
{
	struct mm_struct *mm;
	struct rfork_child *child;
	u64 *addresses, i;
	int error = 0;

	if (arg->direction != RFORK_PROMOTE && arg->direction != RFORK_DEMOTE)
		return rfork_refuse(why, -EINVAL, "direction %u; 1 promotes, 2 demotes", arg->direction);
	if (!arg->count || arg->count > MAX_BATCH)
		return rfork_refuse(why, -EINVAL, "%llu pages; a batch has 1 .. %d", arg->count,
				    MAX_BATCH);
	arg->migrated = 0;
	addresses = kvmalloc_array(arg->count, sizeof(*addresses), GFP_KERNEL);
	if (!addresses)
		return -ENOMEM;
	if (copy_from_user(addresses, u64_to_user_ptr(arg->addresses),
			   arg->count * sizeof(*addresses)))
		error = rfork_refuse(why, -EFAULT, "the addresses cannot be read");
	for (i = 0; !error && i < arg->count; i++)
		if (!PAGE_ALIGNED(addresses[i]) || addresses[i] >= TASK_SIZE_MAX)
			error = rfork_refuse(why, -EINVAL, "%#llx is no page address", addresses[i]);
	if (error)
		goto free;
	child = rfork_child_of_pid(arg->pid, &mm, why);
	if (IS_ERR(child)) {
		error = PTR_ERR(child);
		goto free;
	}
	error = move_all(arg, child, addresses);
	mmput(mm);
free:
	kvfree(addresses);
	return error;
}
