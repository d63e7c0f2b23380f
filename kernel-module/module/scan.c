// SPDX-License-Identifier: GPL-2.0
/*
 * Reading and clearing A and D bits, page by page, of a live process or of an image.
 *
 * The D bit of a live page moves to its folio when it is cleared, or reclaim would drop the data.
 * Entries of attached leaves belong to the image: a scan of a process reads them and clears
 * nothing. An image's records keep the bits of the checkpoint; its leaves collect A bits of
 * children since.
 */
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/uaccess.h>
#include <linux/pagemap.h>
#include "rfork-module.h"

#define BATCH 256

struct scanner {
	struct rfork_scan *arg;
	struct rfork_page batch[BATCH];
	u32 filled;
	u64 written;
	bool full;
};

static int flush_batch(struct scanner *scanner)
{
	struct rfork_page __user *to = u64_to_user_ptr(scanner->arg->pages);

	if (scanner->arg->pages &&
	    copy_to_user(to + scanner->written, scanner->batch,
			 scanner->filled * sizeof(*scanner->batch)))
		return -EFAULT;
	scanner->written += scanner->filled;
	scanner->filled = 0;
	return 0;
}

/* False: no room for one more. */
static bool add(struct scanner *scanner, u64 address, u32 flags)
{
	struct rfork_scan *arg = scanner->arg;

	if (arg->pages && arg->count == arg->capacity) {
		scanner->full = true;
		return false;
	}
	scanner->batch[scanner->filled++] =
		(struct rfork_page){ .address = address, .flags = flags };
	arg->count++;
	arg->accessed += !!(flags & (RFORK_PAGE_ACCESSED | RFORK_PAGE_ACCESSED_LIVE));
	arg->dirty += !!(flags & RFORK_PAGE_DIRTY);
	return true;
}

static void clear_live(struct mm_struct *mm, unsigned long address, pte_t *ptep)
{
	pte_t pte = ptep_get_and_clear(mm, address, ptep);

	if (pte_dirty(pte) && pte_present(pte) && pfn_valid(pte_pfn(pte)))
		folio_mark_dirty(page_folio(pte_page(pte)));
	set_pte_at(mm, address, ptep, pte_mkclean(pte_mkold(pte)));
}

/* The 4 KiB entries of one leaf from @address on; returns where it stopped. */
static unsigned long scan_leaf(struct scanner *scanner, struct vm_area_struct *vma, pmd_t *pmd,
			       unsigned long address, unsigned long end, bool clear)
{
	bool attached = rfork_pmd_attached(READ_ONCE(*pmd));
	unsigned long start = address;
	spinlock_t *ptl;
	pte_t *ptep = rfork_leaf_lock(vma->vm_mm, pmd, address, &ptl);

	if (!ptep)
		return end;
	for (; address < end && scanner->filled < BATCH; address += PAGE_SIZE, ptep++) {
		pte_t pte = *ptep;
		bool ours;

		if (!pte_present(pte) || is_zero_pfn(pte_pfn(pte)))
			continue;
		ours = rfork_pte_is_ours(pte);
		if (!add(scanner, address, (pte_young(pte) ? RFORK_PAGE_ACCESSED : 0) |
			 (pte_dirty(pte) ? RFORK_PAGE_DIRTY : 0) |
			 (ours ? 0 : RFORK_PAGE_LOCAL)))
			break;
		if (clear && !attached && (pte_young(pte) || pte_dirty(pte)))
			clear_live(vma->vm_mm, address, ptep);
	}
	spin_unlock(ptl);
	if (clear && !attached && address > start)
		rfork_sym.flush_tlb_mm_range(vma->vm_mm, start, address, PAGE_SHIFT, false);
	return address;
}

/* One huge page is reported as its 512 parts; they share one pair of bits. */
static unsigned long scan_huge(struct scanner *scanner, struct vm_area_struct *vma, pmd_t *pmd,
			       unsigned long address, unsigned long end, bool clear)
{
	spinlock_t *ptl = pmd_lock(vma->vm_mm, pmd);
	pmd_t value = *pmd;
	unsigned long start = address;

	if (!pmd_trans_huge(value)) {
		spin_unlock(ptl);
		return address;
	}
	for (; address < end && scanner->filled < BATCH; address += PAGE_SIZE)
		if (!add(scanner, address, RFORK_PAGE_HUGE | RFORK_PAGE_LOCAL |
			 (pmd_young(value) ? RFORK_PAGE_ACCESSED : 0) |
			 (pmd_dirty(value) ? RFORK_PAGE_DIRTY : 0)))
			break;
	/* Only with its last part, so that all parts report the same. */
	if (clear && IS_ALIGNED(address, PMD_SIZE) && address > start) {
		clear_bit(_PAGE_BIT_ACCESSED, (unsigned long *)pmd);
		/* In one step: hardware may have set the bit since it was read above. */
		if (test_and_clear_bit(_PAGE_BIT_DIRTY, (unsigned long *)pmd))
			folio_mark_dirty(page_folio(pmd_page(value)));
		spin_unlock(ptl);
		rfork_sym.flush_tlb_mm_range(vma->vm_mm, address - PMD_SIZE, address, PMD_SHIFT,
					     false);
		return address;
	}
	spin_unlock(ptl);
	return address;
}

/* At most one leaf, from arg->next on. */
static void scan_step(struct scanner *scanner, struct mm_struct *mm, bool clear)
{
	struct rfork_scan *arg = scanner->arg;
	struct vm_area_struct *vma = find_vma(mm, arg->next);
	unsigned long address, end;
	pmd_t *pmd;

	if (!vma || vma->vm_start >= arg->end) {
		arg->next = arg->end;
		return;
	}
	if (vma->vm_flags & (VM_PFNMAP | VM_IO) || is_vm_hugetlb_page(vma)) {
		arg->next = min_t(u64, vma->vm_end, arg->end);
		return;
	}
	address = max_t(u64, vma->vm_start, arg->next);
	end = min3((u64)vma->vm_end, arg->end, ((u64)address & PMD_MASK) + PMD_SIZE);
	pmd = rfork_pmd(mm, address);
	if (!pmd || pmd_none(READ_ONCE(*pmd)))
		arg->next = end;
	else if (pmd_trans_huge(READ_ONCE(*pmd)))
		arg->next = scan_huge(scanner, vma, pmd, address, end, clear);
	else
		arg->next = scan_leaf(scanner, vma, pmd, address, end, clear);
}

/* The lock is dropped for each batch: the array may lie in the very memory that is scanned. */
static int scan_process(struct scanner *scanner, struct rfork_reason *why)
{
	struct rfork_scan *arg = scanner->arg;
	struct mm_struct *mm = rfork_mm_of_pid(arg->pid);
	int error = 0;

	if (!mm)
		return rfork_refuse(why, -ESRCH, "there is no process %d with memory", arg->pid);
	while (!error && !scanner->full && arg->next < arg->end) {
		mmap_read_lock(mm);
		while (!scanner->full && scanner->filled < BATCH && arg->next < arg->end &&
		       !fatal_signal_pending(current)) {
			scan_step(scanner, mm, arg->head.flags & RFORK_SCAN_CLEAR);
			cond_resched();
		}
		mmap_read_unlock(mm);
		error = fatal_signal_pending(current) ? -EINTR : flush_batch(scanner);
	}
	mmput(mm);
	return error;
}

static int scan_image(struct scanner *scanner, struct rfork_reason *why)
{
	struct rfork_scan *arg = scanner->arg;
	struct rfork_image_ref *ref = rfork_image_get(arg->image, why);
	const struct rfork_image_header *header;
	const struct rfork_leaf *leaves;
	const u64 *records;
	const u8 *hints;
	bool clear = arg->head.flags & RFORK_SCAN_CLEAR;
	u64 i, p;
	int error;

	if (IS_ERR(ref))
		return PTR_ERR(ref);
	error = rfork_validate_leaves(ref, NULL, why);
	if (error)
		goto put;
	if (clear && rfork_region->software) {
		error = rfork_refuse(why, -EOPNOTSUPP,
				     "with software coherence no bits of a checkpoint are cleared");
		goto put;
	}
	header = rfork_image_header(ref);
	leaves = rfork_section(header, &header->leaves);
	records = rfork_section(header, &header->pages);
	hints = rfork_image_hints(ref);
	for (i = 0; !error && i < header->leaves.count; i++) {
		pte_t *table = rfork_at(leaves[i].table);

		for (p = leaves[i].first_page; p < leaves[i].first_page + leaves[i].pages; p++) {
			u32 index = RFORK_RECORD_INDEX(records[p]);
			u64 address = leaves[i].address + (u64)index * PAGE_SIZE;

			if (address < arg->start)
				continue;
			if (address >= arg->end ||
			    !add(scanner, address, RFORK_RECORD_FLAGS(records[p]) |
				 (READ_ONCE(hints[p]) ? RFORK_PAGE_HOT : 0) |
				 (pte_young(READ_ONCE(table[index])) ?
				  RFORK_PAGE_ACCESSED_LIVE : 0))) {
				arg->next = min(address, arg->end);
				goto flush;
			}
			/*
			 * A locked operation: other nodes' page walkers set bits of the same word.
			 */
			if (clear)
				clear_bit(_PAGE_BIT_ACCESSED, (unsigned long *)&table[index]);
			if (scanner->filled == BATCH) {
				error = flush_batch(scanner);
				if (error)
					break;
			}
		}
		cond_resched();
	}
	arg->next = arg->end;
flush:
	if (!error)
		error = flush_batch(scanner);
put:
	rfork_image_put(ref);
	return error;
}

int rfork_scan(struct rfork_scan *arg, struct rfork_reason *why)
{
	struct scanner *scanner;
	int error;

	if (!arg->image == !arg->pid)
		return rfork_refuse(why, -EINVAL, "a scan is of a checkpoint or of a process");
	if (arg->start >= arg->end)
		return rfork_refuse(why, -EINVAL, "[%#llx, %#llx) is empty", arg->start, arg->end);
	if (arg->reserved)
		return rfork_refuse(why, -EINVAL, "the reserved field is %u; it must be 0",
				    arg->reserved);
	if (arg->pages && !arg->capacity)
		return rfork_refuse(why, -EINVAL, "the array of pages has a capacity of 0");
	scanner = kvzalloc(sizeof(*scanner), GFP_KERNEL);
	if (!scanner)
		return -ENOMEM;
	scanner->arg = arg;
	arg->count = arg->accessed = arg->dirty = 0;
	arg->next = arg->start;
	error = arg->image ? scan_image(scanner, why) : scan_process(scanner, why);
	if (error == -EFAULT)
		rfork_refuse(why, error, "the array of pages cannot be written");
	kvfree(scanner);
	return error;
}
