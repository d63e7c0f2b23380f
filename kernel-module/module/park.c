// SPDX-License-Identifier: GPL-2.0
/*
 * Every thread of the process parks itself on its way to user mode: it saves its own registers, and
 * waits until the image is written, or writes it.
 */
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/sched/task_stack.h>
#include "session.h"

#ifdef CONFIG_SYSVIPC
/* As ipc/sem.c has it, from 6.1 to 6.12. */
struct sem_undo_list {
	refcount_t refcnt;
	spinlock_t lock;
	struct list_head list_proc;
};
#endif

/*
 * Whether the running thread's end would give semaphores back. Threads have the list, mostly empty.
 */
static bool holds_semaphores(void)
{
	bool holds = false;
#ifdef CONFIG_SYSVIPC
	struct sem_undo_list *undo = current->sysvsem.undo_list;

	if (undo) {
		spin_lock(&undo->lock);
		holds = !list_empty(&undo->list_proc);
		spin_unlock(&undo->lock);
	}
#endif
	return holds;
}

/* Of the running thread, which is about to return to user mode. */
static void park_self(struct rfork_session *session, u32 index)
{
	bool semaphores = holds_semaphores();
	bool known = rfork_thread_save(&session->threads[index],
				       session->xstates + (size_t)index * session->xstate_bytes,
				       session->xstate_bytes);

	mutex_lock(&session->lock);
	session->semaphores |= semaphores;
	session->unknown_call |= !known;
	session->other_code |= task_pt_regs(current)->cs != __USER_CS;
	if (++session->nr_parked == session->nr_threads)
		complete(&session->parked);
	mutex_unlock(&session->lock);
}

static void park(struct callback_head *work)
{
	struct rfork_parking *parking = container_of(work, struct rfork_parking, work);
	struct rfork_session *session = parking->session;

	if (!READ_ONCE(session->cancelled) && !(current->flags & PF_EXITING)) {
		rfork_arrival_settle(work->next);
		park_self(session, parking->index);
		if (parking->builds && !wait_for_completion_killable(&session->build) &&
		    !READ_ONCE(session->cancelled))
			session->error = rfork_build_image(session);
		if (parking->builds)
			complete(&session->built);
		/*
		 * A thread that is killed leaves: the image would lack nothing, but is of no
		 * process.
		 */
		if (wait_for_completion_killable(&session->release))
			WRITE_ONCE(session->cancelled, true);
	} else {
		/* Nor does a checkpoint that is refused show in the process. */
		rfork_restart_call();
		WRITE_ONCE(session->cancelled, true);
		complete(&session->parked);
		complete(&session->built);
	}
	rfork_session_put(session);
	module_put(THIS_MODULE);
}

static bool has_parking(struct rfork_session *session, struct task_struct *task)
{
	u32 i;

	for (i = 0; i < session->nr_threads; i++)
		if (session->parkings[i].task == task)
			return true;
	return false;
}

/* Asks every thread that was not asked yet. Returns how many there were, or an errno. */
static int ask_threads(struct rfork_session *session, struct task_struct *leader)
{
	struct task_struct *thread, *found[RFORK_MAX_THREADS];
	int nr = 0, i, error = 0;

	rcu_read_lock();
	for_each_thread(leader, thread) {
		if (thread->flags & PF_EXITING || has_parking(session, thread))
			continue;
		if (session->nr_threads + nr == RFORK_MAX_THREADS) {
			error = rfork_refuse(&session->why, -E2BIG,
					     "process %d has more than %d threads",
					     task_tgid_vnr(leader), RFORK_MAX_THREADS);
			break;
		}
		get_task_struct(thread);
		found[nr++] = thread;
	}
	rcu_read_unlock();
	for (i = 0; i < nr; i++) {
		struct rfork_parking *parking = &session->parkings[session->nr_threads];

		if (!error)
			error = rfork_task_refuse(found[i], session->arg->head.flags,
						  &session->why);
		if (!error)
			error = rfork_thread_refuse(found[i], leader, &session->why);
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
			rfork_session_put(session);
			module_put(THIS_MODULE);
			error = rfork_refuse(&session->why, -ESRCH, "thread %d exits",
					     found[i]->pid);
		}
	}
	return error ?: nr;
}

static int refuse_exiting(struct rfork_session *session)
{
	return rfork_refuse(&session->why, -ESRCH, "the process exits");
}

static int wait_parked(struct rfork_session *session, unsigned long deadline)
{
	long left;

	do {
		mutex_lock(&session->lock);
		if (session->nr_parked == session->nr_threads) {
			reinit_completion(&session->parked);
			mutex_unlock(&session->lock);
			return READ_ONCE(session->cancelled) ? refuse_exiting(session) : 0;
		}
		mutex_unlock(&session->lock);
		if (READ_ONCE(session->cancelled))
			return refuse_exiting(session);
		left = time_before(jiffies, deadline) ? (long)(deadline - jiffies) : 0;
		left = wait_for_completion_killable_timeout(&session->parked, left);
	} while (left > 0);
	return left < 0 ? -EINTR :
	       rfork_refuse(&session->why, -ETIMEDOUT,
			    "the process did not reach user mode in time; is it stopped or in a long system call?");
}

/* New threads may appear until all are parked, so ask until nobody new is found. */
int rfork_park_all(struct rfork_session *session, struct task_struct *leader,
		   unsigned long deadline)
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
	if (!session->nr_threads)
		return refuse_exiting(session);
	/* Whose registers are an image's first ones. */
	return has_parking(session, leader) ? 0 :
	       rfork_refuse(&session->why, -EOPNOTSUPP,
			    "threads: the main thread of process %d has ended", leader->pid);
}
