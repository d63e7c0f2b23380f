// SPDX-License-Identifier: GPL-2.0
/*
 * Shared anonymous memory of a child: its own, with copies of the image's pages.
 *
 * Children share none with each other, nor with the image: it is the child's and what that forks.
 * No leaf with such memory in its 2 MiB is attached.
 */
#include <linux/highmem.h>
#include <linux/pagemap.h>
#include <linux/sched/signal.h>
#include <linux/shmem_fs.h>
#include "restore.h"

static int copy_pages(struct restore *restore, const struct rfork_shared *record, struct file *file)
{
	const struct rfork_image_header *header = restore->header;
	const struct rfork_shared_page *pages =
		(const struct rfork_shared_page *)rfork_section(header, &header->shared_pages) +
		record->first_page;
	u64 i;

	for (i = 0; i < record->pages; i++) {
		struct page *page = shmem_read_mapping_page(file->f_mapping, pages[i].index);
		void *to;

		if (IS_ERR(page))
			return rfork_refuse(restore->why, PTR_ERR(page),
					    "no memory for the child's shared anonymous memory (error %ld)",
					    PTR_ERR(page));
		to = kmap_local_page(page);
		memcpy(to, rfork_at(pages[i].offset), PAGE_SIZE);
		kunmap_local(to);
		/* Otherwise reclaim takes it for zeros. */
		set_page_dirty(page);
		put_page(page);
		if (fatal_signal_pending(current))
			return -EINTR;
		cond_resched();
	}
	rfork_count_add(&restore->child->tally, pages_copied, record->pages);
	rfork_count_add(&restore->child->tally, pages_prefetched, record->pages);
	return 0;
}

int rfork_make_shared(struct restore *restore)
{
	const struct rfork_image_header *header = restore->header;
	const struct rfork_shared *records = rfork_section(header, &header->shared);
	u64 i;
	int error = 0;

	restore->shared_files =
		kvcalloc(header->shared.count + 1, sizeof(struct file *), GFP_KERNEL);
	if (!restore->shared_files)
		return -ENOMEM;
	for (i = 0; !error && i < header->shared.count; i++) {
		/* As the kernel names it, and a checkpoint of the child looks for it. */
		struct file *file = shmem_file_setup("dev/zero", records[i].bytes, records[i].flags);

		if (IS_ERR(file))
			return rfork_refuse(restore->why, PTR_ERR(file),
					    "shared anonymous memory of %llu bytes cannot be made here (error %ld)",
					    records[i].bytes, PTR_ERR(file));
		/* Of no concern to security modules, as the kernel's own. */
		file_inode(file)->i_flags |= S_PRIVATE;
		restore->shared_files[i] = file;
		error = copy_pages(restore, &records[i], file);
	}
	return error;
}
