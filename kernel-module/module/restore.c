// SPDX-License-Identifier: GPL-2.0
/*
 * A restore: the calling process becomes a child of the image.
 *
 *   prepare   image, placements, files, local leaves, adopters     an error changes nothing
 *   drop      the old address space                                 the point of no return
 *   make      VMAs, attached and built leaves, descriptors, registers   an error kills
 *
 * A leaf is attached if all its pages are migrate-on-write; otherwise it is built: a local leaf
 * whose entries fault on first access (migrate-on-access) or get a local page at once
 * (migrate-now).
 */
#include <linux/fs_struct.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/uaccess.h>
#include <linux/delay.h>
#include <asm/prctl.h>
#include "adoption.h"
#include "restore.h"
#include "trace.h"
#include "vma.h"

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

/* The kernel would not unmap it. */
static int refuse_sealed(struct restore *restore)
{
	bool sealed = false;
#ifdef VM_SEALED
	struct vm_area_struct *vma;
	VMA_ITERATOR(vmi, current->mm, 0);

	mmap_read_lock(current->mm);
	for_each_vma(vmi, vma)
		sealed |= !!(vma->vm_flags & VM_SEALED);
	mmap_read_unlock(current->mm);
#endif
	return sealed ? rfork_refuse(restore->why, -EBUSY,
				     "the caller has sealed memory, which cannot be dropped") : 0;
}

/* Nobody else may live in the address space that will be dropped. */
static int check_caller(struct restore *restore, const struct rfork_restore *arg)
{
	u64 threads = restore->header->threads.count;
	int tries;

	if (arg->threads != threads)
		return rfork_refuse(restore->why, -EINVAL,
				    "checkpoint %llu has %llu threads; the caller brings %u",
				    rfork_image_id(restore->ref), threads, arg->threads);
	if (get_nr_threads(current) != threads)
		return rfork_refuse(restore->why, -EBUSY, "the caller has %d threads; it must have %llu",
				    get_nr_threads(current), threads);
	if (current != current->group_leader)
		return rfork_refuse(restore->why, -EINVAL, "restore must be called by the main thread");
	if (current->mm->def_flags & VM_LOCKED)
		return rfork_refuse(restore->why, -EBUSY,
				    "the caller locks its future memory; it must munlockall() before");
#ifdef CONFIG_UPROBES
	/* Where its probed instructions were stepped through would stay its place for that. */
	if (current->mm->uprobes_state.xol_area)
		return rfork_refuse(restore->why, -EBUSY,
				    "probes (perf, bpftrace) were hit in the caller; restore in a fresh process");
#endif
	if (rfork_child_of(current->mm))
		return rfork_refuse(restore->why, -EBUSY, "the caller is a child of a checkpoint itself; restore in a fresh process");
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
	if (pin_user_pages_fast(address & PAGE_MASK, 1, FOLL_WRITE, &restore->result) != 1) {
		restore->result = NULL;
		return rfork_refuse(restore->why, -EFAULT, "result cannot be written");
	}
	return 0;
}

/* Before what takes long: until the notifier is there, a signal starts everything anew. */
static int make_child(struct restore *restore, const struct rfork_restore *arg,
		      const struct rfork_validation *validation)
{
	struct rfork_child *child = rfork_child_new(current->mm, restore->ref,
						    restore->header->leaves.count);

	if (!child)
		return -ENOMEM;
	restore->child = child;
	child->window_pages = arg->window_pages;
	child->unfinished = true;
	/* Counted for all already. */
	atomic64_set(&child->tally.value[RFORK_COUNT_INDEX(entries_validated)],
		     validation->entries);
	atomic64_set(&child->tally.value[RFORK_COUNT_INDEX(validation_ns)], validation->ns);
	return rfork_child_notify(child);
}

static int prepare(struct restore *restore, const struct rfork_restore *arg)
{
	struct rfork_validation validation = { };
	u32 threads;
	int error;

	restore->changed_files = arg->head.flags & RFORK_RESTORE_CHANGED_FILES;
	restore->inherit_fds = arg->inherit_fds;
	error = rfork_validate_leaves(restore->ref, &validation, restore->why);
	if (error)
		return error;
	restore->header = rfork_image_header(restore->ref);
	threads = restore->header->threads.count;
	error = check_caller(restore, arg) ?: refuse_sealed(restore) ?:
		make_child(restore, arg, &validation) ?:
		check_threads(restore) ?: rfork_limits_check(restore->header, restore->why);
	restore->differs = rfork_surroundings_differ(restore->header->surroundings) |
			   restore->header->lacks;
	if (!error && arg->head.flags & RFORK_RESTORE_ALIKE)
		error = rfork_surroundings_refuse(restore->differs, restore->why);
	if (!error && arg->head.flags & RFORK_RESTORE_VERIFY_DATA)
		error = rfork_validate_data(restore->header, restore->why);
	error = error ?: rfork_read_placements(restore, arg) ?: rfork_make_shared(restore) ?:
		rfork_open_files(restore) ?:
		pin_result(restore, arg->result) ?:
		rfork_prepare_leaves(restore, arg->head.flags & RFORK_RESTORE_LOCAL_LEAVES);
	if (error)
		return error;
	restore->arrival = rfork_arrival_new();
	if (!restore->arrival)
		return -ENOMEM;
	if (threads > 1) {
		restore->adoption = rfork_adoption_wait(rfork_image_id(restore->ref), threads,
							restore->why);
		if (IS_ERR(restore->adoption)) {
			error = PTR_ERR(restore->adoption);
			restore->adoption = NULL;
		}
	}
	return error;
}

static void write_result(struct restore *restore, const struct rfork_counters *counters,
			 u64 duration_ns, const u8 id[RFORK_ID_BYTES], bool done)
{
	struct rfork_restore_result *result;
	void *page;

	if (!restore->result)
		return;
	page = kmap_local_page(restore->result);
	result = page + restore->result_offset;
	result->leaves_attached = counters->leaves_attached;
	result->leaves_built = counters->leaves_built;
	result->pages_copied = counters->pages_copied;
	result->entries_validated = counters->entries_validated;
	result->validation_ns = counters->validation_ns;
	result->duration_ns = duration_ns;
	result->differs = restore->differs;
	memcpy(result->restore_id, id, RFORK_ID_BYTES);
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
	for (i = 0; restore->shared_files && i < header->shared.count; i++)
		if (restore->shared_files[i])
			fput(restore->shared_files[i]);
	kvfree(restore->shared_files);
	for (i = 0; restore->files && i < header->files.count; i++)
		if (restore->files[i])
			fput(restore->files[i]);
	kvfree(restore->files);
	for (i = 0; restore->pipe_ends && i < header->files.count * 2; i++)
		if (restore->pipe_ends[i])
			fput(restore->pipe_ends[i]);
	kvfree(restore->pipe_ends);
	if (restore->exe) {
		allow_write_access(restore->exe);
		fput(restore->exe);
	}
	if (restore->cwd.dentry)
		path_put(&restore->cwd);
	if (restore->result)
		unpin_user_page(restore->result);
	kvfree(restore->placements);
	kfree(restore->arrival);
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
	error = error ?: rfork_make_vmas(restore) ?: rfork_make_leaves(restore) ?:
		rfork_migrate_now(restore) ?: rfork_make_descriptors(restore) ?:
		rfork_make_process(restore);
	if (error)
		return error;
	rfork_make_probes(restore);
	rfork_thread_load(&threads[0], rfork_section(header, &header->xstates),
			  header->xstate_bytes, restore->arrival);
	restore->arrival = NULL;
	return 0;
}

/*
 * 0: the memory the request was in is gone, and the caller returns to user mode as the child or to
 * be killed; nothing may be copied out.
 */
int rfork_restore(struct rfork_restore *arg, struct rfork_reason *why)
{
	struct restore restore = { .why = why };
	struct rfork_counters counters;
	u64 started = ktime_get_ns(), image = arg->image, duration_ns;
	u8 id[RFORK_ID_BYTES] = { };
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
	/* A write of the child's, as is the thread's id below, so it is counted as the child's. */
	error = error ?: rfork_restore_id_put(restore.header, id, why);
	duration_ns = ktime_get_ns() - started;
	trace_rfork_restore(image, counters.leaves_attached, counters.leaves_built,
			    counters.pages_copied, duration_ns, error);
	write_result(&restore, &counters, duration_ns, id, !error);
	if (error) {
		pr_notice_ratelimited("restore of checkpoint %llu killed process %d: %s (error %d)\n", image,
				      task_tgid_nr(current), why->text, error);
		rfork_count_add(NULL, children_killed, 1);
		send_sig(SIGKILL, current, 1);
	} else {
		rfork_count_add(&restore.child->tally, children_restored, 1);
		rfork_tell_thread_id(rfork_section(restore.header, &restore.header->threads));
	}
	rfork_adoption_end(restore.adoption, restore.header, error);
	release(&restore);
	return 0;
}
