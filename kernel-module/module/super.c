// SPDX-License-Identifier: GPL-2.0
/* The super block: what a region says of itself, and whether this node may use it. */
#include <linux/random.h>
#include <linux/xxhash.h>
#include "super.h"

DECLARE_RWSEM(rfork_region_lock);
DEFINE_MUTEX(rfork_region_life);
struct rfork_region *rfork_region;

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

/*
 * 0, or what keeps this region from being used as it is. @super becomes this node's copy of what
 * the region says, which is what was checked.
 */
int rfork_super_check(const struct rfork_region *region, struct rfork_super *super,
		      struct rfork_reason *why)
{
	struct rfork_super expected = { };

	memcpy(super, region->super, sizeof(*super));
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

void rfork_super_use(struct rfork_region *region, const struct rfork_super *super)
{
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

/* Empties the tables and writes a new super block. */
void rfork_super_make(struct rfork_region *region, u32 nodes, u32 coherence)
{
	struct rfork_super *super = region->super;

	WRITE_ONCE(super->magic, 0);
	/* Who finds a magic finds what belongs to it. */
	wmb();
	memset(super, 0, sizeof(*super));
	place_tables(super, region->bytes, nodes);
	memset(region->virt + super->node_table, 0, super->data - super->node_table);
	super->version = RFORK_FORMAT_VERSION;
	super->coherence = coherence;
	super->bytes = region->bytes;
	super->base = region->base;
	super->generation = get_random_u64();
	super->checksum = super_checksum(super);
	rfork_super_use(region, super);
	rfork_publish(region->virt, region->data);
	WRITE_ONCE(super->magic, RFORK_SUPER_MAGIC);
	rfork_publish(super, sizeof(*super));
}

/* False once another node has recovered this one, as if it were dead. */
bool rfork_node_lives(void)
{
	struct rfork_region *region = rfork_region;
	struct rfork_node *me = &region->node_table[region->node];

	rfork_invalidate(me, sizeof(*me));
	return READ_ONCE(me->epoch) == region->epoch;
}

/* Whether this node may act: the region is formatted, and nobody declared this node dead. */
int rfork_region_usable(struct rfork_reason *why)
{
	struct rfork_region *region = rfork_region;
	struct rfork_super super;

	if (!region)
		return rfork_refuse(why, -ENODEV, "no region is attached; run rforkctl attach");
	if (!region->formatted)
		return rfork_super_check(region, &super, why) ?:
		       rfork_refuse(why, -EBADMSG, "the region was formatted behind this node's back; attach it again");
	rfork_invalidate(region->super, sizeof(*region->super));
	if (READ_ONCE(region->super->magic) != RFORK_SUPER_MAGIC ||
	    READ_ONCE(region->super->generation) != region->generation)
		return rfork_refuse(why, -ESTALE,
				    "the region was formatted anew; detach and attach it");
	if (!rfork_node_lives())
		return rfork_refuse(why, -ESTALE,
				    "node %u was recovered by another node; detach and attach the region",
				    region->node);
	return 0;
}
