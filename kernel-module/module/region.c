// SPDX-License-Identifier: GPL-2.0
/*
 * The shared region on this node: reserving it, struct pages for it, this node's entry in its
 * table.
 *
 * The kernel's page-table code reaches a leaf through its struct page (split lock) and the direct
 * map, so the range gets both, in local memory: 64 bytes for each 4 KiB of the region.
 */
#include <linux/bitmap.h>
#include <linux/cacheflush.h>
#include <linux/delay.h>
#include <linux/ioport.h>
#include <linux/security.h>
#include "dax-region.h"
#include "slot.h"
#include "super.h"
#include "verify.h"

#define REGION_ALIGN	SZ_2M
#define REGION_MIN	(8 * REGION_ALIGN)
#define STRUCT_PAGE_BYTES(bytes) ((bytes) / PAGE_SIZE * sizeof(struct page))

/*
 * A machine runs one boot at a time, so what an earlier one of this machine held is free; also what
 * another that recovers it has not come to yet.
 */
static bool is_this_machine(const struct rfork_region *region, const struct rfork_node *me)
{
	return memchr_inv(region->machine_id, 0, RFORK_ID_BYTES) &&
	       !memcmp(me->machine_id, region->machine_id, RFORK_ID_BYTES);
}

/* Enters this node in the node table under a new epoch. */
static int join(struct rfork_region *region, bool fenced, struct rfork_reason *why)
{
	struct rfork_node *me = &region->node_table[region->node];
	bool other_boot;
	u64 i;

	rfork_invalidate(me, sizeof(*me));
	other_boot = memcmp(me->boot_id, region->boot_id, RFORK_ID_BYTES);
	if (fenced || !other_boot || is_this_machine(region, me))
		rfork_node_drop(region->node, &(struct rfork_recover){ });
	if (me->attached && other_boot)
		return rfork_refuse(why, -EBUSY,
				    "node %u is attached by another boot; if that runs no more, attach with --fenced",
				    region->node);
	for (i = 0; i < RFORK_MAX_IMAGES; i++)
		if (region->slots[i].refs[region->node].count)
			return rfork_refuse(why, -EBUSY,
					    "node %u left checkpoints mapped; if nothing of it runs, attach with --fenced",
					    region->node);
	memcpy(me->machine_id, region->machine_id, RFORK_ID_BYTES);
	memcpy(me->boot_id, region->boot_id, RFORK_ID_BYTES);
	/* Others may recover this node meanwhile, the one that it was: each has an epoch of its own. */
	do {
		region->epoch = READ_ONCE(me->epoch) + 1;
	} while (!rfork_word_change(&me->epoch, region->epoch - 1, region->epoch));
	WRITE_ONCE(me->attached, region->epoch);
	rfork_publish(me, sizeof(*me));
	rfork_slots_let_go();
	region->formatted = true;
	return 0;
}

static int check_range(const struct rfork_attach *arg, struct rfork_reason *why)
{
	u64 end = arg->base + arg->bytes;

	if (!arg->base || !IS_ALIGNED(arg->base, REGION_ALIGN) || !arg->bytes ||
	    !IS_ALIGNED(arg->bytes, REGION_ALIGN) || end < arg->base)
		return rfork_refuse(why, -EINVAL,
				    "base %#llx and size %#llx must be multiples of 2 MiB, not 0",
				    arg->base, arg->bytes);
	if (arg->bytes < REGION_MIN)
		return rfork_refuse(why, -EINVAL, "a region is at least 16 MiB");
	if (end > 1ULL << boot_cpu_data.x86_phys_bits)
		return rfork_refuse(why, -EINVAL, "%#llx is beyond this machine's physical addresses",
				    end);
	if (region_intersects(arg->base, arg->bytes, IORESOURCE_SYSTEM_RAM, IORES_DESC_NONE) !=
	    REGION_DISJOINT)
		return rfork_refuse(why, -EBUSY,
				    "[%#llx, %#llx) is this machine's own memory; reserve a range with memmap=",
				    arg->base, end);
	return 0;
}

static void free_region(struct rfork_region *region)
{
	if (region->virt)
		memunmap_pages(&region->pgmap);
	if (region->resource)
		release_mem_region(region->base, region->bytes);
	bitmap_free(region->leaf_ready);
	kfree(region);
}

static int map_region(struct rfork_region *region, const struct rfork_attach *arg,
		      struct rfork_reason *why)
{
	void *virt;
	int error;

	if (arg->dax[0]) {
		if (arg->base || arg->bytes || arg->dax[sizeof(arg->dax) - 1])
			return rfork_refuse(why, -EINVAL,
					    "the region is either a DAX device or a base and a size");
		error = rfork_dax_range(arg->dax, &region->base, &region->bytes, why);
		if (error)
			return error;
	} else {
		error = check_range(arg, why);
		if (error)
			return error;
		region->base = arg->base;
		region->bytes = arg->bytes;
		region->resource = request_mem_region(region->base, region->bytes, "rfork");
		if (!region->resource)
			return rfork_refuse(why, -EBUSY,
					    "[%#llx, %#llx) belongs to another driver; see /proc/iomem",
					    region->base, region->base + region->bytes);
	}
	region->leaf_ready = bitmap_zalloc(region->bytes / PAGE_SIZE, GFP_KERNEL);
	if (!region->leaf_ready)
		return -ENOMEM;
	region->pgmap.type = MEMORY_DEVICE_GENERIC;
	region->pgmap.ops = &rfork_pagemap_ops;
	region->pgmap.range.start = region->base;
	region->pgmap.range.end = region->base + region->bytes - 1;
	region->pgmap.nr_range = 1;
	virt = memremap_pages(&region->pgmap, NUMA_NO_NODE);
	if (IS_ERR(virt))
		return rfork_refuse(why, PTR_ERR(virt), "the kernel cannot map the region (error %ld)",
				    PTR_ERR(virt));
	region->virt = virt;
	region->super = virt;
	return 0;
}

/* The watch over this node looks at the region without its lock. */
static void set_region(struct rfork_region *region)
{
	mutex_lock(&rfork_region_life);
	WRITE_ONCE(rfork_region, region);
	mutex_unlock(&rfork_region_life);
}

int rfork_region_attach(struct rfork_attach *arg, struct rfork_reason *why)
{
	struct rfork_region *region;
	struct rfork_super super;
	int error;

	if (rfork_region)
		return rfork_refuse(why, -EBUSY, "a region is attached already; detach it first");
	/* Whoever shares the region can write page tables of this kernel's. */
	if (security_locked_down(LOCKDOWN_DEV_MEM))
		return rfork_refuse(why, -EPERM, "this kernel is locked down: no memory that others can write becomes its own");
	if (arg->node >= RFORK_MAX_NODES)
		return rfork_refuse(why, -EINVAL, "node %u; nodes are 0 .. %d", arg->node,
				    RFORK_MAX_NODES - 1);
	if (!memchr_inv(arg->boot_id, 0, RFORK_ID_BYTES))
		return rfork_refuse(why, -EINVAL, "a boot id of zeros names no boot");
	region = kzalloc(sizeof(*region), GFP_KERNEL);
	if (!region)
		return -ENOMEM;
	mutex_init(&region->extent_lock);
	region->node = arg->node;
	memcpy(region->boot_id, arg->boot_id, RFORK_ID_BYTES);
	memcpy(region->machine_id, arg->machine_id, RFORK_ID_BYTES);
	error = map_region(region, arg, why);
	if (error)
		goto fail;
	arg->base = region->base;
	arg->bytes = region->bytes;
	arg->struct_page_bytes = STRUCT_PAGE_BYTES(region->bytes);
	/* The coherence mode is not known yet: drop what this node may have cached of the super. */
	clflush_cache_range(region->super, sizeof(*region->super));
	set_region(region);
	if (region->super->magic == RFORK_SUPER_MAGIC) {
		error = rfork_super_check(region, &super, why);
		/*
		 * Of another shape or damaged: attached all the same, so that it can be formatted.
		 */
		if (!error) {
			rfork_super_use(region, &super);
			error = join(region, arg->head.flags & RFORK_ATTACH_FENCED, why);
			if (error) {
				set_region(NULL);
				goto fail;
			}
		}
	}
	arg->formatted = region->formatted;
	return 0;
fail:
	free_region(region);
	return error;
}

/*
 * Whether a pipe, a device or whoever else pinned it still holds a page of the region. Asked when
 * no address space maps one, such references can only go, so one look at each page is enough.
 */
static int refuse_held(const struct rfork_region *region, struct rfork_reason *why)
{
	unsigned long first = PHYS_PFN(region->base), pages = PHYS_PFN(region->bytes), i;

	for (i = 0; i < pages; i++) {
		if (page_count(pfn_to_page(first + i)) > 1)
			return rfork_refuse(why, -EBUSY,
					    "the page at %#llx is still held, by a pipe or a device for one; close what holds it",
					    PFN_PHYS(first + i));
		if (!(i % 4096))
			cond_resched();
	}
	return 0;
}

int rfork_region_detach(struct rfork_reason *why)
{
	struct rfork_region *region = rfork_region;
	bool still_ours;
	int error;

	if (!region)
		return rfork_refuse(why, -ENODEV, "no region is attached");
	if (atomic_read(&rfork_children))
		return rfork_refuse(why, -EBUSY, "%d processes use checkpoints of the region",
				    atomic_read(&rfork_children));
	still_ours = region->formatted && !rfork_region_usable(&(struct rfork_reason){ });
	if (still_ours && IS_ENABLED(CONFIG_DEBUG_VM))
		rfork_images_look(rfork_verify_for_debugging);
	rfork_images_flush();
	error = refuse_held(region, why);
	if (error)
		return error;
	rfork_images_forget();
	rfork_leaf_exit();
	if (still_ours) {
		struct rfork_node *me = &region->node_table[region->node];

		WRITE_ONCE(me->attached, 0);
		rfork_publish(me, sizeof(*me));
	}
	set_region(NULL);
	free_region(region);
	return 0;
}

int rfork_region_format(struct rfork_format *arg, struct rfork_reason *why)
{
	struct rfork_region *region = rfork_region;
	struct rfork_super super;
	int error;
	u32 i;

	if (!region)
		return rfork_refuse(why, -ENODEV, "no region is attached; run rforkctl attach");
	if (arg->coherence != RFORK_COHERENCE_HARDWARE &&
	    arg->coherence != RFORK_COHERENCE_SOFTWARE)
		return rfork_refuse(why, -EINVAL, "coherence %u; 1 is hardware, 2 is software",
				    arg->coherence);
	if (!arg->nodes || arg->nodes > RFORK_MAX_NODES || region->node >= arg->nodes)
		return rfork_refuse(why, -EINVAL, "%u nodes; it must be %u .. %d", arg->nodes,
				    region->node + 1, RFORK_MAX_NODES);
	if (atomic_read(&rfork_children))
		return rfork_refuse(why, -EBUSY, "%d processes here use checkpoints of the region",
				    atomic_read(&rfork_children));
	if (!rfork_super_check(region, &super, &(struct rfork_reason){ }) &&
	    !(arg->head.flags & RFORK_FORMAT_FORCE)) {
		struct rfork_node *nodes = region->virt + super.node_table;

		for (i = 0; i < super.nodes; i++)
			if (i != region->node && nodes[i].attached)
				return rfork_refuse(why, -EBUSY,
						    "node %u is attached; detach it or use --force", i);
	}
	rfork_images_flush();
	error = refuse_held(region, why);
	if (error)
		return error;
	rfork_images_forget();
	region->formatted = false;
	rfork_super_make(region, arg->nodes, arg->coherence);
	/*
	 * Nothing says whether memory answers at these addresses, but that it keeps what it is
	 * given.
	 */
	clflush_cache_range(region->super, sizeof(*region->super));
	if (rfork_super_check(region, &super, &(struct rfork_reason){ }))
		return rfork_refuse(why, -ENXIO,
				    "[%#llx, %#llx) does not keep what is written to it: is there memory?",
				    region->base, region->base + region->bytes);
	arg->generation = region->generation;
	return join(region, false, why);
}

/*
 * Where it cannot be refused: whoever uses the region ends, and whoever holds pages of it is waited
 * for. The caller holds the lock for writing, which others get in between.
 */
void rfork_region_take_away(bool only_dax)
{
	lockdep_assert_held_write(&rfork_region_lock);
	/* A region of its own range holds a resource. */
	while (rfork_region && !(only_dax && rfork_region->resource)) {
		rfork_children_kill(NULL);
		if (rfork_region_detach(&(struct rfork_reason){ })) {
			up_write(&rfork_region_lock);
			msleep(50);
			down_write(&rfork_region_lock);
		}
	}
}

void rfork_region_exit(void)
{
	down_write(&rfork_region_lock);
	rfork_region_take_away(false);
	up_write(&rfork_region_lock);
}
