// SPDX-License-Identifier: GPL-2.0
/*
 * Shared anonymous memory of the running process, as part of its image.
 *
 * It goes into the image if nobody else has it: each reference to its file is that of one of the
 * process's mappings. What it holds is asked of the memory itself: pages may be there that no table
 * of the process maps, or swapped out.
 */
#include <linux/highmem.h>
#include <linux/pagemap.h>
#include <linux/sched/signal.h>
#include <linux/shmem_fs.h>
#include "builder.h"
#include "vma.h"

struct shared_file {
	struct file *file;		/* held by the VMAs */
	u64 vmas;
	unsigned long address;		/* of the first */
};

static struct shared_file *shared_file(struct rfork_builder *builder, u64 number)
{
	return (struct shared_file *)builder->shared_files.items + number - 1;
}

int rfork_build_shared_vma(struct rfork_builder *builder, struct vm_area_struct *vma, u64 *shared)
{
	unsigned long key = (unsigned long)vma->vm_file;
	struct rfork_shared record = {
		.bytes = i_size_read(file_inode(vma->vm_file)),
		.flags = vma->vm_flags & VM_NORESERVE,
	};
	struct shared_file file = { vma->vm_file, 0, vma->vm_start };
	void *number = xa_load(&builder->shared_numbers, key);
	int error;

	if (!number) {
		builder->shared_files.item_bytes = sizeof(file);
		error = rfork_vector_push(&builder->shared, &record) ?:
			rfork_vector_push(&builder->shared_files, &file);
		if (error)
			return error;
		number = xa_mk_value(builder->shared.count);
		error = xa_err(xa_store(&builder->shared_numbers, key, number, GFP_KERNEL));
		if (error)
			return error;
	}
	*shared = xa_to_value(number);
	shared_file(builder, *shared)->vmas++;
	return 0;
}

static int check_alone(struct rfork_builder *builder, const struct shared_file *shared)
{
	/* The second: nobody opened it anew, through /proc/PID/map_files. */
	return file_count(shared->file) == shared->vmas &&
	       d_count(shared->file->f_path.dentry) == 1 ?
	       0 : rfork_refuse(builder->why, -EOPNOTSUPP,
				"shared anonymous memory at %#lx, which other processes have, too",
				shared->address);
}

static int build_pages(struct rfork_builder *builder, struct file *file,
		       struct rfork_shared *record)
{
	struct address_space *mapping = file->f_mapping;
	unsigned long last = (record->bytes >> PAGE_SHIFT) - 1, index;
	int error;

	record->first_page = builder->shared_pages.count;
	for (index = 0; index <= last; index++) {
		struct rfork_shared_page shared;
		struct page *page;
		void *from;

		/* What is swapped out has an entry, too. */
		if (!xa_find(&mapping->i_pages, &index, last, XA_PRESENT))
			break;
		page = shmem_read_mapping_page(mapping, index);
		if (IS_ERR(page))
			return rfork_refuse(builder->why, PTR_ERR(page),
					    "page %lu of shared anonymous memory cannot be read", index);
		shared.index = index;
		from = kmap_local_page(page);
		error = rfork_build_page(builder, from, &shared.offset);
		kunmap_local(from);
		put_page(page);
		error = error ?: rfork_vector_push(&builder->shared_pages, &shared);
		if (error)
			return error;
		if (fatal_signal_pending(current) || READ_ONCE(*builder->cancelled))
			return -EINTR;
		cond_resched();
	}
	record->pages = builder->shared_pages.count - record->first_page;
	return 0;
}

int rfork_build_shared(struct rfork_builder *builder)
{
	struct rfork_shared *records = builder->shared.items;
	u64 i;
	int error = 0;

	mmap_assert_locked(current->mm);
	for (i = 0; !error && i < builder->shared.count; i++)
		error = check_alone(builder, shared_file(builder, i + 1));
	for (i = 0; !error && i < builder->shared.count; i++)
		error = build_pages(builder, shared_file(builder, i + 1)->file, &records[i]);
	return error;
}
