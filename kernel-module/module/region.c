// SPDX-License-Identifier: GPL-2.0
/*
 * The shared region on this node: reserving it, struct pages for it, its super block.
 *
 * The kernel's page-table code reaches a leaf through its struct page (split lock) and the direct
 * map, so the range gets both, in local memory: 64 bytes for each 4 KiB of the region.
 */
#include <linux/bitmap.h>
#include <linux/cacheflush.h>
#include <linux/ioport.h>
#include <linux/random.h>
#include <linux/xxhash.h>
#include "dax-region.h"
#include "rfork-module.h"

DECLARE_RWSEM(rfork_region_lock);
struct rfork_region *rfork_region;

#define REGION_ALIGN	SZ_2M
#define REGION_MIN	(8 * REGION_ALIGN)
#define STRUCT_PAGE_BYTES(bytes) ((bytes) / PAGE_SIZE * sizeof(struct page))

static u64 super_checksum(const struct rfork_super *super)
{
	struct rfork_super copy = *super;

	copy.magic = 0;
	copy.checksum = 0;
	return xxh64(&copy, sizeof(copy), 0);
}

static void place_tables(struct rfork_super *super, u64 bytes, u32 nodes)
{
	u64 at = PAGE_SIZE;

	super->node_table = at;
	at += PAGE_ALIGN(RFORK_MAX_NODES * sizeof(struct rfork_node));
	super->slot_table = at;
	at += PAGE_ALIGN(RFORK_MAX_IMAGES * sizeof(struct rfork_slot));
	super->extent_table = at;
	super->extents = (bytes - at) / (RFORK_EXTENT_BYTES + sizeof(u32));
	at += super->extents * sizeof(u32);
	super->data = ALIGN(at, RFORK_EXTENT_BYTES);
	super->extents = (bytes - super->data) / RFORK_EXTENT_BYTES;
	super->slots = RFORK_MAX_IMAGES;
	super->nodes = nodes;
}

/* 0, or what keeps this region from being used as it is. */
static int check_super(struct rfork_region *region, struct rfork_reason *why)
{
	const struct rfork_super *super = region->super;
	struct rfork_super expected = { };

	if (super->magic != RFORK_SUPER_MAGIC)
		return rfork_refuse(why, -EBADMSG, "the region is not formatted; run rforkctl format");
	if (super->version != RFORK_FORMAT_VERSION)
		return rfork_refuse(why, -EPROTONOSUPPORT,
				    "the region has format %u; this module reads format %u",
				    super->version, RFORK_FORMAT_VERSION);
	if (super->checksum != super_checksum(super))
		return rfork_refuse(why, -EBADMSG, "the region's super block is damaged; format it");
	if (super->bytes != region->bytes)
		return rfork_refuse(why, -EXDEV,
				    "the region was formatted as %llu bytes; here it is %llu bytes",
				    super->bytes, region->bytes);
	place_tables(&expected, region->bytes, super->nodes);
	if (super->node_table != expected.node_table || super->slot_table != expected.slot_table ||
	    super->extent_table != expected.extent_table || super->data != expected.data ||
	    super->extents != expected.extents || super->slots != expected.slots ||
	    !super->nodes || super->nodes > RFORK_MAX_NODES ||
	    (super->coherence != RFORK_COHERENCE_HARDWARE &&
	     super->coherence != RFORK_COHERENCE_SOFTWARE))
		return rfork_refuse(why, -EBADMSG, "the region's super block is inconsistent; format it");
	if (region->node >= super->nodes)
		return rfork_refuse(why, -EINVAL, "node %u is not one of the region's %u nodes",
				    region->node, super->nodes);
	return 0;
}

static void use_super(struct rfork_region *region)
{
	struct rfork_super *super = region->super;

	region->software = super->coherence == RFORK_COHERENCE_SOFTWARE;
	region->generation = super->generation;
	region->nodes = super->nodes;
	region->node_table = region->virt + super->node_table;
	region->slots = region->virt + super->slot_table;
	region->extent_owner = region->virt + super->extent_table;
	region->extents = super->extents;
	region->data = super->data;
	region->extent_hint = 0;
}

/* A machine runs one boot at a time, so what an earlier one of this machine held is free. */
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
	if (fenced || (me->attached && other_boot && is_this_machine(region, me)))
		rfork_node_drop(region->node, &(struct rfork_recover){ });
	if (me->attached && other_boot)
		return rfork_refuse(why, -EBUSY,
				    "node %u is attached by another boot; if that runs no more, attach with --fenced",
				    region->node);
	for (i = 0; i < RFORK_MAX_IMAGES; i++)
		if (region->slots[i].refs[region->node].count)
			return rfork_refuse(why, -EBUSY,
					    "node %u left images mapped; if nothing of it runs, attach with --fenced",
					    region->node);
	memcpy(me->machine_id, region->machine_id, RFORK_ID_BYTES);
	memcpy(me->boot_id, region->boot_id, RFORK_ID_BYTES);
	region->epoch = me->epoch + 1;
	me->epoch = region->epoch;
	me->attached = 1;
	rfork_publish(me, sizeof(*me));
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
	rfork_dax_release();
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
		error = rfork_dax_claim(arg->dax, &region->base, &region->bytes, why);
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

int rfork_region_attach(struct rfork_attach *arg, struct rfork_reason *why)
{
	struct rfork_region *region;
	int error;

	if (rfork_region)
		return rfork_refuse(why, -EBUSY, "a region is attached already; detach it first");
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
	rfork_region = region;
	if (region->super->magic == RFORK_SUPER_MAGIC) {
		error = check_super(region, why);
		/* Of another shape or damaged: attached all the same, so that it can be formatted. */
		if (!error) {
			use_super(region);
			error = join(region, arg->head.flags & RFORK_ATTACH_FENCED, why);
			if (error) {
				rfork_region = NULL;
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

/* Whether this node may act: the region is formatted, and nobody declared this node dead. */
int rfork_region_usable(struct rfork_reason *why)
{
	struct rfork_region *region = rfork_region;
	struct rfork_node *me;

	if (!region)
		return rfork_refuse(why, -ENODEV, "no region is attached; run rforkctl attach");
	if (!region->formatted)
		return check_super(region, why) ?:
		       rfork_refuse(why, -EBADMSG, "the region was formatted behind this node's back; attach it again");
	me = &region->node_table[region->node];
	rfork_invalidate(region->super, sizeof(*region->super));
	rfork_invalidate(me, sizeof(*me));
	if (READ_ONCE(region->super->magic) != RFORK_SUPER_MAGIC ||
	    READ_ONCE(region->super->generation) != region->generation)
		return rfork_refuse(why, -ESTALE,
				    "the region was formatted anew; detach and attach it");
	if (READ_ONCE(me->epoch) != region->epoch)
		return rfork_refuse(why, -ESTALE,
				    "node %u was recovered by another node; detach and attach the region",
				    region->node);
	return 0;
}

int rfork_region_detach(struct rfork_reason *why)
{
	struct rfork_region *region = rfork_region;
	bool still_ours;

	if (!region)
		return rfork_refuse(why, -ENODEV, "no region is attached");
	if (atomic_read(&rfork_children))
		return rfork_refuse(why, -EBUSY, "%d processes use images of the region",
				    atomic_read(&rfork_children));
	rfork_images_flush();
	still_ours = region->formatted && !rfork_region_usable(&(struct rfork_reason){ });
	rfork_images_forget();
	rfork_leaf_exit();
	if (still_ours) {
		struct rfork_node *me = &region->node_table[region->node];

		me->attached = 0;
		rfork_publish(me, sizeof(*me));
	}
	rfork_region = NULL;
	free_region(region);
	return 0;
}

int rfork_region_format(struct rfork_format *arg, struct rfork_reason *why)
{
	struct rfork_region *region = rfork_region;
	struct rfork_super *super;
	u32 i;

	if (!region)
		return rfork_refuse(why, -ENODEV, "no region is attached; run rforkctl attach");
	if (arg->coherence != RFORK_COHERENCE_HARDWARE && arg->coherence != RFORK_COHERENCE_SOFTWARE)
		return rfork_refuse(why, -EINVAL, "coherence %u; 1 is hardware, 2 is software",
				    arg->coherence);
	if (!arg->nodes || arg->nodes > RFORK_MAX_NODES || region->node >= arg->nodes)
		return rfork_refuse(why, -EINVAL, "%u nodes; it must be %u .. %d", arg->nodes,
				    region->node + 1, RFORK_MAX_NODES);
	if (atomic_read(&rfork_children))
		return rfork_refuse(why, -EBUSY, "%d processes here use images of the region",
				    atomic_read(&rfork_children));
	super = region->super;
	if (!check_super(region, &(struct rfork_reason){ }) &&
	    !(arg->head.flags & RFORK_FORMAT_FORCE)) {
		struct rfork_node *nodes = region->virt + super->node_table;

		for (i = 0; i < super->nodes; i++)
			if (i != region->node && nodes[i].attached)
				return rfork_refuse(why, -EBUSY,
						    "node %u is attached; detach it or use --force", i);
	}
	rfork_images_flush();
	rfork_images_forget();
	region->formatted = false;
	WRITE_ONCE(super->magic, 0);
	wmb();
	memset(super, 0, sizeof(*super));
	place_tables(super, region->bytes, arg->nodes);
	memset(region->virt + super->node_table, 0, super->data - super->node_table);
	super->version = RFORK_FORMAT_VERSION;
	super->coherence = arg->coherence;
	super->bytes = region->bytes;
	super->base = region->base;
	super->generation = get_random_u64();
	super->checksum = super_checksum(super);
	use_super(region);
	rfork_publish(region->virt, region->data);
	WRITE_ONCE(super->magic, RFORK_SUPER_MAGIC);
	rfork_publish(super, sizeof(*super));
	arg->generation = super->generation;
	return join(region, false, why);
}

void rfork_region_exit(void)
{
	down_write(&rfork_region_lock);
	if (rfork_region)
		rfork_region_detach(&(struct rfork_reason){ });
	up_write(&rfork_region_lock);
}
