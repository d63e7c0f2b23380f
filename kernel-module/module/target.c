// SPDX-License-Identifier: GPL-2.0
/* The process a request names by its number, in the caller's PID namespace. */
#include <linux/sched/mm.h>
#include <linux/sched/task.h>
#include "rfork-module.h"

/* Its memory, to be put, or NULL. */
struct mm_struct *rfork_mm_of_pid(pid_t pid)
{
	struct task_struct *task;
	struct mm_struct *mm = NULL;

	rcu_read_lock();
	task = pid_task(find_vpid(pid), PIDTYPE_PID);
	if (task)
		get_task_struct(task);
	rcu_read_unlock();
	if (task) {
		mm = get_task_mm(task);
		put_task_struct(task);
	}
	return mm;
}

/* The address space cannot end while it is held, and so cannot the child. */
struct rfork_child *rfork_child_of_pid(pid_t pid, struct mm_struct **mm, struct rfork_reason *why)
{
	struct rfork_child *child;

	*mm = rfork_mm_of_pid(pid);
	rcu_read_lock();
	child = *mm ? rfork_child_of(*mm) : NULL;
	rcu_read_unlock();
	if (child)
		return child;
	if (*mm)
		mmput(*mm);
	rfork_refuse(why, -ESRCH, "process %d is no child of a checkpoint", pid);
	return ERR_PTR(-ESRCH);
}
