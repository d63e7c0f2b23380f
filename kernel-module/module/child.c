// SPDX-License-Identifier: GPL-2.0
/*
 * Address spaces that hold pages of an image: restored ones and their forks.
 *
 * Found by their mm in a hash that is read under RCU, so that the hooks decide about any address
 * space without a lock. A child lives from its restore (or fork) until its page tables are gone,
 * and holds a reference to the image and to the module for as long.
 */
#include <linux/hashtable.h>
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

struct rfork_child *rfork_child_new(struct mm_struct *mm, struct rfork_image_ref *image,
				    u32 max_leaves)
{
	struct rfork_child *child = kzalloc(sizeof(*child), GFP_KERNEL);

	if (!child)
		return NULL;
	child->mm = mm;
	child->image = image;
	child->slot = RFORK_IMAGE_SLOT(rfork_image_id(image));
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

/*
 * Every process in an address space that is meant. The first thread of a process may have ended
 * long before the others, so each is looked at.
 */
static void kill_where(bool (*is_meant)(struct mm_struct *mm, u64 which), u64 which)
{
	struct task_struct *process, *thread;

	rcu_read_lock();
	for_each_process_thread(process, thread) {
		struct mm_struct *mm = READ_ONCE(thread->mm);

		if (!mm || thread->flags & PF_KTHREAD || !is_meant(mm, which))
			continue;
		send_sig(SIGKILL, thread, 1);
		rfork_count_add(NULL, children_killed, 1);
		/* Of this process. */
		break;
	}
	rcu_read_unlock();
}

static bool is_of_child(struct mm_struct *mm, u64 only)
{
	return only ? (u64)mm == only : rfork_child_of(mm) != NULL;
}

/* In the address space @only, or without it in any child's. */
void rfork_children_kill(const struct mm_struct *only)
{
	kill_where(is_of_child, (u64)only);
}

static bool is_of_slot(struct mm_struct *mm, u64 slot)
{
	struct rfork_child *child = rfork_child_of(mm);

	return child && child->slot == slot;
}

void rfork_children_kill_slot(u32 slot)
{
	kill_where(is_of_slot, slot);
}
