// SPDX-License-Identifier: GPL-2.0
/* Replies that only tell: the region, images, counters. */
#include <linux/sched/mm.h>
#include <linux/uaccess.h>
#include <linux/utsname.h>
#include "image-info.h"
#include "slot.h"

void rfork_info_read(struct rfork_info *info)
{
	const struct rfork_region *region = rfork_region;
	u32 i;

	memset(info->release, 0, sizeof(info->release));
	strscpy(info->release, init_utsname()->release, sizeof(info->release));
	info->hooks = rfork_unshare_hooks;
	info->attached = !!region;
	if (!region)
		return;
	info->node = region->node;
	info->base = region->base;
	info->bytes = region->bytes;
	info->struct_page_bytes = region->bytes / PAGE_SIZE * sizeof(struct page);
	info->extent_bytes = RFORK_EXTENT_BYTES;
	info->formatted = region->formatted;
	if (!region->formatted)
		return;
	info->coherence = region->software ? RFORK_COHERENCE_SOFTWARE : RFORK_COHERENCE_HARDWARE;
	info->generation = region->generation;
	info->free_bytes = rfork_extent_free_bytes();
	for (i = 0; i < RFORK_MAX_IMAGES; i++)
		if (RFORK_WORD_STATE(READ_ONCE(region->slots[i].word)) == RFORK_HELD)
			info->held_bytes += rfork_extent_count(rfork_slot_holds(i)) * RFORK_EXTENT_BYTES;
	info->nodes = region->nodes;
	for (i = 0; i < region->nodes; i++) {
		const struct rfork_node *node = &region->node_table[i];

		rfork_invalidate(node, sizeof(*node));
		info->node_info[i].epoch = node->epoch;
		info->node_info[i].attached = !!node->attached;
		memcpy(info->node_info[i].boot_id, node->boot_id, RFORK_ID_BYTES);
		memcpy(info->node_info[i].machine_id, node->machine_id, RFORK_ID_BYTES);
	}
}

static void read_slot(u32 index, struct rfork_image_info *info)
{
	const struct rfork_slot *slot = &rfork_region->slots[index];
	const struct rfork_image_header *header;
	u64 word, i, metadata, bytes, threads;

	rfork_invalidate(slot, sizeof(*slot));
	word = READ_ONCE(slot->word);
	memset(info, 0, sizeof(*info));
	info->image = RFORK_IMAGE_ID(slot->serial, index);
	info->state = RFORK_WORD_STATE(word);
	info->owner_node = RFORK_WORD_OWNER(word);
	for (i = 0; i < RFORK_MAX_NODES; i++)
		info->refs[i] = RFORK_COUNT_USERS(slot->refs[i].count);
	if (info->state == RFORK_HELD)
		info->bytes = rfork_extent_count(info->image) * RFORK_EXTENT_BYTES;
	metadata = READ_ONCE(slot->metadata);
	bytes = READ_ONCE(slot->metadata_bytes);
	if (info->state != RFORK_COMMITTED || bytes < sizeof(*header) ||
	    !rfork_extent_owned(info->image, metadata, bytes))
		return;
	/* Not validated: only fixed fields are read, each once. */
	header = rfork_at(metadata);
	rfork_invalidate(header, sizeof(*header));
	info->pages = header->pages.count;
	info->shared_pages = header->shared_pages.count;
	info->leaves = header->leaves.count;
	info->vmas = header->vmas.count;
	info->threads = header->threads.count;
	info->uid = header->uid;
	info->user_ns = header->user_ns;
	info->bytes = header->image_bytes;
	info->monotonic_ns = header->monotonic_ns;
	info->boottime_ns = header->boottime_ns;
	info->pid = header->pid;
	info->checksum_data = header->has_data_checksum;
	memcpy(info->comm, header->comm, RFORK_COMM_BYTES);
	memcpy(info->release, header->release, RFORK_RELEASE_BYTES);
	info->comm[RFORK_COMM_BYTES - 1] = 0;
	info->release[RFORK_RELEASE_BYTES - 1] = 0;
	threads = READ_ONCE(header->threads.offset);
	for (i = 0; i < min_t(u64, info->threads, ARRAY_SIZE(info->tids)); i++) {
		const struct rfork_thread *thread =
			(const void *)header + threads + i * sizeof(*thread);

		if (threads > bytes || (i + 1) * sizeof(*thread) > bytes - threads)
			break;
		info->tids[i] = READ_ONCE(thread->tid);
	}
}

int rfork_list_read(struct rfork_list *list, u64 only, struct rfork_reason *why)
{
	struct rfork_image_info __user *to = u64_to_user_ptr(list->images);
	struct rfork_image_info *info = kmalloc(sizeof(*info), GFP_KERNEL);
	u32 i;
	int error = 0;

	if (!info)
		return -ENOMEM;
	list->count = 0;
	for (i = 0; !error && i < RFORK_MAX_IMAGES; i++) {
		read_slot(i, info);
		if (info->state == RFORK_FREE || (only && info->image != only))
			continue;
		if (list->count < list->capacity &&
		    copy_to_user(to + list->count, info, sizeof(*info)))
			error = rfork_refuse(why, -EFAULT, "the list cannot be written");
		list->count++;
	}
	kfree(info);
	return error;
}

int rfork_image_read(struct rfork_image *image, struct rfork_reason *why)
{
	u32 slot = RFORK_IMAGE_SLOT(image->image);

	if (slot < RFORK_MAX_IMAGES)
		read_slot(slot, &image->info);
	if (slot >= RFORK_MAX_IMAGES || image->info.state == RFORK_FREE ||
	    image->info.image != image->image)
		return rfork_refuse(why, -ENOENT, "there is no checkpoint %llu", image->image);
	return 0;
}

int rfork_stats_read(struct rfork_stats *stats, struct rfork_reason *why)
{
	struct rfork_child *child;
	struct mm_struct *mm;

	stats->children = atomic_read(&rfork_children);
	if (!stats->pid) {
		rfork_tally_read(&rfork_total, &stats->counters);
		return 0;
	}
	child = rfork_child_of_pid(stats->pid, &mm, why);
	if (IS_ERR(child))
		return PTR_ERR(child);
	rfork_tally_read(&child->tally, &stats->counters);
	stats->leaves_shared = atomic_read(&child->shared);
	stats->image = rfork_image_id(child->image);
	mmput(mm);
	return 0;
}
