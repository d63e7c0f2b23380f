// SPDX-License-Identifier: GPL-2.0
/*
 * The life of an image.
 *
 *   FREE --claim--> BUILDING --commit--> COMMITTED --claim--> DELETING --no refs--> FREE
 *                      | abort, recover                          | refs: back to COMMITTED
 *
 * A user raises its node's count, then looks at the state; a deleter changes the state, then looks
 * at the counts. With a full barrier between, at least one of them sees the other. A count is only
 * written by its node, so the count of a dead node can be dropped.
 */
#include <linux/mutex.h>
#include "rfork-module.h"

struct rfork_image_ref {
	u64 image;
	u32 slot;
	u32 users;			/* under images_lock; the shared count is users, or 1 until pins are gone */
	/* Where this node found the image valid, else NULL; its slot is not believed again. */
	const struct rfork_image_header *header;
	struct mutex verdict_lock;
	struct delayed_work put;
};

static DEFINE_MUTEX(images_lock);
static struct rfork_image_ref *images[RFORK_MAX_IMAGES];

static struct rfork_slot *slot_of(u32 slot)
{
	return &rfork_region->slots[slot];
}

/* Whether this node may change the slot's word: with software coherence each slot has one writer. */
static bool may_write(u32 slot)
{
	return !rfork_region->software || slot % rfork_region->nodes == rfork_region->node;
}

static u64 read_word(struct rfork_slot *slot)
{
	rfork_invalidate(slot, RFORK_LINE);
	return smp_load_acquire(&slot->word);
}

static bool change_word(struct rfork_slot *slot, u64 from, u64 to)
{
	if (rfork_region->software) {
		if (READ_ONCE(slot->word) != from)
			return false;
		smp_store_release(&slot->word, to);
		rfork_publish(slot, RFORK_LINE);
		return true;
	}
	return cmpxchg(&slot->word, from, to) == from;
}

static u64 my_word(enum rfork_state state)
{
	return RFORK_WORD(state, rfork_region->node, rfork_region->epoch);
}

int rfork_slot_begin(u32 *out, u64 *image, struct rfork_reason *why)
{
	u32 i;

	for (i = 0; i < RFORK_MAX_IMAGES; i++) {
		struct rfork_slot *slot = slot_of(i);
		u64 word;

		if (!may_write(i))
			continue;
		word = read_word(slot);
		if (RFORK_WORD_STATE(word) != RFORK_FREE ||
		    !change_word(slot, word, my_word(RFORK_BUILDING)))
			continue;
		slot->serial++;
		slot->metadata = 0;
		slot->metadata_bytes = 0;
		rfork_publish(slot, RFORK_LINE);
		*out = i;
		*image = RFORK_IMAGE_ID(slot->serial, i);
		return 0;
	}
	return rfork_refuse(why, -ENOSPC, "all image slots this node may use are taken; delete an image");
}

/*
 * The commit record: everything else of the image is in memory before the state is. False when this node
 * was recovered meanwhile: the slot is not its own any more.
 */
bool rfork_slot_commit(u32 i, u64 metadata, u64 bytes)
{
	struct rfork_slot *slot = slot_of(i);
	bool ours = read_word(slot) == my_word(RFORK_BUILDING);

	if (ours) {
		slot->metadata = metadata;
		slot->metadata_bytes = bytes;
		rfork_publish(slot, RFORK_LINE);
		wmb();
		ours = change_word(slot, my_word(RFORK_BUILDING), my_word(RFORK_COMMITTED));
		rfork_publish(slot, RFORK_LINE);
	}
	return ours;
}

void rfork_slot_abort(u32 i)
{
	struct rfork_slot *slot = slot_of(i);

	/* After a recovery the slot and its extents may be another image's. */
	if (read_word(slot) != my_word(RFORK_BUILDING))
		return;
	rfork_extent_free_slot(i);
	smp_store_release(&slot->word, my_word(RFORK_FREE));
	rfork_publish(slot, RFORK_LINE);
}

static void set_count(u32 i, u64 count)
{
	struct rfork_ref *ref = &slot_of(i)->refs[rfork_region->node];

	WRITE_ONCE(ref->count, count);
	rfork_publish(ref, sizeof(*ref));
	mb();
}

const struct rfork_image_header *rfork_image_header(const struct rfork_image_ref *ref)
{
	return ref->header;
}

void rfork_image_set_header(struct rfork_image_ref *ref, const struct rfork_image_header *header)
{
	ref->header = header;
}

/* A page that get_user_pages handed out may be in use after its address space is gone. */
static bool pinned(const struct rfork_image_ref *ref)
{
	const struct rfork_image_header *header = ref->header;
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

static void put_work(struct work_struct *work)
{
	struct rfork_image_ref *ref = container_of(work, struct rfork_image_ref, put.work);

	mutex_lock(&images_lock);
	if (!ref->users && images[ref->slot] == ref) {
		if (pinned(ref)) {
			schedule_delayed_work(&ref->put, HZ / 10);
		} else {
			/* Lockless walkers of other CPUs are done with the leaves. */
			synchronize_rcu();
			set_count(ref->slot, 0);
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
		ref->image = image;
		ref->header = NULL;
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

static bool is_committed(u32 i, u64 image)
{
	struct rfork_slot *slot = slot_of(i);

	return RFORK_WORD_STATE(read_word(slot)) == RFORK_COMMITTED &&
	       slot->serial == RFORK_IMAGE_SERIAL(image);
}

struct rfork_image_ref *rfork_image_get(u64 image, struct rfork_reason *why)
{
	u32 slot = RFORK_IMAGE_SLOT(image);
	struct rfork_image_ref *ref;
	int error = -ENOENT;

	if (slot >= RFORK_MAX_IMAGES)
		goto none;
	mutex_lock(&images_lock);
	if (!is_committed(slot, image))
		goto unlock;
	ref = images[slot];
	if (ref && ref->image != image && ref->users) {
		error = rfork_refuse(why, -EBUSY,
				     "%u processes of this node still use image %llu, which was deleted under them; image %llu has its place",
				     ref->users, ref->image, image);
		goto unlock;
	}
	ref = ref_for(image);
	if (!ref) {
		error = -ENOMEM;
		goto unlock;
	}
	set_count(slot, ref->users + 1);
	if (is_committed(slot, image)) {
		ref->users++;
		error = 0;
	} else {
		set_count(slot, ref->users);
	}
unlock:
	mutex_unlock(&images_lock);
none:
	if (error == -ENOENT)
		rfork_refuse(why, error, "there is no image %llu", image);
	return error ? ERR_PTR(error) : ref;
}

void rfork_image_hold(struct rfork_image_ref *ref)
{
	mutex_lock(&images_lock);
	set_count(ref->slot, ++ref->users);
	mutex_unlock(&images_lock);
}

void rfork_image_put(struct rfork_image_ref *ref)
{
	mutex_lock(&images_lock);
	if (--ref->users)
		set_count(ref->slot, ref->users);
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

void rfork_images_forget(void)
{
	u32 i;

	for (i = 0; i < RFORK_MAX_IMAGES; i++) {
		if (!images[i])
			continue;
		cancel_delayed_work_sync(&images[i]->put);
		kfree(images[i]);
		images[i] = NULL;
	}
}

static u32 node_with_refs(struct rfork_slot *slot, u64 *count)
{
	u32 node;

	for (node = 0; node < RFORK_MAX_NODES; node++) {
		rfork_invalidate(&slot->refs[node], sizeof(slot->refs[node]));
		*count = READ_ONCE(slot->refs[node].count);
		if (*count)
			return node;
	}
	return RFORK_MAX_NODES;
}

int rfork_image_delete(u64 image, u64 *bytes_freed, struct rfork_reason *why)
{
	u32 i = RFORK_IMAGE_SLOT(image), node;
	struct rfork_slot *slot;
	u64 word, count;

	if (i >= RFORK_MAX_IMAGES || !is_committed(i, image))
		return rfork_refuse(why, -ENOENT, "there is no image %llu", image);
	if (!may_write(i))
		return rfork_refuse(why, -EPERM,
				    "with software coherence only node %u may delete image %llu",
				    i % rfork_region->nodes, image);
	if (images[i])
		flush_delayed_work(&images[i]->put);
	slot = slot_of(i);
	word = read_word(slot);
	if (RFORK_WORD_STATE(word) != RFORK_COMMITTED ||
	    !change_word(slot, word, my_word(RFORK_DELETING)))
		return rfork_refuse(why, -EBUSY, "another node is deleting image %llu", image);
	mb();
	node = node_with_refs(slot, &count);
	if (node < RFORK_MAX_NODES) {
		smp_store_release(&slot->word, my_word(RFORK_COMMITTED));
		rfork_publish(slot, RFORK_LINE);
		return rfork_refuse(why, -EBUSY, "%llu processes of node %u use image %llu", count,
				    node, image);
	}
	*bytes_freed = rfork_extent_free_slot(i);
	smp_store_release(&slot->word, my_word(RFORK_FREE));
	rfork_publish(slot, RFORK_LINE);
	return 0;
}

static int may_recover(const struct rfork_recover *arg, const struct rfork_node *node,
		       struct rfork_reason *why)
{
	if (arg->head.flags & RFORK_RECOVER_FENCED)
		return 0;
	if (memcmp(arg->machine_id, node->machine_id, RFORK_ID_BYTES) ||
	    !memchr_inv(arg->machine_id, 0, RFORK_ID_BYTES))
		return rfork_refuse(why, -EPERM,
				    "node %u may still run: say --fenced when it cannot, or recover it from its own machine",
				    arg->node);
	if (!memcmp(arg->boot_id, node->boot_id, RFORK_ID_BYTES))
		return rfork_refuse(why, -EPERM,
				    "node %u is this very boot; it is not dead", arg->node);
	return 0;
}

/* Takes back what a dead node held. Its epoch changes first, so that it stops if it lives. */
void rfork_node_drop(u32 dead, struct rfork_recover *report)
{
	struct rfork_region *region = rfork_region;
	struct rfork_node *node = &region->node_table[dead];
	u64 count;
	u32 i;

	node->epoch++;
	node->attached = 0;
	rfork_publish(node, sizeof(*node));
	mb();
	for (i = 0; i < RFORK_MAX_IMAGES; i++) {
		struct rfork_slot *slot = &region->slots[i];
		u64 word = read_word(slot);
		bool its = RFORK_WORD_OWNER(word) == dead;

		rfork_invalidate(&slot->refs[dead], sizeof(struct rfork_ref));
		if (slot->refs[dead].count) {
			slot->refs[dead].count = 0;
			rfork_publish(&slot->refs[dead], sizeof(struct rfork_ref));
			report->refs_dropped++;
		}
		if (its && (RFORK_WORD_STATE(word) == RFORK_BUILDING ||
			    (RFORK_WORD_STATE(word) == RFORK_DELETING &&
			     node_with_refs(slot, &count) == RFORK_MAX_NODES))) {
			report->bytes_freed += rfork_extent_free_slot(i);
			report->images_freed++;
			smp_store_release(&slot->word, my_word(RFORK_FREE));
			rfork_publish(slot, RFORK_LINE);
		} else if (its && RFORK_WORD_STATE(word) == RFORK_DELETING) {
			smp_store_release(&slot->word, my_word(RFORK_COMMITTED));
			rfork_publish(slot, RFORK_LINE);
		}
	}
}

int rfork_node_recover(struct rfork_recover *arg, struct rfork_reason *why)
{
	struct rfork_region *region = rfork_region;
	struct rfork_node *node;
	int error;

	if (!region || !region->formatted)
		return rfork_refuse(why, -ENODEV, "no formatted region is attached");
	if (arg->reserved)
		return rfork_refuse(why, -EINVAL, "the reserved field is %u; it must be 0",
				    arg->reserved);
	if (arg->node >= region->nodes)
		return rfork_refuse(why, -EINVAL, "node %u; the region has %u", arg->node,
				    region->nodes);
	node = &region->node_table[arg->node];
	rfork_invalidate(node, sizeof(*node));
	if (arg->node == region->node)
		return rfork_refuse(why, -EINVAL, "node %u is this node", arg->node);
	error = may_recover(arg, node, why);
	if (error)
		return error;
	rfork_node_drop(arg->node, arg);
	return 0;
}
