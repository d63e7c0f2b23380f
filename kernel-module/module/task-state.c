// SPDX-License-Identifier: GPL-2.0
/* What a thread is besides its memory: registers, FPU, signal and futex state. */
#include <linux/sched/signal.h>
#include <linux/sched/task_stack.h>
#include <linux/task_work.h>
#include <linux/uaccess.h>
#include <linux/utsname.h>
#include <linux/xxhash.h>
#include <asm/fpu/api.h>
#include <asm/fsgsbase.h>
#include <asm/pkru.h>
#include <asm/syscall.h>
#include <asm/vdso.h>
#include "rfork-module.h"

#define XSAVE_MXCSR	24
#define XSAVE_HEADER	512
#define MXCSR_MASK	0x0000ffff

static struct fpstate *fpstate(void)
{
	return current->thread.fpu.fpstate;
}

u32 rfork_xstate_bytes(void)
{
	return ALIGN(fpstate()->size, 64);
}

u64 rfork_xfeatures(void)
{
	return fpstate()->xfeatures;
}

u64 rfork_vdso_checksum(void)
{
	const struct vdso_image *image = rfork_sym.vdso_image;

	return xxh64(image->data, image->size, 0);
}

/* fs and gs bases of the running thread; the user's gs base is the swapped-out one here. */
static void read_bases(u64 *fs, u64 *gs)
{
	preempt_disable();
	rdmsrl(MSR_FS_BASE, *fs);
	rdmsrl(MSR_KERNEL_GS_BASE, *gs);
	preempt_enable();
}

static void write_bases(u64 fs, u64 gs)
{
	preempt_disable();
	loadsegment(fs, 0);
	current->thread.fsindex = 0;
	current->thread.gsindex = 0;
	current->thread.fsbase = fs;
	current->thread.gsbase = gs;
	wrmsrl(MSR_FS_BASE, fs);
	wrmsrl(MSR_KERNEL_GS_BASE, gs);
	preempt_enable();
}

/*
 * Whether a call that says EINTR although no signal is there has done nothing yet. Some always say
 * it, some only with a limit of time. close() does not belong here: its descriptor is gone.
 */
static bool did_nothing(unsigned long call)
{
	switch (call) {
	case __NR_epoll_wait: case __NR_epoll_pwait: case __NR_epoll_pwait2:
	case __NR_rt_sigtimedwait: case __NR_io_getevents: case __NR_io_pgetevents:
	case __NR_io_uring_enter:
	case __NR_semop: case __NR_semtimedop: case __NR_msgsnd: case __NR_msgrcv:
	case __NR_mq_timedsend: case __NR_mq_timedreceive:
	case __NR_read: case __NR_readv: case __NR_write: case __NR_writev:
	case __NR_recvfrom: case __NR_recvmsg: case __NR_recvmmsg:
	case __NR_sendto: case __NR_sendmsg: case __NR_sendmmsg:
	case __NR_accept: case __NR_accept4: case __NR_connect:
		return true;
	default:
		return false;
	}
}

/*
 * A system call that the stop interrupted is made again by the running thread when it goes on. Most
 * ask for that themselves.
 */
void rfork_restart_call(void)
{
	struct pt_regs *regs = task_pt_regs(current);

	if (syscall_get_nr(current, regs) == -1 || syscall_get_error(current, regs) != -EINTR ||
	    !did_nothing(regs->orig_ax) || test_thread_flag(TIF_SIGPENDING))
		return;
	regs->ax = -ERESTARTNOINTR;
}

/*
 * Which call it was that went on after an earlier stop, by restart_syscall(): its arguments are
 * still in the registers. -1: unknown.
 */
static long call_that_went_on(const struct pt_regs *live)
{
	const void *goes_on = current->restart_block.fn;

	if (goes_on == rfork_sym.restart_poll)
		return __NR_poll;
	if (goes_on == rfork_sym.restart_futex)
		return __NR_futex;
	if (goes_on == rfork_sym.restart_cpu_sleep)
		return __NR_clock_nanosleep;
	/* One begins with an address, the other with the number of a clock. */
	if (goes_on == rfork_sym.restart_sleep)
		return live->di < PAGE_SIZE ? __NR_clock_nanosleep : __NR_nanosleep;
	return -1;
}

/*
 * In a restored one it is made from its beginning: a kernel's restart block means nothing there.
 * False if it is not known which call it was.
 */
static bool restart_saved_call(struct pt_regs *live, struct pt_regs *saved)
{
	long call = syscall_get_nr(current, live);

	if (call == -1)
		return true;
	switch (syscall_get_error(current, live)) {
	case -ERESTART_RESTARTBLOCK:
		if (call == __NR_restart_syscall)
			call = call_that_went_on(live);
		fallthrough;
	case -ERESTARTSYS:
	case -ERESTARTNOINTR:
	case -ERESTARTNOHAND:
		saved->ax = call;
		saved->ip -= 2;
		break;
	}
	return call != -1;
}

/*
 * Of the running thread. @thread and @xstate are in kernel memory. False if it is in a call that
 * cannot be made again.
 */
bool rfork_thread_save(struct rfork_thread *thread, void *xstate, u32 xstate_bytes)
{
	struct pt_regs *live = task_pt_regs(current);
	struct pt_regs *saved = (struct pt_regs *)thread->regs;
	bool known;

	BUILD_BUG_ON(sizeof(thread->regs) != sizeof(struct pt_regs));
	rfork_restart_call();
	*saved = *live;
	known = restart_saved_call(live, saved);
	saved->orig_ax = -1;
	read_bases(&thread->fsbase, &thread->gsbase);
	/*
	 * In sigsuspend(), ppoll() and the like the mask is the call's, which is made again with
	 * it.
	 */
	thread->blocked =
		(test_restore_sigmask() ? current->saved_sigmask : current->blocked).sig[0];
	thread->sas_ss_sp = current->sas_ss_sp;
	thread->sas_ss_size = current->sas_ss_size;
	thread->sas_ss_flags = current->sas_ss_flags;
	thread->robust_list = (u64)current->robust_list;
	thread->clear_child_tid = (u64)current->clear_child_tid;
	thread->rseq = (u64)current->rseq;
	thread->rseq_sig = current->rseq_sig;
	thread->rseq_len = rfork_rseq_length(current);
	thread->tid = task_pid_vnr(current);
	thread->pkru = read_pkru();
	memcpy(thread->comm, current->comm, RFORK_COMM_BYTES);
	kernel_fpu_begin();
	memcpy(xstate, &fpstate()->regs, min(fpstate()->size, xstate_bytes));
	kernel_fpu_end();
	/* What is the kernel's own, a PASID for one, means nothing elsewhere. */
	*(u64 *)(xstate + XSAVE_HEADER) &= fpstate()->user_xfeatures;
	return known;
}

/*
 * Of the compacted form, every component in use must have its place; XRSTOR faults on anything
 * else.
 */
static bool compaction_ok(u64 in_use, u64 layout, u64 mine)
{
	if (!mine || !layout)
		return mine == layout;
	return layout & BIT_ULL(63) && !(layout & ~(BIT_ULL(63) | fpstate()->xfeatures)) &&
	       !(in_use & ~layout);
}

/* What another node wrote must not fault the kernel when it is loaded into this CPU. */
int rfork_thread_check(const struct rfork_thread *thread, const void *xstate,
		       struct rfork_reason *why)
{
	const struct pt_regs *regs = (const struct pt_regs *)thread->regs;
	const u64 *header = xstate + XSAVE_HEADER;
	const u64 *mine = (const void *)&fpstate()->regs + XSAVE_HEADER;
	u32 mxcsr = *(const u32 *)(xstate + XSAVE_MXCSR);

	if (mxcsr & ~MXCSR_MASK || header[0] & ~fpstate()->user_xfeatures ||
	    !compaction_ok(header[0], header[1], mine[1]) || memchr_inv(header + 2, 0, 48))
		return rfork_refuse(why, -ENOEXEC, "the checkpoint's FPU state is not of this CPU's layout");
	if (regs->ip >= TASK_SIZE_MAX || regs->sp >= TASK_SIZE_MAX ||
	    thread->fsbase >= TASK_SIZE_MAX || thread->gsbase >= TASK_SIZE_MAX)
		return rfork_refuse(why, -EBADMSG, "the checkpoint's registers point into the kernel");
	return 0;
}

/*
 * The last step of becoming another program. ioctl(2) returns an int, so rax would lose its upper
 * half; this runs after the return value was stored and before user mode.
 */
struct rfork_arrival {
	struct callback_head work;
	unsigned long ax;
};

static void arrive(struct callback_head *work)
{
	struct rfork_arrival *arrival = container_of(work, struct rfork_arrival, work);

	task_pt_regs(current)->ax = arrival->ax;
	kfree(arrival);
}

/*
 * For a checkpoint whose work comes before that of an arrival: @work is the first of those still to
 * be done.
 */
void rfork_arrival_settle(const struct callback_head *work)
{
	for (; work; work = work->next)
		if (work->func == arrive)
			task_pt_regs(current)->ax =
				container_of(work, struct rfork_arrival, work)->ax;
}

/* Taken before the point of no return, so that rfork_thread_load() cannot fail. */
struct rfork_arrival *rfork_arrival_new(void)
{
	struct rfork_arrival *arrival = kzalloc(sizeof(*arrival), GFP_KERNEL);

	if (arrival)
		init_task_work(&arrival->work, arrive);
	return arrival;
}

/* Makes the running thread the recorded one; it goes on there when it returns to user mode. */
void rfork_thread_load(const struct rfork_thread *thread, const void *xstate, u32 xstate_bytes,
		       struct rfork_arrival *arrival)
{
	const unsigned long flags = X86_EFLAGS_CF | X86_EFLAGS_PF | X86_EFLAGS_AF | X86_EFLAGS_ZF |
				    X86_EFLAGS_SF | X86_EFLAGS_DF | X86_EFLAGS_OF | X86_EFLAGS_AC;
	struct pt_regs *regs = task_pt_regs(current);

	*regs = *(const struct pt_regs *)thread->regs;
	regs->cs = __USER_CS;
	regs->ss = __USER_DS;
	regs->flags = (regs->flags & flags) | X86_EFLAGS_IF | X86_EFLAGS_FIXED;
	regs->orig_ax = -1;
	arrival->ax = regs->ax;
	/* Only fails for a thread that exits. */
	if (task_work_add(current, &arrival->work, TWA_RESUME))
		kfree(arrival);
	write_bases(thread->fsbase, thread->gsbase);
	spin_lock_irq(&current->sighand->siglock);
	current->blocked.sig[0] = thread->blocked & ~(sigmask(SIGKILL) | sigmask(SIGSTOP));
	recalc_sigpending();
	spin_unlock_irq(&current->sighand->siglock);
	current->sas_ss_sp = thread->sas_ss_sp;
	current->sas_ss_size = thread->sas_ss_size;
	current->sas_ss_flags = thread->sas_ss_flags;
	current->robust_list = (void __user *)thread->robust_list;
	current->clear_child_tid = (void __user *)thread->clear_child_tid;
	current->rseq_sig = thread->rseq_sig;
	rfork_set_rseq_length(current, thread->rseq_len);
	current->rseq = (void __user *)thread->rseq;
	if (current->rseq) {
		/* Ends a critical section that the checkpoint interrupted. */
		set_bit(RSEQ_EVENT_PREEMPT_BIT, &current->rseq_event_mask);
		rseq_set_notify_resume(current);
	}
	rfork_sym.set_task_comm(current, thread->comm, false);
	write_pkru(thread->pkru);
	kernel_fpu_begin();
	memcpy(&fpstate()->regs, xstate, min(fpstate()->size, xstate_bytes));
	kernel_fpu_end();
}

/* glibc keeps a thread's id where the kernel clears it at exit. */
void rfork_tell_thread_id(const struct rfork_thread *thread)
{
	s32 __user *where = (s32 __user *)thread->clear_child_tid;
	s32 id;

	if (where && !get_user(id, where) && id == thread->tid && id != task_pid_vnr(current))
		put_user(task_pid_vnr(current), where);
}
