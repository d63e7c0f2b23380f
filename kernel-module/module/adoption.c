// SPDX-License-Identifier: GPL-2.0
/*
 * Threads: the loader makes as many as the image has; each but the main one asks to become a
 * certain record and sleeps in the kernel, out of its old memory, until the main thread has made
 * the new one.
 */
#include <linux/kref.h>
#include <linux/sched/signal.h>
#include "adoption.h"

struct rfork_adoption {
	struct list_head list;
	struct kref refs;		/* the list has none: the last to go takes it out */
	struct signal_struct *process;
	u64 image, taken;		/* bit per index */
	u32 arrived;
	bool closed;
	int error;
	const struct rfork_image_header *header;
	struct completion ready;	/* one more thread has arrived */
	struct completion go;
};

static LIST_HEAD(adoptions);
static DEFINE_MUTEX(adoptions_lock);

/* Of the running process, made on first use; a reference for the caller. Under the lock. */
static struct rfork_adoption *adoption_of_process(u64 image)
{
	struct rfork_adoption *adoption;

	lockdep_assert_held(&adoptions_lock);
	list_for_each_entry(adoption, &adoptions, list) {
		if (adoption->process == current->signal && adoption->image == image) {
			kref_get(&adoption->refs);
			return adoption;
		}
	}
	adoption = kzalloc(sizeof(*adoption), GFP_KERNEL);
	if (!adoption)
		return NULL;
	kref_init(&adoption->refs);
	adoption->process = current->signal;
	adoption->image = image;
	init_completion(&adoption->ready);
	init_completion(&adoption->go);
	list_add(&adoption->list, &adoptions);
	return adoption;
}

/* Takes it out of the list: nobody can come any more. Under the lock. */
static void close_adoption(struct rfork_adoption *adoption)
{
	lockdep_assert_held(&adoptions_lock);
	if (!adoption->closed)
		list_del(&adoption->list);
	adoption->closed = true;
}

static void adoption_free(struct kref *refs)
{
	struct rfork_adoption *adoption = container_of(refs, struct rfork_adoption, refs);

	close_adoption(adoption);
	kfree(adoption);
}

static void put_adoption(struct rfork_adoption *adoption)
{
	mutex_lock(&adoptions_lock);
	kref_put(&adoption->refs, adoption_free);
	mutex_unlock(&adoptions_lock);
}

/* Waits until all adopters of the running process are asleep here. */
struct rfork_adoption *rfork_adoption_wait(u64 image, u32 threads, struct rfork_reason *why)
{
	unsigned long deadline = jiffies + 10 * HZ;
	struct rfork_adoption *adoption;
	long left = 1;

	mutex_lock(&adoptions_lock);
	adoption = adoption_of_process(image);
	while (adoption && adoption->arrived != threads - 1 && left > 0) {
		mutex_unlock(&adoptions_lock);
		left = max_t(long, deadline - jiffies, 0);
		left = wait_for_completion_killable_timeout(&adoption->ready, left);
		mutex_lock(&adoptions_lock);
	}
	if (adoption)
		close_adoption(adoption);
	mutex_unlock(&adoptions_lock);
	if (!adoption)
		return ERR_PTR(-ENOMEM);
	if (left > 0 && adoption->taken == GENMASK_ULL(threads - 1, 1))
		return adoption;
	rfork_adoption_end(adoption, NULL, -ECANCELED);
	if (left > 0)
		return ERR_PTR(rfork_refuse(why, -EINVAL,
					    "the checkpoint has threads 0 .. %u; others were adopted",
					    threads - 1));
	return ERR_PTR(rfork_refuse(why, left ? -EINTR : -ETIMEDOUT,
				    "not all of the checkpoint's %u threads were adopted", threads));
}

void rfork_adoption_end(struct rfork_adoption *adoption,
			const struct rfork_image_header *header, int error)
{
	if (!adoption)
		return;
	adoption->header = header;
	adoption->error = error;
	complete_all(&adoption->go);
	put_adoption(adoption);
}

static int arrive(struct rfork_adoption *adoption, u32 index, struct rfork_reason *why)
{
	if (index < 1 || index >= 64 || adoption->taken & BIT_ULL(index))
		return rfork_refuse(why, -EINVAL, "thread %u of the checkpoint is taken or does not exist",
				    index);
	adoption->taken |= BIT_ULL(index);
	adoption->arrived++;
	complete(&adoption->ready);
	return 0;
}

int rfork_adopt(struct rfork_adopt *arg, struct rfork_reason *why)
{
	struct rfork_arrival *arrival = rfork_arrival_new();
	struct rfork_adoption *adoption;
	const struct rfork_thread *thread;
	const struct rfork_image_header *header;
	int error;

	if (!arrival)
		return -ENOMEM;
	if (arg->reserved) {
		kfree(arrival);
		return rfork_refuse(why, -EINVAL, "the reserved field is %u; it must be 0",
				    arg->reserved);
	}
	mutex_lock(&adoptions_lock);
	adoption = adoption_of_process(arg->image);
	error = adoption ? arrive(adoption, arg->index, why) : -ENOMEM;
	mutex_unlock(&adoptions_lock);
	if (!adoption) {
		kfree(arrival);
		return error;
	}
	if (!error && wait_for_completion_killable(&adoption->go)) {
		error = -EINTR;
		mutex_lock(&adoptions_lock);
		adoption->arrived--;
		mutex_unlock(&adoptions_lock);
	}
	header = adoption->header;
	if (!error)
		error = adoption->error;
	if (!error && arg->index >= header->threads.count)
		error = -EINVAL;
	put_adoption(adoption);
	if (error) {
		kfree(arrival);
		/* Of the main thread, which tells why. */
		return error;
	}
	thread = (const struct rfork_thread *)rfork_section(header, &header->threads) + arg->index;
	rfork_tell_thread_id(thread);
	rfork_thread_load(thread, rfork_section(header, &header->xstates) +
			  (size_t)arg->index * header->xstate_bytes, header->xstate_bytes, arrival);
	return 0;
}
