// SPDX-License-Identifier: GPL-2.0
/* State of a process that an image cannot hold. See the state table in docs/state-table.md. */
#include <linux/seccomp.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include "rfork-module.h"

/* The record of the task's address space, which stays although the task may end at any moment. */
static struct mm_struct *grab_mm(struct task_struct *task)
{
	struct mm_struct *mm;

	task_lock(task);
	mm = task->flags & PF_KTHREAD ? NULL : task->mm;
	if (mm)
		mmgrab(mm);
	task_unlock(task);
	return mm;
}

static int refuse_state(struct task_struct *task, const struct mm_struct *mm,
			struct rfork_reason *why)
{
	struct signal_struct *signal = task->signal;

	if (test_tsk_thread_flag(task, TIF_ADDR32))
		return rfork_refuse(why, -EOPNOTSUPP, "process %d is no 64-bit program", task->pid);
	if (task->ptrace)
		return rfork_refuse(why, -EOPNOTSUPP, "ptrace: process %d is being traced", task->pid);
	if (!list_empty(&task->ptraced))
		return rfork_refuse(why, -EOPNOTSUPP, "ptrace: process %d traces others", task->pid);
	if (READ_ONCE(signal->flags) & SIGNAL_STOP_STOPPED)
		return rfork_refuse(why, -EOPNOTSUPP, "process %d is stopped; let it continue before",
				    task->pid);
	if (task->seccomp.mode)
		return rfork_refuse(why, -EOPNOTSUPP, "seccomp: process %d has a filter", task->pid);
	if (!list_empty(&task->children))
		return rfork_refuse(why, -EOPNOTSUPP, "children: process %d has child processes",
				    task->pid);
	if (rfork_has_posix_timers(task->signal))
		return rfork_refuse(why, -EOPNOTSUPP, "timers: process %d has POSIX timers", task->pid);
	if (hrtimer_active(&signal->real_timer) || signal->it[0].expires || signal->it[1].expires)
		return rfork_refuse(why, -EOPNOTSUPP, "timers: process %d has an interval timer armed",
				    task->pid);
	if (!sigisemptyset(&task->pending.signal) || !sigisemptyset(&signal->shared_pending.signal))
		return rfork_refuse(why, -EOPNOTSUPP, "signals: process %d has pending ones", task->pid);
#ifdef CONFIG_SYSVIPC
	if (!list_empty(&task->sysvshm.shm_clist))
		return rfork_refuse(why, -EOPNOTSUPP,
				    "System V memory: process %d made some, whose number no other node knows",
				    task->pid);
#endif
#ifdef CONFIG_X86_IOPL_IOPERM
	if (task->thread.io_bitmap || task->thread.iopl_emul)
		return rfork_refuse(why, -EOPNOTSUPP, "I/O ports: process %d has access to some",
				    task->pid);
#endif
#ifdef CONFIG_IO_URING
	if (task->io_uring)
		return rfork_refuse(why, -EOPNOTSUPP, "io_uring: process %d uses it", task->pid);
#endif
	if (task->thread.fpu.fpstate->is_valloc)
		return rfork_refuse(why, -EOPNOTSUPP, "AMX: process %d uses tile registers", task->pid);
	if (task->thread.fsindex || task->thread.gsindex)
		return rfork_refuse(why, -EOPNOTSUPP, "segments: process %d uses fs or gs selectors",
				    task->pid);
#ifdef CONFIG_MODIFY_LDT_SYSCALL
	if (mm->context.ldt)
		return rfork_refuse(why, -EOPNOTSUPP, "segments: process %d has an LDT", task->pid);
#endif
	if (test_task_syscall_work(task, SYSCALL_USER_DISPATCH))
		return rfork_refuse(why, -EOPNOTSUPP,
				    "syscall dispatch: process %d handles its system calls itself",
				    task->pid);
#ifdef CONFIG_ADDRESS_MASKING
	if (mm->context.lam_cr3_mask)
		return rfork_refuse(why, -EOPNOTSUPP, "address masking: process %d tags its addresses",
				    task->pid);
#endif
	return 0;
}

int rfork_task_refuse(struct task_struct *task, u32 drop, struct rfork_reason *why)
{
	struct mm_struct *mm = grab_mm(task);
	int error;

	if (!mm)
		return rfork_refuse(why, -EINVAL, "process %d is a kernel thread or a dead process",
				    task->pid);
	error = refuse_state(task, mm, why);
	if (!error && !(drop & RFORK_CHECKPOINT_DROP_SETTINGS))
		error = rfork_settings_refuse(task, mm, why);
	mmdrop(mm);
	return error;
}

/* Of the running process, whose threads are parked: what clone() lets other processes share. */
int rfork_shared_refuse(struct rfork_reason *why)
{
	struct task_struct *process, *thread;
	const char *what = NULL;
	pid_t other = 0;

	rcu_read_lock();
	for_each_process_thread(process, thread) {
		bool ours = same_thread_group(thread, current);

		if (thread->flags & (PF_EXITING | PF_KTHREAD))
			continue;
		if (!ours && READ_ONCE(thread->mm) == current->mm)
			what = "memory";
		else if (ours != (READ_ONCE(thread->files) == current->files))
			what = "descriptors";
		else if (ours != (READ_ONCE(thread->fs) == current->fs))
			what = "working directory";
		else
			continue;
		other = thread->pid;
	}
	rcu_read_unlock();
	return what ? rfork_refuse(why, -EOPNOTSUPP,
				   "shared %s: not the same for all threads and nobody else (task %d)",
				   what, other) : 0;
}
