// SPDX-License-Identifier: GPL-2.0
/*
 * A restore: the calling process becomes a child of the image.
 *
 *   prepare   image, placements, files, local leaves, adopters     an error changes nothing
 *   drop      the old address space                                 the point of no return
 *   make      VMAs, attached and built leaves, descriptors, registers   an error kills
 *
 * A leaf is attached if all its pages are migrate-on-write; otherwise it is built: a local leaf whose
 * entries fault on first access (migrate-on-access) or get a local page at once (migrate-now).
 */
#include <linux/fdtable.h>
#include <linux/fs_struct.h>
#include <linux/namei.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/uaccess.h>
#include <linux/delay.h>
#include <asm/prctl.h>
#include "adoption.h"
#include "trace.h"
#include "vma.h"

struct restore {
	struct rfork_reason *why;
	const struct rfork_image_header *header;
	struct rfork_image_ref *ref;
	struct rfork_child *child;
	struct rfork_adoption *adoption;
	u8 *placements;			/* two bits per page record, or NULL */
	struct page **built;		/* local leaf per leaf record, or NULL */
	struct file **vma_files;	/* per VMA */
	struct file **files;		/* per open file */
	struct file *exe;
	struct path cwd;
	struct page *result;		/* the waiting process's struct rfork_restore_result */
	size_t result_offset;
	struct rfork_arrival *arrival;
	u64 inherit_fds;
	bool changed_files;
};

static enum rfork_placement placement(const struct restore *restore, u64 page)
{
	return restore->placements ? restore->placements[page / 4] >> (page % 4 * 2) & 3 :
				     RFORK_MIGRATE_ON_WRITE;
}

static int read_placements(struct restore *restore, const struct rfork_restore *arg)
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

static bool must_build(const struct restore *restore, const struct rfork_leaf *leaf)
{
	u32 i;

	if (leaf->flags & RFORK_LEAF_LOCAL_ONLY)
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
	const struct rfork_vma *vmas = rfork_section(restore->header, &restore->header->vmas);
	u32 slot = RFORK_IMAGE_SLOT(rfork_image_id(restore->ref)), i;
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
		unsigned long flags;

		while (*hint < restore->header->vmas.count && vmas[*hint].end <= address)
			(*hint)++;
		if (*hint == restore->header->vmas.count || vmas[*hint].start > address ||
		    !rfork_extent_owned(slot, offset, PAGE_SIZE))
			return rfork_refuse(restore->why, -EBADMSG,
					    "image %llu has a wrong record for the page at %#llx",
					    rfork_image_id(restore->ref), address);
		flags = vmas[*hint].flags;
		set_pte_at(current->mm, address, &table[index],
			   placement(restore, leaf->first_page + i) == RFORK_MIGRATE_ON_WRITE ?
			   rfork_pte(offset, flags) : rfork_pte_deferred(offset, flags));
	}
	return 0;
}

static int prepare_leaves(struct restore *restore, bool local)
{
	const struct rfork_leaf *leaves = rfork_section(restore->header, &restore->header->leaves);
	u64 count = restore->header->leaves.count, i, hint = 0;
	int error;

	restore->child = rfork_child_new(current->mm, restore->ref, count);
	restore->built = kvcalloc(count, sizeof(*restore->built), GFP_KERNEL);
	if (!restore->child || !restore->built)
		return -ENOMEM;
	for (i = 0; i < count; i++) {
		if (!local && !must_build(restore, &leaves[i]))
			continue;
		error = build_leaf(restore, &leaves[i], &restore->built[i], &hint);
		if (error)
			return error;
	}
	return 0;
}

static int open_mapped_files(struct restore *restore)
{
	const struct rfork_image_header *header = restore->header;
	const struct rfork_vma *vmas = rfork_section(header, &header->vmas);
	u64 i;

	restore->vma_files = kvcalloc(header->vmas.count, sizeof(struct file *), GFP_KERNEL);
	if (!restore->vma_files)
		return -ENOMEM;
	for (i = 0; i < header->vmas.count; i++) {
		bool writes = vmas[i].flags & VM_SHARED && vmas[i].flags & VM_MAYWRITE;
		struct file *file;

		if (vmas[i].file.path == RFORK_NO_STRING)
			continue;
		if (i && vmas[i].file.path == vmas[i - 1].file.path && restore->vma_files[i - 1] &&
		    !((vmas[i].flags | vmas[i - 1].flags) & VM_SHARED)) {
			restore->vma_files[i] = get_file(restore->vma_files[i - 1]);
			continue;
		}
		file = rfork_file_open(rfork_string(header, vmas[i].file.path), &vmas[i].file,
				       (writes ? O_RDWR : O_RDONLY) | O_LARGEFILE,
				       restore->changed_files || vmas[i].flags & VM_SHARED,
				       restore->why);
		if (IS_ERR(file))
			return PTR_ERR(file);
		restore->vma_files[i] = file;
	}
	return 0;
}

static int open_descriptors(struct restore *restore)
{
	const struct rfork_image_header *header = restore->header;
	const struct rfork_open_file *records = rfork_section(header, &header->files);
	u64 i;

	restore->files = kvcalloc(header->files.count + 1, sizeof(struct file *), GFP_KERNEL);
	if (!restore->files)
		return -ENOMEM;
	for (i = 0; i < header->files.count; i++) {
		bool writes = (records[i].flags & O_ACCMODE) != O_RDONLY;
		struct file *file = rfork_file_open(rfork_string(header, records[i].file.path),
						    &records[i].file,
						    records[i].flags & ~O_CLOEXEC,
						    restore->changed_files || writes, restore->why);

		if (IS_ERR(file))
			return PTR_ERR(file);
		if (S_ISREG(file_inode(file)->i_mode))
			file->f_pos = records[i].position;
		restore->files[i] = file;
	}
	return 0;
}

static int open_places(struct restore *restore)
{
	const struct rfork_image_header *header = restore->header;
	const char *cwd = rfork_string(header, header->cwd);
	const char *exe = rfork_string(header, header->exe);
	int error = kern_path(cwd, LOOKUP_FOLLOW | LOOKUP_DIRECTORY, &restore->cwd);

	if (error)
		return rfork_refuse(restore->why, error, "the working directory %s is not here", cwd);
	if (exe) {
		restore->exe = filp_open(exe, O_RDONLY | O_LARGEFILE, 0);
		if (IS_ERR(restore->exe)) {
			error = PTR_ERR(restore->exe);
			restore->exe = NULL;
			return rfork_refuse(restore->why, error, "the program %s is not here", exe);
		}
	}
	return 0;
}

static int check_threads(struct restore *restore)
{
	const struct rfork_image_header *header = restore->header;
	const struct rfork_thread *threads = rfork_section(header, &header->threads);
	const void *xstates = rfork_section(header, &header->xstates);
	u64 i;
	int error = 0;

	for (i = 0; !error && i < header->threads.count; i++)
		error = rfork_thread_check(&threads[i], xstates + i * header->xstate_bytes,
					   restore->why);
	return error;
}

/* Nobody else may live in the address space that will be dropped. */
static int check_caller(struct restore *restore, const struct rfork_restore *arg)
{
	u64 threads = restore->header->threads.count;
	int tries;

	if (arg->threads != threads)
		return rfork_refuse(restore->why, -EINVAL,
				    "image %llu has %llu threads; the caller brings %u",
				    rfork_image_id(restore->ref), threads, arg->threads);
	if (get_nr_threads(current) != threads)
		return rfork_refuse(restore->why, -EBUSY, "the caller has %d threads; it must have %llu",
				    get_nr_threads(current), threads);
	if (current != current->group_leader)
		return rfork_refuse(restore->why, -EINVAL, "restore must be called by the main thread");
	if (rfork_child_of(current->mm))
		return rfork_refuse(restore->why, -EBUSY, "the caller is a child of an image itself; restore in a fresh process");
	/* A reader of /proc holds the address space for a moment. */
	for (tries = 0; atomic_read(&current->mm->mm_users) > threads; tries++) {
		if (tries == 100)
			return rfork_refuse(restore->why, -EBUSY,
					    "another process shares the caller's memory; do not call from vfork");
		msleep(1);
	}
	return 0;
}

static int pin_result(struct restore *restore, u64 address)
{
	if (!address)
		return 0;
	restore->result_offset = offset_in_page(address);
	if (!IS_ALIGNED(address, 8) ||
	    restore->result_offset + sizeof(struct rfork_restore_result) > PAGE_SIZE)
		return rfork_refuse(restore->why, -EINVAL, "result crosses a page or is not aligned to 8");
	if (get_user_pages_fast(address & PAGE_MASK, 1, FOLL_WRITE, &restore->result) != 1) {
		restore->result = NULL;
		return rfork_refuse(restore->why, -EFAULT, "result cannot be written");
	}
	return 0;
}

static int prepare(struct restore *restore, const struct rfork_restore *arg)
{
	u32 threads;
	int error;

	restore->changed_files = arg->head.flags & RFORK_RESTORE_CHANGED_FILES;
	restore->inherit_fds = arg->inherit_fds;
	error = rfork_validate_leaves(restore->ref, restore->why);
	if (error)
		return error;
	restore->header = rfork_image_header(restore->ref);
	threads = restore->header->threads.count;
	error = check_caller(restore, arg) ?: check_threads(restore);
	if (!error && arg->head.flags & RFORK_RESTORE_VERIFY_DATA)
		error = rfork_validate_data(restore->header, restore->why);
	error = error ?: read_placements(restore, arg) ?: open_mapped_files(restore) ?:
		open_descriptors(restore) ?: open_places(restore) ?: pin_result(restore, arg->result) ?:
		prepare_leaves(restore, arg->head.flags & RFORK_RESTORE_LOCAL_LEAVES);
	if (error)
		return error;
	restore->child->prefetch_pages = arg->prefetch_pages;
	restore->arrival = rfork_arrival_new();
	if (!restore->arrival)
		return -ENOMEM;
	if (threads > 1) {
		restore->adoption = rfork_adoption_wait(rfork_image_id(restore->ref), threads,
							restore->why);
		if (IS_ERR(restore->adoption)) {
			error = PTR_ERR(restore->adoption);
			restore->adoption = NULL;
			return error;
		}
	}
	return rfork_child_notify(restore->child, false);
}

static int close_descriptor(const void *context, struct file *file, unsigned int fd)
{
	struct { u64 inherit; unsigned int next; } *search = (void *)context;

	if (fd < 3 || (fd < 64 && search->inherit & BIT_ULL(fd)))
		return 0;
	search->next = fd;
	return 1;
}

static int make_descriptors(struct restore *restore)
{
	const struct rfork_image_header *header = restore->header;
	const struct rfork_open_file *records = rfork_section(header, &header->files);
	struct { u64 inherit; unsigned int next; } search = { restore->inherit_fds, 0 };
	u64 i;
	int error;

	while (iterate_fd(current->files, search.next, close_descriptor, &search))
		close_fd(search.next);
	for (i = 0; i < header->files.count; i++) {
		error = rfork_sym.replace_fd(records[i].fd, restore->files[i],
					     records[i].flags & O_CLOEXEC);
		if (error < 0)
			return rfork_refuse(restore->why, error, "descriptor %u cannot be made",
					    records[i].fd);
	}
	return 0;
}

/* Whether a page of the image lies in the VMA; both lists ascend. */
static bool holds_pages(const struct rfork_image_header *header, const struct rfork_vma *vma)
{
	const struct rfork_leaf *leaves = rfork_section(header, &header->leaves);
	const u64 *records = rfork_section(header, &header->pages);
	u64 low = 0, high = header->leaves.count, i;

	while (low < high) {
		u64 middle = low + (high - low) / 2;

		if (leaves[middle].address + PMD_SIZE <= vma->start)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < header->leaves.count && leaves[low].address < vma->end; low++) {
		for (i = 0; i < leaves[low].pages; i++) {
			u64 address = leaves[low].address +
				(u64)RFORK_RECORD_INDEX(records[leaves[low].first_page + i]) * PAGE_SIZE;

			if (address >= vma->start && address < vma->end)
				return true;
		}
	}
	return false;
}

static int make_vmas(struct restore *restore)
{
	const struct rfork_image_header *header = restore->header;
	const struct rfork_vma *vmas = rfork_section(header, &header->vmas);
	u64 i;
	int error;

	for (i = 0; i < header->vmas.count; i++) {
		error = rfork_vma_map(&vmas[i], restore->vma_files[i], holds_pages(header, &vmas[i]));
		if (error)
			return rfork_refuse(restore->why, error, "[%#llx, %#llx) cannot be mapped",
					    vmas[i].start, vmas[i].end);
	}
	if (!header->vdso)
		return 0;
	error = rfork_sym.do_arch_prctl_64(current, ARCH_MAP_VDSO_64, header->vdso);
	return error < 0 ? rfork_refuse(restore->why, error, "the vDSO cannot be mapped") : 0;
}

static int make_leaves(struct restore *restore)
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
			/* Listed first, so that an exit in between finds it. */
			child->leaves[child->nr_leaves++] = leaves[i].address;
			error = rfork_leaf_attach(child->mm, leaves[i].address, leaves[i].table);
			if (!error) {
				atomic_inc(&child->shared);
				attached++;
			}
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

static int migrate_now(struct restore *restore)
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

static void make_mm_fields(const struct rfork_image_header *header)
{
	struct mm_struct *mm = current->mm;

	mmap_write_lock(mm);
	mm->start_code = header->start_code;
	mm->end_code = header->end_code;
	mm->start_data = header->start_data;
	mm->end_data = header->end_data;
	mm->start_brk = header->start_brk;
	mm->brk = header->brk;
	mm->start_stack = header->start_stack;
	mm->arg_start = header->arg_start;
	mm->arg_end = header->arg_end;
	mm->env_start = header->env_start;
	mm->env_end = header->env_end;
	mm->mmap_base = header->mmap_base;
	memcpy(mm->saved_auxv, header->auxv, sizeof(mm->saved_auxv));
	mmap_write_unlock(mm);
}

static int make_process(struct restore *restore)
{
	const struct rfork_image_header *header = restore->header;
	struct k_sigaction *actions = current->sighand->action;
	int i;

	make_mm_fields(header);
	spin_lock_irq(&current->sighand->siglock);
	for (i = 0; i < _NSIG; i++) {
		actions[i].sa.sa_handler = (void __user *)header->actions[i].handler;
		actions[i].sa.sa_flags = header->actions[i].flags;
		actions[i].sa.sa_restorer = (void __user *)header->actions[i].restorer;
		actions[i].sa.sa_mask.sig[0] = header->actions[i].mask;
	}
	spin_unlock_irq(&current->sighand->siglock);
	rfork_sym.set_fs_pwd(current->fs, &restore->cwd);
	current->fs->umask = header->umask & 0777;
	return restore->exe ? rfork_sym.set_mm_exe_file(current->mm, restore->exe) : 0;
}

static void write_result(struct restore *restore, u64 started, bool done)
{
	struct rfork_restore_result *result;
	struct rfork_counters counters;
	void *page;

	if (!restore->result)
		return;
	rfork_tally_read(&restore->child->tally, &counters);
	page = kmap_local_page(restore->result);
	result = page + restore->result_offset;
	result->leaves_attached = counters.leaves_attached;
	result->leaves_built = counters.leaves_built;
	result->pages_migrated = counters.pages_migrated;
	result->entries_validated = counters.entries_validated;
	result->validation_ns = counters.validation_ns;
	result->duration_ns = ktime_get_ns() - started;
	/* Read by another process without a lock. */
	smp_store_release(&result->done, done);
	kunmap_local(page);
	set_page_dirty_lock(restore->result);
}

static void release(struct restore *restore)
{
	const struct rfork_image_header *header = restore->header;
	u64 i;

	for (i = 0; restore->built && i < header->leaves.count; i++)
		if (restore->built[i])
			rfork_leaf_free_unused(restore->built[i]);
	kvfree(restore->built);
	for (i = 0; restore->vma_files && i < header->vmas.count; i++)
		if (restore->vma_files[i])
			fput(restore->vma_files[i]);
	kvfree(restore->vma_files);
	for (i = 0; restore->files && i < header->files.count; i++)
		if (restore->files[i])
			fput(restore->files[i]);
	kvfree(restore->files);
	if (restore->exe)
		fput(restore->exe);
	if (restore->cwd.dentry)
		path_put(&restore->cwd);
	if (restore->result)
		put_page(restore->result);
	kvfree(restore->placements);
	kfree(restore->arrival);
}

/* glibc keeps a thread's id where the kernel clears it at exit. */
void rfork_tell_thread_id(const struct rfork_thread *thread)
{
	s32 __user *where = (s32 __user *)thread->clear_child_tid;
	s32 id;

	if (where && !get_user(id, where) && id == thread->tid && id != task_pid_vnr(current))
		put_user(task_pid_vnr(current), where);
}

/* From the first statement on, failure is death. */
static int become(struct restore *restore)
{
	const struct rfork_image_header *header = restore->header;
	const struct rfork_thread *threads = rfork_section(header, &header->threads);
	int error;

	error = vm_munmap(0, TASK_SIZE);
	if (error)
		rfork_refuse(restore->why, error, "the old memory cannot be unmapped");
	error = error ?: make_vmas(restore) ?: make_leaves(restore) ?: migrate_now(restore) ?:
		make_descriptors(restore) ?: make_process(restore);
	if (error)
		return error;
	rfork_thread_load(&threads[0], rfork_section(header, &header->xstates),
			  header->xstate_bytes, restore->arrival);
	restore->arrival = NULL;
	return 0;
}

/* On success the caller returns to user mode as the child; nothing may be copied out. */
int rfork_restore(struct rfork_restore *arg, struct rfork_reason *why)
{
	struct restore restore = { .why = why };
	struct rfork_counters counters;
	u64 started = ktime_get_ns(), image = arg->image;
	int error;

	restore.ref = rfork_image_get(image, why);
	if (IS_ERR(restore.ref))
		return PTR_ERR(restore.ref);
	error = prepare(&restore, arg);
	if (error) {
		release(&restore);
		rfork_adoption_end(restore.adoption, NULL, error);
		rfork_child_discard(restore.child);
		rfork_image_put(restore.ref);
		trace_rfork_restore(image, 0, 0, 0, ktime_get_ns() - started, error);
		return error;
	}
	rfork_child_publish(restore.child);
	error = become(&restore);
	rfork_tally_read(&restore.child->tally, &counters);
	trace_rfork_restore(image, counters.leaves_attached, counters.leaves_built,
			    counters.pages_migrated, ktime_get_ns() - started, error);
	write_result(&restore, started, !error);
	if (error) {
		pr_notice_ratelimited("restore of image %llu killed process %d: %s (error %d)\n", image,
				      task_tgid_nr(current), why->text, error);
		rfork_count_add(NULL, children_killed, 1);
		send_sig(SIGKILL, current, 1);
	} else {
		rfork_count_add(&restore.child->tally, children_restored, 1);
		/* A write of the child's first page, so it is counted as the child's. */
		rfork_tell_thread_id(rfork_section(restore.header, &restore.header->threads));
	}
	rfork_adoption_end(restore.adoption, restore.header, error);
	release(&restore);
	return error;
}
