// SPDX-License-Identifier: GPL-2.0
/*
 * A checkpoint: every thread of the process parks itself on its way to user mode, one of them
 * writes the image, all go on.
 *
 *   requester   queue work on each thread --> wait until all are parked --> wait for the image --> release
 *   threads     save own registers, park ............................................. go on
 *   builder     (the leader, or the requester when it checkpoints itself)  write the image
 */
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include "session.h"
#include "trace.h"

#define DEFAULT_TIMEOUT_MS	10000

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
	struct rfork_session *session;
	unsigned long deadline;
	bool self;
	int error;

	if (arg->pid < 0)
		return rfork_refuse(why, -EINVAL, "process %d; 0 is the caller", arg->pid);
	leader = find_leader(arg->pid, why);
	if (!leader)
		return -ESRCH;
	session = rfork_session_new(arg);
	if (!session) {
		put_task_struct(leader);
		return -ENOMEM;
	}
	self = same_thread_group(leader, current);
	deadline = jiffies + msecs_to_jiffies(arg->timeout_ms ?: DEFAULT_TIMEOUT_MS);
	error = rfork_park_all(session, leader, deadline);
	if (!error) {
		stopped = ktime_get_ns();
		if (self) {
			u32 i;

			/* In the restored process this very system call returns 1. */
			for (i = 0; i < session->nr_threads; i++)
				if (session->parkings[i].task == current)
					((struct pt_regs *)session->threads[i].regs)->ax = 1;
			error = rfork_build_image(session);
		} else {
			complete(&session->build);
			if (wait_for_completion_killable(&session->built)) {
				/* The builder uses arg, so it must end before this call does. */
				WRITE_ONCE(session->cancelled, true);
				wait_for_completion(&session->built);
			}
			error = session->error;
			if (!error && !arg->image)
				error = rfork_refuse(&session->why, -ESRCH,
						     "the process ended before its checkpoint was written");
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
	rfork_session_put(session);
	put_task_struct(leader);
	return error;
}
