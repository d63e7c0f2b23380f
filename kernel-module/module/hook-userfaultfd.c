// SPDX-License-Identifier: GPL-2.0
/*
 * userfaultfd fills holes of a child's leaves without a fault: with copies, zeros, pages of a
 * shared file, moved or poisoned ones, and with what later kernels add. So the gate is the
 * descriptor, not each way of filling: before anything is asked of it, all leaves of its address
 * space are local. It is rare in a child.
 */
#include <linux/sched/mm.h>
#include <linux/userfaultfd_k.h>
#include "hooks.h"

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 6, 0)
/* As fs/userfaultfd.c of 6.1 has it. */
struct userfaultfd_ctx {
	wait_queue_head_t fault_pending_wqh, fault_wqh, fd_wqh, event_wqh;
	seqcount_spinlock_t refile_seq;
	refcount_t refcount;
	unsigned int flags;
	unsigned int features;
	bool released;
	atomic_t mmap_changing;
	struct mm_struct *mm;
};
#endif

/* Not always the caller's: the descriptor may be in another process, and older than the child. */
notrace struct mm_struct *rfork_mm_of_userfaultfd(unsigned long file)
{
	return ((const struct userfaultfd_ctx *)((const struct file *)file)->private_data)->mm;
}

long rfork_hook_userfaultfd_ioctl(struct file *file, unsigned int command, unsigned long argument)
{
	struct mm_struct *mm = rfork_mm_of_userfaultfd((unsigned long)file);
	struct rfork_child *child;
	long result = 0;

	/* The child stays until the request is done, and the module until this function is. */
	if (!mmget_not_zero(mm))
		return -ESRCH;
	__module_get(THIS_MODULE);
	child = rfork_child_of(mm);
	if (child && rfork_unshare_hooks && atomic_read(&child->shared)) {
		mmap_read_lock(mm);
		result = rfork_leaf_unshare_range(child, 0, TASK_SIZE_MAX);
		mmap_read_unlock(mm);
	}
	result = result ?: rfork_sym.userfaultfd_ioctl(file, command, argument);
	mmput(mm);
	module_put(THIS_MODULE);
	return result;
}
