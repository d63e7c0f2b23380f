// SPDX-License-Identifier: GPL-2.0
/*
 * The image of the running process, whose threads are parked: header and threads here, the rest by
 * its kind.
 */
#include <linux/fs_struct.h>
#include <linux/sched/coredump.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/time_namespace.h>
#include <linux/timekeeping.h>
#include <linux/user_namespace.h>
#include <linux/utsname.h>
#include "builder.h"
#include "session.h"
#include "vma.h"

/* A process that another of its user may not look into is root's. */
static u32 owner(void)
{
	const struct cred *cred = current_cred();

	return uid_eq(cred->uid, cred->euid) && uid_eq(cred->uid, cred->suid) &&
	       get_dumpable(current->mm) == SUID_DUMP_USER ?
	       from_kuid(&init_user_ns, cred->uid) : 0;
}

static int fill_header(struct rfork_builder *builder, struct rfork_session *session)
{
	struct rfork_image_header *header = builder->header;
	struct mm_struct *mm = current->mm;
	struct timespec64 now;
	struct file *exe;
	struct path cwd;
	int error, i;

	header->magic = RFORK_IMAGE_MAGIC;
	header->version = RFORK_FORMAT_VERSION;
	header->header_bytes = sizeof(*header);
	header->image = builder->image;
	header->generation = rfork_region->generation;
	header->base = rfork_region->base;
	header->region_bytes = rfork_region->bytes;
	header->has_data_checksum = builder->checksum_data;
	strscpy(header->release, init_utsname()->release, sizeof(header->release));
	header->vdso_checksum = rfork_vdso_checksum();
	header->xfeatures = rfork_xfeatures();
	header->xstate_bytes = session->xstate_bytes;
	header->pid = task_tgid_vnr(current);
	header->uid = owner();
	header->user_ns = current_user_ns()->ns.inum;
	/* As the process sees them: it may be a child whose clocks were set forward. */
	ktime_get_ts64(&now);
	timens_add_monotonic(&now);
	header->monotonic_ns = timespec64_to_ns(&now);
	ktime_get_boottime_ts64(&now);
	timens_add_boottime(&now);
	header->boottime_ns = timespec64_to_ns(&now);
	memcpy(header->comm, current->group_leader->comm, RFORK_COMM_BYTES);
	header->start_code = mm->start_code;
	header->end_code = mm->end_code;
	header->start_data = mm->start_data;
	header->end_data = mm->end_data;
	header->start_brk = mm->start_brk;
	header->brk = mm->brk;
	header->start_stack = mm->start_stack;
	header->arg_start = mm->arg_start;
	header->arg_end = mm->arg_end;
	header->env_start = mm->env_start;
	header->env_end = mm->env_end;
	header->mmap_base = mm->mmap_base;
	rfork_registrations_save(mm, header);
	rfork_surroundings_save(header->surroundings);
	BUILD_BUG_ON(sizeof(mm->saved_auxv) > sizeof(header->auxv));
	memcpy(header->auxv, mm->saved_auxv, sizeof(mm->saved_auxv));
	spin_lock_irq(&current->sighand->siglock);
	for (i = 0; i < _NSIG; i++) {
		const struct sigaction *action = &current->sighand->action[i].sa;

		header->actions[i].handler = (u64)action->sa_handler;
		header->actions[i].flags = action->sa_flags;
		header->actions[i].restorer = (u64)action->sa_restorer;
		header->actions[i].mask = action->sa_mask.sig[0];
	}
	spin_unlock_irq(&current->sighand->siglock);
	get_fs_pwd(current->fs, &cwd);
	header->umask = current_umask();
	header->personality = current->personality;
	/* The root of a file system has no name in another. */
	if ((d_unhashed(cwd.dentry) && !IS_ROOT(cwd.dentry)) || rfork_path_is_of_a_process(&cwd))
		error = rfork_refuse(builder->why, -EOPNOTSUPP,
				     "the working directory is deleted, or one of a process in /proc; change it");
	else
		error = rfork_build_path(builder, &cwd, &header->cwd);
	path_put(&cwd);
	if (error)
		return error;
	header->exe = RFORK_NO_STRING;
	/* Stays: only a thread of this process changes it, and they are parked. */
	rcu_read_lock();
	exe = rcu_dereference(mm->exe_file);
	rcu_read_unlock();
	if (exe && d_unhashed(exe->f_path.dentry))
		return rfork_refuse(builder->why, -EOPNOTSUPP,
				    "the program's file is deleted; start it from one that stays");
	return exe ? rfork_build_path(builder, &exe->f_path, &header->exe) : 0;
}

static int add_threads(struct rfork_builder *builder, struct rfork_session *session)
{
	u32 i;
	int error = 0;

	builder->xstates.item_bytes = session->xstate_bytes;
	for (i = 0; !error && i < session->nr_threads; i++) {
		error = rfork_vector_push(&builder->threads, &session->threads[i]);
		if (!error)
			error = rfork_vector_push(&builder->xstates, session->xstates +
						  (size_t)i * session->xstate_bytes);
	}
	return error;
}

int rfork_build_image(struct rfork_session *session)
{
	struct rfork_checkpoint *arg = session->arg;
	struct rfork_builder *builder = kzalloc(sizeof(*builder), GFP_KERNEL);
	u64 metadata, bytes;
	int error;

	if (!builder)
		return -ENOMEM;
	rfork_builder_init(builder, &session->why);
	builder->cancelled = &session->cancelled;
	builder->checksum_data = arg->head.flags & RFORK_CHECKPOINT_CHECKSUM_DATA;
	builder->drop_locks = arg->head.flags & RFORK_CHECKPOINT_DROP_LOCKS;
	builder->inherit_fds = arg->inherit_fds;
	if (session->other_code) {
		error = rfork_refuse(&session->why, -EOPNOTSUPP,
				     "process %d runs code that is no 64-bit code", arg->pid);
		goto free;
	}
	if (session->unknown_call) {
		error = rfork_refuse(&session->why, -EOPNOTSUPP,
				     "process %d is in a system call that went on after a stop and is not known",
				     arg->pid);
		goto free;
	}
	if (session->semaphores && !(arg->head.flags & RFORK_CHECKPOINT_DROP_SEMAPHORES)) {
		error = rfork_refuse(&session->why, -EOPNOTSUPP,
				     "semaphores: the process has some with SEM_UNDO; --drop semaphores lets them go");
		goto free;
	}
	builder->header = kzalloc(sizeof(*builder->header), GFP_KERNEL);
	error = builder->header ? rfork_shared_refuse(&session->why) ?:
				  rfork_slot_begin(&builder->slot, &builder->image, &session->why) :
				  -ENOMEM;
	if (error)
		goto free;
	error = fill_header(builder, session);
	if (!error)
		error = add_threads(builder, session);
	if (!error)
		error = rfork_build_files(builder);
	if (!error)
		error = rfork_build_memory(builder) ?: rfork_build_names_check(builder);
	if (!error)
		error = rfork_build_finish(builder, &metadata, &bytes);
	if (!error && (READ_ONCE(session->cancelled) || fatal_signal_pending(current)))
		error = -EINTR;
	if (!error && !rfork_slot_commit(builder->slot, metadata, bytes))
		error = rfork_refuse(&session->why, -ESTALE,
				     "this node was recovered by another while it wrote the checkpoint");
	if (error) {
		rfork_slot_abort(builder->slot);
		goto free;
	}
	arg->pages = builder->pages.count;
	arg->shared_pages = builder->shared_pages.count;
	arg->leaves = builder->leaves.count;
	arg->vmas = builder->vmas.count;
	arg->threads = builder->threads.count;
	arg->bytes = builder->header->image_bytes;
	arg->image = builder->image;
free:
	rfork_build_names_free(builder);
	rfork_builder_free(builder);
	kfree(builder);
	return error;
}
