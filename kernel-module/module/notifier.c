// SPDX-License-Identifier: GPL-2.0
/* What the kernel tells of coming changes to a child's page tables, by an mmu notifier. */
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include "rfork-module.h"

/* A leaf that can be neither kept nor copied goes; the process must not run on without it. */
static void abandon(struct rfork_child *child, unsigned long address)
{
	pmd_t *pmd = rfork_pmd(child->mm, address);
	spinlock_t *ptl = pmd_lock(child->mm, pmd);

	if (rfork_pmd_attached(*pmd)) {
		pmd_clear(pmd);
		atomic_dec(&child->shared);
	}
	spin_unlock(ptl);
	rfork_sym.flush_tlb_mm_range(child->mm, address & PMD_MASK,
				     (address & PMD_MASK) + PMD_SIZE, PAGE_SHIFT, true);
	rfork_children_kill(child->mm);
}

/*
 * The kernel is about to change entries in [start, end). Never detach here: the event comes also
 * for changes that keep the mapping, a VMA split or the source of a move.
 */
static int range_start(struct mmu_notifier *notifier, const struct mmu_notifier_range *range)
{
	struct rfork_child *child = container_of(notifier, struct rfork_child, notifier);
	u32 i;

	/* fork write-protects entries; ours are. */
	if (range->event == MMU_NOTIFY_PROTECTION_PAGE || !atomic_read(&child->shared) ||
	    !rfork_unshare_hooks)
		return 0;
	for (i = rfork_child_first_leaf(child, range->start);
	     i < child->nr_leaves && child->leaves[i] < range->end; i++) {
		pmd_t *pmd = rfork_pmd(child->mm, child->leaves[i]);

		if (!pmd || !rfork_pmd_attached(READ_ONCE(*pmd)))
			continue;
		/* The OOM reaper must not wait; it skips what is refused. */
		if (!mmu_notifier_range_blockable(range))
			return -EAGAIN;
		if (rfork_leaf_unshare(child, child->leaves[i], false)) {
			/* No memory even in the reserves. The image comes before the process. */
			abandon(child, child->leaves[i]);
		}
	}
	return 0;
}

static const struct mmu_notifier_ops notifier_ops = {
	.invalidate_range_start = range_start,
};

/*
 * The kernel gives up at any signal. Nothing is changed by then, so the system call is made again
 * once the signal was handled.
 */
int rfork_child_notify(struct rfork_child *child)
{
	int error;

	child->notifier.ops = &notifier_ops;
	error = mmu_notifier_register(&child->notifier, child->mm);
	child->notified = !error;
	return error == -EINTR && !fatal_signal_pending(current) ? -ERESTARTNOINTR : error;
}

/* The last user of the address space is gone; its page tables are still there. */
void rfork_child_leave(struct rfork_child *child)
{
	/* The OOM reaper may walk this address space until the lock is taken. */
	mmap_write_lock(child->mm);
	rfork_leaf_detach_all(child);
	mmap_write_unlock(child->mm);
	if (child->notified)
		mmu_notifier_unregister(&child->notifier, child->mm);
}
