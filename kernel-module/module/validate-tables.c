// SPDX-License-Identifier: GPL-2.0
/* Whether the leaves of an image hold what its checked records say, entry by entry. */
#include <linux/sched/signal.h>
#include "rfork-module.h"
#include "validate.h"
#include "vma.h"

/* The VMA whose page at @address the image has. */
static const struct rfork_vma *vma_at(const struct rfork_image_header *header, u64 address,
				      u64 *hint)
{
	const struct rfork_vma *vma = rfork_vma_after(header, address, hint);

	return vma && vma->start <= address && rfork_vma_has_pages(vma->flags) ? vma : NULL;
}

static bool leaf_ok(const struct rfork_image_header *header, u64 image,
		    const struct rfork_leaf *leaf,
		    u64 *hint)
{
	const u64 *records = (const u64 *)rfork_section(header, &header->pages) + leaf->first_page;
	const pte_t *table = rfork_at(leaf->table);
	u32 record = 0, i;

	for (i = 0; i < PTRS_PER_PTE; i++) {
		u64 address = leaf->address + (u64)i * PAGE_SIZE, offset;
		const struct rfork_vma *vma;
		pte_t pte = READ_ONCE(table[i]), expected;

		if (record == leaf->pages || RFORK_RECORD_INDEX(records[record]) != i) {
			if (!pte_none(pte))
				return false;
			continue;
		}
		offset = RFORK_RECORD_OFFSET(records[record++]);
		vma = vma_at(header, address, hint);
		if (!vma || !rfork_extent_owned(image, offset, PAGE_SIZE))
			return false;
		/* Hardware sets A in attached leaves; all other bits are given. */
		expected = rfork_pte_at(header->base, offset, vma->flags);
		if (pte_val(pte_mkold(pte)) != pte_val(pte_mkold(expected)))
			return false;
		if (!(vma->flags & VM_ACCESS_FLAGS) && !(leaf->flags & RFORK_LEAF_LOCAL_ONLY))
			return false;
	}
	return record == leaf->pages;
}

int rfork_validate_tables(const struct rfork_image_header *header, u64 image,
			  struct rfork_reason *why)
{
	const struct rfork_leaf *leaves = rfork_section(header, &header->leaves);
	u64 i, pages = 0, hint = 0;

	for (i = 0; i < header->leaves.count; i++) {
		const struct rfork_leaf *leaf = &leaves[i];

		if (!IS_ALIGNED(leaf->address, PMD_SIZE) || leaf->address >= TASK_SIZE_MAX ||
		    (i && leaf->address <= leaf[-1].address) || !PAGE_ALIGNED(leaf->table) ||
		    !rfork_extent_owned(image, leaf->table, PAGE_SIZE) ||
		    leaf->first_page != pages ||
		    !leaf->pages || leaf->pages > PTRS_PER_PTE ||
		    leaf->pages > header->pages.count - pages)
			return rfork_refuse(why, -EBADMSG, "checkpoint %llu has inconsistent leaf records",
					    image);
		rfork_invalidate(rfork_at(leaf->table), PAGE_SIZE);
		if (!leaf_ok(header, image, leaf, &hint))
			return rfork_refuse(why, -EBADMSG,
					    "checkpoint %llu has a wrong page-table entry in [%#llx, %#llx)",
					    image, leaf->address, leaf->address + PMD_SIZE);
		pages += leaf->pages;
		cond_resched();
		if (fatal_signal_pending(current))
			return -EINTR;
	}
	return pages == header->pages.count ? 0 :
	       rfork_refuse(why, -EBADMSG, "checkpoint %llu has page records of no leaf", image);
}
