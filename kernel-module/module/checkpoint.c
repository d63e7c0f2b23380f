// SPDX-License-Identifier: GPL-2.0
/*
 * A checkpoint: every thread of the process parks itself on its way to user mode, one of them writes
 * the image, all go on.
 *
 *   requester   queue work on each thread --> wait until all are parked --> wait for the image --> release
 *   threads     save own registers, park ............................................. go on
 *   builder     (the leader, or the requester when it checkpoints itself)  write the image
 */
#include <linux/fs_struct.h>
#include <linux/kref.h>
#include <linux/sched/coredump.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/task_work.h>
#include <linux/timekeeping.h>
#include <linux/user_namespace.h>
#include <linux/utsname.h>
#include "builder.h"
#include "trace.h"

#define DEFAULT_TIMEOUT_MS	10000
#define MAX_THREADS		64

struct session {
	struct kref refs;
	struct rfork_checkpoint *arg;	/* of the requester; valid until released */
	struct rfork_reason why;
	struct mutex lock;
	u32 nr_threads, nr_parked;
	u32 xstate_bytes;
	bool cancelled;
	int error;
	struct completion parked, build, built, release;
	struct rfork_thread *threads;
	void *xstates;
	struct parking {
		struct callback_head work;
		struct session *session;
		struct task_struct *task;
		u32 index;
		bool builds;
	} parkings[MAX_THREADS];
};

static void session_free(struct kref *refs)
{
	struct session *session = container_of(refs, struct session, refs);
	u32 i;

	for (i = 0; i < session->nr_threads; i++)
		put_task_struct(session->parkings[i].task);
	kvfree(session->xstates);
	kvfree(session->threads);
	kvfree(session);
}

static struct session *session_new(struct rfork_checkpoint *arg)
{
	struct session *session = kvzalloc(sizeof(*session), GFP_KERNEL);

	if (!session)
		return NULL;
	kref_init(&session->refs);
	session->arg = arg;
	mutex_init(&session->lock);
	init_completion(&session->parked);
	init_completion(&session->build);
	init_completion(&session->built);
	init_completion(&session->release);
	session->xstate_bytes = rfork_xstate_bytes();
	session->threads = kvcalloc(MAX_THREADS, sizeof(*session->threads), GFP_KERNEL);
	session->xstates = kvcalloc(MAX_THREADS, session->xstate_bytes, GFP_KERNEL);
	if (!session->threads || !session->xstates) {
		kref_put(&session->refs, session_free);
		return NULL;
	}
	return session;
}

/* A process that another of its user may not look into is root's. */
static u32 owner(void)
{
	const struct cred *cred = current_cred();

	return uid_eq(cred->uid, cred->euid) && uid_eq(cred->uid, cred->suid) &&
	       get_dumpable(current->mm) == SUID_DUMP_USER ?
	       from_kuid(&init_user_ns, cred->uid) : 0;
}

static int fill_header(struct rfork_builder *builder, struct session *session)
{
	struct rfork_image_header *header = builder->header;
	struct mm_struct *mm = current->mm;
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
	header->monotonic_ns = ktime_get_ns();
	header->boottime_ns = ktime_get_boottime_ns();
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
	error = rfork_build_path(builder, &cwd, &header->cwd);
	path_put(&cwd);
	if (error)
		return error;
	header->exe = RFORK_NO_STRING;
	/* Stays: only a thread of this process changes it, and they are parked. */
	rcu_read_lock();
	exe = rcu_dereference(mm->exe_file);
	rcu_read_unlock();
	return exe ? rfork_build_path(builder, &exe->f_path, &header->exe) : 0;
}

static int add_threads(struct rfork_builder *builder, struct session *session)
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

/* Runs in a thread of the process, all others parked. */
static int build(struct session *session)
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
	builder->inherit_fds = arg->inherit_fds;
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
		error = rfork_build_memory(builder);
	if (!error)
		error = rfork_build_finish(builder, &metadata, &bytes);
	if (!error && (READ_ONCE(session->cancelled) || fatal_signal_pending(current)))
		error = -EINTR;
	if (!error && !rfork_slot_commit(builder->slot, metadata, bytes))
		error = rfork_refuse(&session->why, -ESTALE,
				     "this node was recovered by another while it wrote the image");
	if (error) {
		rfork_slot_abort(builder->slot);
		goto free;
	}
	arg->pages = builder->pages.count;
	arg->leaves = builder->leaves.count;
	arg->vmas = builder->vmas.count;
	arg->threads = builder->threads.count;
	arg->bytes = builder->header->image_bytes;
	arg->image = builder->image;
free:
	rfork_builder_free(builder);
	kfree(builder);
	return error;
}

/* Of the running thread, which is about to return to user mode. */
static void park_self(struct session *session, u32 index)
{
	rfork_thread_save(&session->threads[index],
			  session->xstates + (size_t)index * session->xstate_bytes,
			  session->xstate_bytes);
	mutex_lock(&session->lock);
	if (++session->nr_parked == session->nr_threads)
		complete(&session->parked);
	mutex_unlock(&session->lock);
}

static void park(struct callback_head *work)
{
	struct parking *parking = container_of(work, struct parking, work);
	struct session *session = parking->session;

	if (!READ_ONCE(session->cancelled) && !(current->flags & PF_EXITING)) {
		rfork_arrival_settle(work->next);
		park_self(session, parking->index);
		if (parking->builds && !wait_for_completion_killable(&session->build) &&
		    !READ_ONCE(session->cancelled))
			session->error = build(session);
		if (parking->builds)
			complete(&session->built);
		/* A thread that is killed leaves: the image would lack nothing, but is of no process. */
		if (wait_for_completion_killable(&session->release))
			WRITE_ONCE(session->cancelled, true);
	} else {
		WRITE_ONCE(session->cancelled, true);
		complete(&session->parked);
		complete(&session->built);
	}
	kref_put(&session->refs, session_free);
	module_put(THIS_MODULE);
}

static bool has_parking(struct session *session, struct task_struct *task)
{
	u32 i;

	for (i = 0; i < session->nr_threads; i++)
		if (session->parkings[i].task == task)
			return true;
	return false;
}

/* Asks every thread that was not asked yet. Returns how many there were, or an errno. */
static int ask_threads(struct session *session, struct task_struct *leader)
{
	struct task_struct *thread, *found[MAX_THREADS];
	int nr = 0, i, error = 0;

	rcu_read_lock();
	for_each_thread(leader, thread) {
		if (thread->flags & PF_EXITING || has_parking(session, thread))
			continue;
		if (session->nr_threads + nr == MAX_THREADS) {
			error = rfork_refuse(&session->why, -E2BIG,
					     "process %d has more than %d threads",
					     task_tgid_vnr(leader), MAX_THREADS);
			break;
		}
		get_task_struct(thread);
		found[nr++] = thread;
	}
	rcu_read_unlock();
	for (i = 0; i < nr; i++) {
		struct parking *parking = &session->parkings[session->nr_threads];

		if (!error)
			error = rfork_task_refuse(found[i], &session->why);
		if (!error && found[i]->files != leader->files)
			error = rfork_refuse(&session->why, -EOPNOTSUPP,
					     "threads: thread %d has its own descriptor table",
					     found[i]->pid);
		if (error) {
			put_task_struct(found[i]);
			continue;
		}
		parking->session = session;
		parking->task = found[i];
		parking->index = session->nr_threads;
		parking->builds = found[i] == leader && !same_thread_group(leader, current);
		mutex_lock(&session->lock);
		session->nr_threads++;
		mutex_unlock(&session->lock);
		if (found[i] == current)
			continue;
		init_task_work(&parking->work, park);
		kref_get(&session->refs);
		__module_get(THIS_MODULE);
		if (task_work_add(found[i], &parking->work, TWA_SIGNAL)) {
			/* It is exiting. */
			kref_put(&session->refs, session_free);
			module_put(THIS_MODULE);
			error = rfork_refuse(&session->why, -ESRCH, "thread %d exits",
					     found[i]->pid);
		}
	}
	return error ?: nr;
}

static int wait_parked(struct session *session, unsigned long deadline)
{
	long left;

	do {
		mutex_lock(&session->lock);
		if (session->nr_parked == session->nr_threads) {
			reinit_completion(&session->parked);
			mutex_unlock(&session->lock);
			return READ_ONCE(session->cancelled) ? -ESRCH : 0;
		}
		mutex_unlock(&session->lock);
		if (READ_ONCE(session->cancelled))
			return rfork_refuse(&session->why, -ESRCH, "the process exits");
		left = time_before(jiffies, deadline) ? (long)(deadline - jiffies) : 0;
		left = wait_for_completion_killable_timeout(&session->parked, left);
	} while (left > 0);
	return left < 0 ? -EINTR :
	       rfork_refuse(&session->why, -ETIMEDOUT,
			    "the process did not reach user mode in time; is it stopped or in a long system call?");
}

/* New threads may appear until all are parked, so ask until nobody new is found. */
static int park_all(struct session *session, struct task_struct *leader, unsigned long deadline)
{
	int found, error;

	do {
		found = ask_threads(session, leader);
		if (found < 0)
			return found;
		if (found && has_parking(session, current)) {
			u32 i;

			for (i = session->nr_threads - found; i < session->nr_threads; i++)
				if (session->parkings[i].task == current)
					park_self(session, i);
		}
		error = wait_parked(session, deadline);
		if (error)
			return error;
	} while (found);
	return session->nr_threads ? 0 : -ESRCH;
}

static struct task_struct *find_leader(pid_t pid, struct rfork_reason *why)
{
	struct task_struct *task;

	if (!pid) {
		get_task_struct(current->group_leader);
		return current->group_leader;
	}
	rcu_read_lock();
	task = pid_task(find_vpid(pid), PIDTYPE_TGID);
	if (task)
		get_task_struct(task);
	rcu_read_unlock();
	if (!task)
		rfork_refuse(why, -ESRCH, "there is no process %d", pid);
	return task;
}

int rfork_checkpoint(struct rfork_checkpoint *arg, struct rfork_reason *why)
{
	u64 started = ktime_get_ns(), stopped = 0;
	struct task_struct *leader;
	struct session *session;
	unsigned long deadline;
	bool self;
	int error;

	if (arg->pid < 0)
		return rfork_refuse(why, -EINVAL, "process %d; 0 is the caller", arg->pid);
	leader = find_leader(arg->pid, why);
	if (!leader)
		return -ESRCH;
	session = session_new(arg);
	if (!session) {
		put_task_struct(leader);
		return -ENOMEM;
	}
	self = same_thread_group(leader, current);
	deadline = jiffies + msecs_to_jiffies(arg->timeout_ms ?: DEFAULT_TIMEOUT_MS);
	error = park_all(session, leader, deadline);
	if (!error) {
		stopped = ktime_get_ns();
		if (self) {
			u32 i;

			/* In the restored process this very system call returns 1. */
			for (i = 0; i < session->nr_threads; i++)
				if (session->parkings[i].task == current)
					((struct pt_regs *)session->threads[i].regs)->ax = 1;
			error = build(session);
		} else {
			complete(&session->build);
			if (wait_for_completion_killable(&session->built)) {
				/* The builder uses arg, so it must end before this call does. */
				WRITE_ONCE(session->cancelled, true);
				wait_for_completion(&session->built);
			}
			error = session->error ?: arg->image ? 0 : -ESRCH;
		}
		arg->stopped_ns = ktime_get_ns() - stopped;
	}
	if (error) {
		WRITE_ONCE(session->cancelled, true);
		memcpy(why, &session->why, sizeof(*why));
		arg->image = 0;
	}
	complete_all(&session->build);
	complete_all(&session->release);
	arg->duration_ns = ktime_get_ns() - started;
	trace_rfork_checkpoint(arg->image, leader->pid, arg->pages, arg->leaves, arg->duration_ns,
			       error);
	kref_put(&session->refs, session_free);
	put_task_struct(leader);
	return error;
}
