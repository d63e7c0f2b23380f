// SPDX-License-Identifier: GPL-2.0
/*
 * userfaultfd fills holes of a child's leaves without a fault. It is rare in a child: all leaves become
 * local before the first page is filled in.
 */
#include <linux/userfaultfd_k.h>
#include "hooks.h"

static int before_uffd(struct mm_struct *mm)
{
	struct rfork_child *child = rfork_child_of(mm);
	int error;

	if (!child || !rfork_unshare_hooks || !atomic_read(&child->shared))
		return 0;
	mmap_read_lock(mm);
	error = rfork_leaf_unshare_range(child, 0, TASK_SIZE_MAX);
	mmap_read_unlock(mm);
	return error;
}

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 6, 0)
notrace struct mm_struct *rfork_mm_of_uffd(unsigned long mm)
{
	return (struct mm_struct *)mm;
}
#else
notrace struct mm_struct *rfork_mm_of_uffd(unsigned long context)
{
	return ((struct userfaultfd_ctx *)context)->mm;
}
#endif

#define UFFD_HOOK(index)								\
RFORK_UFFD_HOOK(index)									\
{											\
	return before_uffd(rfork_mm_of_uffd(a)) ?: rfork_sym.uffd[index](a, b, c, d, e, f);	\
}
UFFD_HOOK(0)
UFFD_HOOK(1)
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 8, 0)
UFFD_HOOK(2)
UFFD_HOOK(3)
#endif
