// SPDX-License-Identifier: GPL-2.0
/* The leaves of a child: placements, which leaves are attached, and those that are built. */
#include <linux/fs.h>
#include <linux/magic.h>
#include <linux/sched/signal.h>
#include <linux/uaccess.h>
#include "restore.h"
#include "vma.h"

static enum rfork_placement placement(const struct restore *restore, u64 page)
{
	return restore->placements ? restore->placements[page / 4] >> (page % 4 * 2) & 3 :
				     RFORK_MIGRATE_ON_WRITE;
}

int rfork_read_placements(struct restore *restore, const struct rfork_restore *arg)
{
	u64 pages = restore->header->pages.count, i;

	if (!arg->placements && !arg->placement_bytes)
		return 0;
	if (arg->placement_bytes != DIV_ROUND_UP(pages, 4))
		return rfork_refuse(restore->why, -EINVAL,
				    "%llu bytes of placements; %llu pages take %llu",
				    arg->placement_bytes, pages, DIV_ROUND_UP(pages, 4));
	restore->placements = kvmalloc(arg->placement_bytes, GFP_KERNEL);
	if (!restore->placements)
		return -ENOMEM;
	if (copy_from_user(restore->placements, u64_to_user_ptr(arg->placements),
			   arg->placement_bytes))
		return rfork_refuse(restore->why, -EFAULT, "the placements cannot be read");
	for (i = 0; i < pages; i++)
		if (placement(restore, i) > RFORK_MIGRATE_NOW)
			return rfork_refuse(restore->why, -EINVAL,
					    "page %llu has placement 3; there are 0, 1 and 2", i);
	return 0;
}

/*
 * Of files in memory pages come in other ways than by faults; of others only a fault brings them.
 */
static bool is_filled_from_outside(const struct rfork_vma *vma, const struct file *file)
{
	return vma->flags & VM_SHARED && file && file_inode(file)->i_sb->s_magic == TMPFS_MAGIC;
}

/*
 * Whether pages that are not the image's may come into the leaf's 2 MiB without a fault. Or more
 * files lie there than are locked at a time.
 */
static bool meets_others(const struct restore *restore, const struct rfork_leaf *leaf, u64 *hint)
{
	const struct rfork_image_header *header = restore->header;
	const struct rfork_vma *vmas = rfork_section(header, &header->vmas);
	u32 files = 0;
	u64 i;

	rfork_vma_after(header, leaf->address, hint);
	for (i = *hint; i < header->vmas.count && vmas[i].start < leaf->address + PMD_SIZE; i++) {
		files += vmas[i].file.path != RFORK_NO_STRING;
		if (is_filled_from_outside(&vmas[i], restore->vma_files[i]) ||
		    files > RFORK_MAX_LEAF_FILES)
			return true;
	}
	return false;
}

/*
 * Into the range of a leaf that is attached nothing comes but by a fault, or a mapping that is made
 * there.
 */
static bool must_build(const struct restore *restore, const struct rfork_leaf *leaf, u64 *hint)
{
	u32 i;

	if (leaf->flags & RFORK_LEAF_LOCAL_ONLY || meets_others(restore, leaf, hint))
		return true;
	if (!restore->placements)
		return false;
	for (i = 0; i < leaf->pages; i++)
		if (placement(restore, leaf->first_page + i) != RFORK_MIGRATE_ON_WRITE)
			return true;
	return false;
}

/* From the records alone: what the leaf in the region says does not matter. */
static int build_leaf(struct restore *restore, const struct rfork_leaf *leaf, struct page **built,
		      u64 *hint)
{
	const u64 *records = (const u64 *)rfork_section(restore->header, &restore->header->pages) +
			     leaf->first_page;
	u64 image = rfork_image_id(restore->ref);
	u32 i;
	struct page *page = rfork_leaf_alloc(current->mm, GFP_KERNEL);
	pte_t *table;

	if (!page)
		return -ENOMEM;
	*built = page;
	table = page_address(page);
	for (i = 0; i < leaf->pages; i++) {
		u32 index = RFORK_RECORD_INDEX(records[i]) % PTRS_PER_PTE;
		u64 address = leaf->address + (u64)index * PAGE_SIZE;
		u64 offset = RFORK_RECORD_OFFSET(records[i]);
		const struct rfork_vma *vma = rfork_vma_after(restore->header, address, hint);

		if (!vma || vma->start > address || !rfork_extent_owned(image, offset, PAGE_SIZE))
			return rfork_refuse(restore->why, -EBADMSG,
					    "checkpoint %llu has a wrong record for the page at %#llx",
					    image, address);
		set_pte_at(current->mm, address, &table[index],
			   placement(restore, leaf->first_page + i) == RFORK_MIGRATE_ON_WRITE ?
			   rfork_pte(offset, vma->flags) : rfork_pte_deferred(offset, vma->flags));
	}
	return 0;
}

/* Leaves hold physical addresses: where the region lies elsewhere, none can be attached. */
int rfork_prepare_leaves(struct restore *restore, bool local)
{
	const struct rfork_leaf *leaves = rfork_section(restore->header, &restore->header->leaves);
	u64 count = restore->header->leaves.count, i, hint = 0;
	int error;

	restore->built = kvcalloc(count, sizeof(*restore->built), GFP_KERNEL);
	if (!restore->built)
		return -ENOMEM;
	local |= restore->header->base != rfork_region->base;
	for (i = 0; i < count; i++) {
		if (!local && !must_build(restore, &leaves[i], &hint))
			continue;
		error = build_leaf(restore, &leaves[i], &restore->built[i], &hint);
		if (error)
			return error;
	}
	return 0;
}

int rfork_make_leaves(struct restore *restore)
{
	const struct rfork_leaf *leaves = rfork_section(restore->header, &restore->header->leaves);
	struct rfork_child *child = restore->child;
	u64 i, attached = 0, built = 0;
	int error;

	mmap_write_lock(child->mm);
	for (i = 0; i < restore->header->leaves.count; i++) {
		if (restore->built[i]) {
			error = rfork_leaf_install(child->mm, leaves[i].address, restore->built[i]);
			if (!error) {
				restore->built[i] = NULL;
				built++;
			}
		} else {
			/*
			 * Listed and counted first, so that an exit or a truncation in between
			 * finds it.
			 */
			child->leaves[child->nr_leaves++] = leaves[i].address;
			atomic_inc(&child->shared);
			error = rfork_leaf_attach(child->mm, leaves[i].address, leaves[i].table);
			if (error)
				atomic_dec(&child->shared);
			else
				attached++;
		}
		if (error)
			break;
	}
	mmap_write_unlock(child->mm);
	rfork_count_add(&child->tally, leaves_attached, attached);
	rfork_count_add(&child->tally, leaves_built, built);
	return error ? rfork_refuse(restore->why, error, "leaf at %#llx cannot be made (error %d)",
				    leaves[i].address, error) : 0;
}

int rfork_migrate_now(struct restore *restore)
{
	const struct rfork_image_header *header = restore->header;
	const struct rfork_leaf *leaves = rfork_section(header, &header->leaves);
	const u64 *records = rfork_section(header, &header->pages);
	struct vm_area_struct *vma = NULL;
	int moved = 0;
	u64 i, p;

	if (!restore->placements)
		return 0;
	mmap_read_lock(current->mm);
	for (i = 0; moved >= 0 && i < header->leaves.count; i++) {
		for (p = leaves[i].first_page; p < leaves[i].first_page + leaves[i].pages; p++) {
			unsigned long address = leaves[i].address +
						(u64)RFORK_RECORD_INDEX(records[p]) * PAGE_SIZE;

			if (placement(restore, p) != RFORK_MIGRATE_NOW)
				continue;
			if (!vma || address >= vma->vm_end)
				vma = find_vma(current->mm, address);
			if (!vma || !vma_is_accessible(vma))
				continue;
			moved = rfork_page_migrate(restore->child, vma, address, RFORK_BY_PREFETCH);
			if (moved < 0)
				break;
		}
		if (fatal_signal_pending(current))
			moved = -EINTR;
		cond_resched();
	}
	mmap_read_unlock(current->mm);
	return moved < 0 ? rfork_refuse(restore->why, moved, "no memory for pages to migrate now") : 0;
}
