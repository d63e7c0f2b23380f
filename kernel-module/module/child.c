// SPDX-License-Identifier: GPL-2.0
/*
 * Address spaces that hold pages of an image: restored ones and their forks.
 *
 * Found by their mm in a hash that is read under RCU, so that the hooks decide about any address
 * space without a lock. A child lives from its restore (or fork) until its page tables are gone,
 * and holds a reference to the image and to the module for as long.
 */
#include <linux/hashtable.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include "rfork-module.h"

static DEFINE_HASHTABLE(children, 10);
static DEFINE_SPINLOCK(children_lock);
atomic_t rfork_children = ATOMIC_INIT(0);

/* May run in an ftrace callback: no tracing, no lock. */
notrace struct rfork_child *rfork_child_of(struct mm_struct *mm)
{
	struct rfork_child *child;

	if (!mm || !atomic_read(&rfork_children))
		return NULL;
	/* Others may leave the list meanwhile; whoever asks keeps @mm itself alive. */
	preempt_disable_notrace();
	hlist_for_each_entry_rcu_notrace(child,
			&children[hash_min((unsigned long)mm, HASH_BITS(children))], hash)
		if (child->mm == mm)
			break;
	preempt_enable_notrace();
	return child;
}

/* The first leaf at or after @address. */
u32 rfork_child_first_leaf(const struct rfork_child *child, unsigned long address)
{
	u32 low = 0, high = child->nr_leaves;

	while (low < high) {
		u32 middle = low + (high - low) / 2;

		if (child->leaves[middle] + PMD_SIZE <= address)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
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
			rfork_child_abandon(child, child->leaves[i]);
			rfork_count_add(&child->tally, children_killed, 1);
		}
	}
	return 0;
}

static const struct mmu_notifier_ops notifier_ops = {
	.invalidate_range_start = range_start,
};

struct rfork_child *rfork_child_new(struct mm_struct *mm, struct rfork_image_ref *image,
				    u32 max_leaves)
{
	struct rfork_child *child = kzalloc(sizeof(*child), GFP_KERNEL);

	if (!child)
		return NULL;
	child->mm = mm;
	child->image = image;
	child->notifier.ops = &notifier_ops;
	if (max_leaves) {
		child->leaves = kvmalloc_array(max_leaves, sizeof(*child->leaves), GFP_KERNEL);
		if (!child->leaves) {
			kfree(child);
			return NULL;
		}
	}
	return child;
}

static void free_child(struct rcu_head *rcu)
{
	struct rfork_child *child = container_of(rcu, struct rfork_child, rcu);

	kvfree(child->leaves);
	kfree(child);
}

/* For one that was never published. */
void rfork_child_discard(struct rfork_child *child)
{
	if (!child)
		return;
	if (child->notified)
		mmu_notifier_unregister(&child->notifier, child->mm);
	free_child(&child->rcu);
}

void rfork_child_publish(struct rfork_child *child)
{
	__module_get(THIS_MODULE);
	spin_lock(&children_lock);
	hash_add_rcu(children, &child->hash, (unsigned long)child->mm);
	spin_unlock(&children_lock);
	atomic_inc(&rfork_children);
}

/*
 * The kernel gives up at any signal. Nothing is changed by then, so the system call is made again once
 * the signal was handled.
 */
int rfork_child_notify(struct rfork_child *child)
{
	int error = mmu_notifier_register(&child->notifier, child->mm);

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

void rfork_child_remove(struct rfork_child *child)
{
	spin_lock(&children_lock);
	hash_del_rcu(&child->hash);
	spin_unlock(&children_lock);
	rfork_count_add(NULL, children_exited, 1);
	rfork_image_put(child->image);
	atomic_dec(&rfork_children);
	call_rcu(&child->rcu, free_child);
}

/* A leaf that can be neither kept nor copied goes; the process must not run on without it. */
void rfork_child_abandon(struct rfork_child *child, unsigned long address)
{
	pmd_t *pmd = rfork_pmd(child->mm, address);
	spinlock_t *ptl = pmd_lock(child->mm, pmd);
	struct task_struct *task;

	if (rfork_pmd_attached(*pmd)) {
		pmd_clear(pmd);
		atomic_dec(&child->shared);
	}
	spin_unlock(ptl);
	rfork_sym.flush_tlb_mm_range(child->mm, address & PMD_MASK,
				     (address & PMD_MASK) + PMD_SIZE, PAGE_SHIFT, true);
	rcu_read_lock();
	for_each_process(task)
		if (READ_ONCE(task->mm) == child->mm)
			send_sig(SIGKILL, task, 1);
	rcu_read_unlock();
}

/* This node was declared dead, or the region formatted anew: what is mapped is not ours any more. */
void rfork_children_kill(void)
{
	struct task_struct *task;

	rcu_read_lock();
	for_each_process(task) {
		struct mm_struct *mm = READ_ONCE(task->mm);

		if (mm && rfork_child_of(mm)) {
			send_sig(SIGKILL, task, 1);
			rfork_count_add(NULL, children_killed, 1);
		}
	}
	rcu_read_unlock();
}
