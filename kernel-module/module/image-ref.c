// SPDX-License-Identifier: GPL-2.0
/*
 * This node's use of images, and their deletion.
 *
 * A user raises its node's count, then looks at the state; a deleter changes the state, then looks
 * at the counts. With a full barrier between, at least one of them sees the other. A count is only
 * written by its node, so the count of a dead node can be dropped.
 */
#include <linux/mutex.h>
#include "slot.h"

struct rfork_image_ref {
	u64 image;
	u32 slot;
	u32 users;			/* under images_lock; the shared count is users, or 1 until pins are gone */
	/* Where this node found the image valid: its own copy of the records, else NULL. */
	struct rfork_image_header *records;
	u8 *hints;
	bool holds_module;		/* while pages are held although no address space maps them */
	struct mutex verdict_lock;
	struct delayed_work put;
};

static DEFINE_MUTEX(images_lock);
static struct rfork_image_ref *images[RFORK_MAX_IMAGES];

const struct rfork_image_header *rfork_image_header(const struct rfork_image_ref *ref)
{
	return ref->records;
}

u8 *rfork_image_hints(const struct rfork_image_ref *ref)
{
	return ref->hints;
}

void rfork_image_set_records(struct rfork_image_ref *ref, struct rfork_image_header *records,
			     u8 *hints)
{
	ref->hints = hints;
	ref->records = records;
}

static void drop_records(struct rfork_image_ref *ref)
{
	kvfree(ref->records);
	ref->records = NULL;
	ref->hints = NULL;
}

/* A page that get_user_pages handed out may be in use after its address space is gone. */
static bool pinned(const struct rfork_image_ref *ref)
{
	const struct rfork_image_header *header = ref->records;
	unsigned long base = PHYS_PFN(rfork_region->base);
	const u64 *records;
	u64 i;

	if (!header)
		return false;
	records = rfork_section(header, &header->pages);
	for (i = 0; i < header->pages.count; i++)
		if (page_count(pfn_to_page(base + PHYS_PFN(RFORK_RECORD_OFFSET(records[i])))) > 1)
			return true;
	return false;
}

static void release_module(struct rfork_image_ref *ref)
{
	if (ref->holds_module)
		module_put(THIS_MODULE);
	ref->holds_module = false;
}

static void put_work(struct work_struct *work)
{
	struct rfork_image_ref *ref = container_of(work, struct rfork_image_ref, put.work);

	mutex_lock(&images_lock);
	if (!ref->users && images[ref->slot] == ref) {
		if (pinned(ref)) {
			/* If it fails, the module goes already, and waits itself. */
			ref->holds_module = ref->holds_module || try_module_get(THIS_MODULE);
			schedule_delayed_work(&ref->put, HZ / 10);
		} else {
			/* Lockless walkers of other CPUs are done with the leaves. */
			synchronize_rcu();
			rfork_slot_set_count(ref->slot, 0);
			release_module(ref);
		}
	}
	mutex_unlock(&images_lock);
}

static struct rfork_image_ref *ref_for(u64 image)
{
	u32 slot = RFORK_IMAGE_SLOT(image);
	struct rfork_image_ref *ref = images[slot];

	if (ref && ref->image == image)
		return ref;
	if (ref) {
		/* Of an image that was deleted: nobody uses it. */
		cancel_delayed_work(&ref->put);
		release_module(ref);
		ref->image = image;
		drop_records(ref);
		return ref;
	}
	ref = kzalloc(sizeof(*ref), GFP_KERNEL);
	if (!ref)
		return NULL;
	ref->image = image;
	ref->slot = slot;
	mutex_init(&ref->verdict_lock);
	INIT_DELAYED_WORK(&ref->put, put_work);
	images[slot] = ref;
	return ref;
}

struct rfork_image_ref *rfork_image_get(u64 image, struct rfork_reason *why)
{
	u32 slot = RFORK_IMAGE_SLOT(image);
	struct rfork_image_ref *ref;
	int error = -ENOENT;

	if (slot >= RFORK_MAX_IMAGES)
		goto none;
	mutex_lock(&images_lock);
	if (!rfork_slot_is_committed(slot, image))
		goto unlock;
	ref = images[slot];
	if (ref && ref->image != image && ref->users) {
		error = rfork_refuse(why, -EBUSY,
				     "%u processes of this node still use checkpoint %llu, which was deleted under them; checkpoint %llu has its place",
				     ref->users, ref->image, image);
		goto unlock;
	}
	ref = ref_for(image);
	if (!ref) {
		error = -ENOMEM;
		goto unlock;
	}
	rfork_slot_set_count(slot, ref->users + 1);
	if (rfork_slot_is_committed(slot, image)) {
		ref->users++;
		error = 0;
	} else {
		rfork_slot_set_count(slot, ref->users);
	}
unlock:
	mutex_unlock(&images_lock);
none:
	if (error == -ENOENT)
		rfork_refuse(why, error, "there is no checkpoint %llu", image);
	return error ? ERR_PTR(error) : ref;
}

void rfork_image_hold(struct rfork_image_ref *ref)
{
	mutex_lock(&images_lock);
	rfork_slot_set_count(ref->slot, ++ref->users);
	mutex_unlock(&images_lock);
}

void rfork_image_put(struct rfork_image_ref *ref)
{
	mutex_lock(&images_lock);
	if (--ref->users)
		rfork_slot_set_count(ref->slot, ref->users);
	else
		schedule_delayed_work(&ref->put, 0);
	mutex_unlock(&images_lock);
}

u64 rfork_image_id(const struct rfork_image_ref *ref)
{
	return ref->image;
}

struct mutex *rfork_image_verdict_lock(struct rfork_image_ref *ref)
{
	return &ref->verdict_lock;
}

/* Lets references whose last user is gone reach the region. */
void rfork_images_flush(void)
{
	u32 i;

	for (i = 0; i < RFORK_MAX_IMAGES; i++)
		if (images[i])
			flush_delayed_work(&images[i]->put);
}

/* At those that this node used, if they are still there. */
void rfork_images_look(void (*look)(const struct rfork_image_ref *ref))
{
	u32 i;

	for (i = 0; i < RFORK_MAX_IMAGES; i++) {
		struct rfork_image_ref *ref;

		if (!images[i] || !images[i]->records)
			continue;
		ref = rfork_image_get(images[i]->image, &(struct rfork_reason){ });
		if (IS_ERR(ref))
			continue;
		look(ref);
		rfork_image_put(ref);
	}
}

void rfork_images_forget(void)
{
	u32 i;

	for (i = 0; i < RFORK_MAX_IMAGES; i++) {
		if (!images[i])
			continue;
		cancel_delayed_work_sync(&images[i]->put);
		release_module(images[i]);
		drop_records(images[i]);
		kfree(images[i]);
		images[i] = NULL;
	}
}

int rfork_image_delete(u64 image, void (*last_look)(const struct rfork_image_ref *ref),
		       u64 *bytes_freed, struct rfork_reason *why)
{
	u32 i = RFORK_IMAGE_SLOT(image), node;
	struct rfork_slot *slot;
	u64 word, count;

	if (i >= RFORK_MAX_IMAGES || !rfork_slot_is_committed(i, image))
		return rfork_refuse(why, -ENOENT, "there is no checkpoint %llu", image);
	if (!rfork_slot_may_write(i))
		return rfork_refuse(why, -EPERM,
				    "with software coherence only node %u may delete checkpoint %llu",
				    i % rfork_region->nodes, image);
	if (images[i])
		flush_delayed_work(&images[i]->put);
	slot = rfork_slot_of(i);
	word = rfork_slot_read(slot);
	if (RFORK_WORD_STATE(word) != RFORK_COMMITTED ||
	    !rfork_slot_change(slot, word, rfork_slot_word(RFORK_DELETING)))
		return rfork_refuse(why, -EBUSY, "another node is deleting checkpoint %llu", image);
	/* The state before the counts are looked at; a user has it the other way round. */
	mb();
	node = rfork_slot_user(slot, &count);
	if (node < RFORK_MAX_NODES) {
		rfork_slot_change(slot, rfork_slot_word(RFORK_DELETING),
				  rfork_slot_word(RFORK_COMMITTED));
		return rfork_refuse(why, -EBUSY, "%llu processes of node %u use checkpoint %llu", count,
				    node, image);
	}
	if (images[i] && images[i]->image == image)
		last_look(images[i]);
	*bytes_freed = rfork_slot_give_up(i, rfork_slot_word(RFORK_DELETING));
	if (!*bytes_freed)
		return rfork_refuse(why, -ESTALE,
				    "this node was recovered by another while it deleted checkpoint %llu",
				    image);
	mutex_lock(&images_lock);
	if (images[i] && images[i]->image == image && !images[i]->users)
		drop_records(images[i]);
	mutex_unlock(&images_lock);
	return 0;
}
