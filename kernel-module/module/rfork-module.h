/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the module's files share, lowest layer first. What fewer share is in headers of its own:
 * symbols, super, slot, hooks, builder, session, restore.
 */
#ifndef RFORK_MODULE_H
#define RFORK_MODULE_H

/* Headers included before this one have set it to nothing. */
#undef pr_fmt
#define pr_fmt(fmt) "rfork: " fmt

#include <linux/kernel.h>
#include <linux/memremap.h>
#include <linux/mm.h>
#include <linux/mmu_notifier.h>
#include <linux/module.h>
#include <linux/rmap.h>
#include <linux/rwsem.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>
#include "compat.h"
#include "format.h"
#include "symbols.h"

/* tally.c: counters of one child, or of all since load. */
enum rfork_count {
#define RFORK_COUNT_INDEX(field) (offsetof(struct rfork_counters, field) / sizeof(u64))
	RFORK_NR_COUNTERS = sizeof(struct rfork_counters) / sizeof(u64)
};
struct rfork_tally {
	atomic64_t value[RFORK_NR_COUNTERS];
};
extern struct rfork_tally rfork_total;
#define rfork_count_add(tally, field, n) do {					\
	struct rfork_tally *__tally = (tally);					\
	if (__tally)								\
		atomic64_add(n, &__tally->value[RFORK_COUNT_INDEX(field)]);	\
	atomic64_add(n, &rfork_total.value[RFORK_COUNT_INDEX(field)]);		\
} while (0)
void rfork_tally_read(struct rfork_tally *tally, struct rfork_counters *counters);

/* reason.c: a request's words for its error. */
struct rfork_reason {
	char text[RFORK_REASON_BYTES];
};
__printf(3, 4) int rfork_refuse(struct rfork_reason *reason, int error, const char *fmt, ...);

/* super.c */
struct rfork_region {
	u64 base, bytes;
	u32 node;
	void *virt;
	struct dev_pagemap pgmap;
	struct resource *resource;	/* NULL when a DAX device owns the range */
	bool formatted;
	bool software;			/* coherence */
	u64 generation, epoch;
	u32 nodes;
	struct rfork_super *super;
	struct rfork_node *node_table;
	struct rfork_slot *slots;
	u32 *extent_owner;
	u64 extents, data;
	u8 machine_id[RFORK_ID_BYTES], boot_id[RFORK_ID_BYTES];
	struct mutex extent_lock;
	u64 extent_hint;
	unsigned long *leaf_ready;	/* bitmap: this node's struct page is set up as a leaf */
};
/* Held for reading by every operation, for writing by attach, detach and format. */
extern struct rw_semaphore rfork_region_lock;
/* Held while the region comes or goes, and by whoever looks at it without the lock above. */
extern struct mutex rfork_region_life;
extern struct rfork_region *rfork_region;	/* NULL: none attached */

int rfork_region_usable(struct rfork_reason *why);
bool rfork_node_lives(void);

/* region.c */
int rfork_region_attach(struct rfork_attach *arg, struct rfork_reason *why);
int rfork_region_detach(struct rfork_reason *why);
int rfork_region_format(struct rfork_format *arg, struct rfork_reason *why);
void rfork_region_take_away(bool only_dax);
void rfork_region_exit(void);

static inline void *rfork_at(u64 offset)
{
	return rfork_region->virt + offset;
}

static inline bool rfork_owns_pfn(unsigned long pfn)
{
	const struct rfork_region *region = READ_ONCE(rfork_region);

	return region && PFN_PHYS(pfn) >= region->base &&
	       PFN_PHYS(pfn) < region->base + region->bytes;
}

/* coherence.c */
void rfork_publish(const void *start, size_t bytes);
void rfork_invalidate(const void *start, size_t bytes);
void rfork_copy_to_region(void *to, const void *from, size_t bytes);

/* extent.c */
int rfork_extent_alloc(u64 image, u64 extents, u64 *offset);
u64 rfork_extents_of(u64 offset, u64 bytes);
u64 rfork_extent_free(u64 image, u64 kept);
u64 rfork_extent_count(u64 image);
u64 rfork_extent_free_bytes(void);
bool rfork_extent_owned(u64 image, u64 offset, u64 bytes);

/* slot.c: the life of an image. */
int rfork_slot_begin(u32 *slot, u64 *image, struct rfork_reason *why);
bool rfork_slot_commit(u32 slot, u64 metadata, u64 bytes);
void rfork_slot_abort(u32 slot);
bool rfork_slot_announce(u32 slot, u64 extents);
void rfork_slots_let_go(void);

/* recover.c */
void rfork_node_drop(u32 dead, struct rfork_recover *report);
int rfork_node_recover(struct rfork_recover *arg, struct rfork_reason *why);

/* image-ref.c */
struct rfork_image_ref;			/* this node's use of one image */
struct rfork_image_ref *rfork_image_get(u64 image, struct rfork_reason *why);
void rfork_image_hold(struct rfork_image_ref *ref);
void rfork_image_put(struct rfork_image_ref *ref);
/* @last_look: at what this node knows of it, once nobody uses it. */
int rfork_image_delete(u64 image, void (*last_look)(const struct rfork_image_ref *ref),
		       u64 *bytes_freed, struct rfork_reason *why);
void rfork_images_flush(void);
void rfork_images_look(void (*look)(const struct rfork_image_ref *ref));
void rfork_images_forget(void);
u64 rfork_image_id(const struct rfork_image_ref *ref);
/* This node's copy of the records; NULL until the image was validated here. */
const struct rfork_image_header *rfork_image_header(const struct rfork_image_ref *ref);
/* One byte per page record, in the region: the user's to change, at any time. */
u8 *rfork_image_hints(const struct rfork_image_ref *ref);
/* The image takes the copy of its records; it is freed with kvfree(). */
void rfork_image_set_records(struct rfork_image_ref *ref, struct rfork_image_header *records,
			     u8 *hints);
struct mutex *rfork_image_verdict_lock(struct rfork_image_ref *ref);

/* leaf-page.c */
struct page *rfork_leaf_alloc(struct mm_struct *mm, gfp_t gfp);
void rfork_leaf_free(struct page *page);
void rfork_leaf_free_unused(struct page *page);
int rfork_leaf_make_ready(u64 table);
void rfork_leaf_exit(void);

/* mapping-locks.c */
#define RFORK_MAX_LEAF_FILES	32	/* a leaf with more mappings of files in its range is built */
struct rfork_mapping_locks {
	struct address_space *mappings[RFORK_MAX_LEAF_FILES];
	u32 count;
};
void rfork_mappings_lock(struct rfork_mapping_locks *locks, struct mm_struct *mm,
			 unsigned long start, unsigned long end);
void rfork_mappings_unlock(struct rfork_mapping_locks *locks);
void rfork_mappings_assert_locked(struct mm_struct *mm, unsigned long start, unsigned long end);

/* leaf.c */
pmd_t *rfork_pmd(struct mm_struct *mm, unsigned long address);
bool rfork_pmd_attached(pmd_t pmd);
pte_t *rfork_leaf_lock(struct mm_struct *mm, pmd_t *pmd, unsigned long address, spinlock_t **ptl);
int rfork_leaf_attach(struct mm_struct *mm, unsigned long address, u64 table);
int rfork_leaf_install(struct mm_struct *mm, unsigned long address, struct page *page);
pte_t rfork_pte_at(u64 base, u64 offset, unsigned long vm_flags);
pte_t rfork_pte(u64 offset, unsigned long vm_flags);
pte_t rfork_pte_deferred(u64 offset, unsigned long vm_flags);
static inline bool rfork_pte_is_ours(pte_t pte)
{
	return !pte_none(pte) && (pte_present(pte)) && rfork_owns_pfn(pte_pfn(pte));
}

/* child.c: address spaces that hold pages of an image. */
struct rfork_child {
	struct hlist_node hash;
	struct mm_struct *mm;
	struct rfork_image_ref *image;
	u32 slot;			/* of the image */
	struct mmu_notifier notifier;
	bool notified;			/* the notifier is registered */
	bool unfinished;		/* not all that the image brings is in place */
	u32 window_pages;
	atomic_t shared;		/* attached leaves */
	struct rfork_tally tally;
	struct rcu_head rcu;
	u32 nr_leaves;
	unsigned long *leaves;		/* addresses attached at restore, ascending */
};
extern atomic_t rfork_children;
struct rfork_child *rfork_child_of(struct mm_struct *mm);
struct rfork_child *rfork_child_new(struct mm_struct *mm, struct rfork_image_ref *image,
				    u32 max_leaves);
void rfork_child_publish(struct rfork_child *child);
void rfork_child_discard(struct rfork_child *child);
void rfork_child_remove(struct rfork_child *child);
void rfork_children_kill(const struct mm_struct *only);
void rfork_children_kill_slot(u32 slot);

/* memory-failure.c */
extern const struct dev_pagemap_ops rfork_pagemap_ops;

/* unshare.c: the attached leaves of a child. */
extern bool rfork_unshare_hooks;
u32 rfork_child_first_leaf(const struct rfork_child *child, unsigned long address);
int rfork_leaf_unshare(struct rfork_child *child, unsigned long address, bool may_reclaim);
int rfork_leaf_unshare_range(struct rfork_child *child, unsigned long start, unsigned long end);
void rfork_leaf_detach_all(struct rfork_child *child);

/* notifier.c */
int rfork_child_notify(struct rfork_child *child);
void rfork_child_leave(struct rfork_child *child);

/* target.c: the process a request names. */
struct mm_struct *rfork_mm_of_pid(pid_t pid);
struct rfork_child *rfork_child_of_pid(pid_t pid, struct mm_struct **mm, struct rfork_reason *why);

/* page.c: one page from the image to local memory and back. */
enum rfork_cause { RFORK_BY_WRITE, RFORK_BY_ACCESS, RFORK_BY_PREFETCH };
int rfork_page_migrate(struct rfork_child *child, struct vm_area_struct *vma,
		       unsigned long address, enum rfork_cause cause);
bool rfork_page_deferred(pte_t pte);

/* hooks.c */
int rfork_hooks_init(void);
void rfork_hooks_exit(void);

/* checkpoint.c, restore.c, adoption.c */
int rfork_checkpoint(struct rfork_checkpoint *arg, struct rfork_reason *why);
int rfork_restore(struct rfork_restore *arg, struct rfork_reason *why);
int rfork_adopt(struct rfork_adopt *arg, struct rfork_reason *why);

/* validate.c */
struct rfork_validation {
	u64 entries, ns;
};
/* The cost, if asked for, stays as it was where the verdict is known. */
int rfork_validate_leaves(struct rfork_image_ref *ref, struct rfork_validation *cost,
			  struct rfork_reason *why);
int rfork_validate_data(const struct rfork_image_header *header, struct rfork_reason *why);

/* scan.c, hint.c, tiering.c */
int rfork_scan(struct rfork_scan *arg, struct rfork_reason *why);
int rfork_hint(struct rfork_hint *arg, struct rfork_reason *why);
int rfork_migrate(struct rfork_migrate *arg, struct rfork_reason *why);

/* task-state.c */
void rfork_restart_call(void);
bool rfork_thread_save(struct rfork_thread *thread, void *xstate, u32 xstate_bytes);
struct rfork_arrival;
struct rfork_arrival *rfork_arrival_new(void);
void rfork_arrival_settle(const struct callback_head *work);
void rfork_thread_load(const struct rfork_thread *thread, const void *xstate, u32 xstate_bytes,
		       struct rfork_arrival *arrival);
int rfork_thread_check(const struct rfork_thread *thread, const void *xstate,
		       struct rfork_reason *why);
u32 rfork_xstate_bytes(void);
u64 rfork_xfeatures(void);
u64 rfork_vdso_checksum(void);
void rfork_tell_thread_id(const struct rfork_thread *thread);

/* registrations.c */
void rfork_registrations_save(const struct mm_struct *mm, struct rfork_image_header *header);
bool rfork_registrations_ok(const struct rfork_image_header *header);
void rfork_registrations_make(struct mm_struct *mm, const struct rfork_image_header *header);

/* task-settings.c */
int rfork_settings_refuse(struct task_struct *task, const struct mm_struct *mm,
			  struct rfork_reason *why);

/* task-refusal.c; @drop: RFORK_CHECKPOINT_DROP_... */
int rfork_task_refuse(struct task_struct *task, u32 drop, struct rfork_reason *why);
void rfork_surroundings_save(u64 words[RFORK_SURROUNDINGS]);
u64 rfork_surroundings_differ(const u64 words[RFORK_SURROUNDINGS]);
int rfork_surroundings_refuse(u64 differ, struct rfork_reason *why);
/* What @thread of a process has and its main thread has not. */
int rfork_thread_refuse(struct task_struct *thread, struct task_struct *leader,
			struct rfork_reason *why);
int rfork_shared_refuse(struct rfork_reason *why);

/* builder.c */
u64 rfork_checksum_metadata(const struct rfork_image_header *header, u64 bytes);

/* The sections of an image that is in the region or, while it is built, in kernel memory. */
static inline const void *rfork_section(const struct rfork_image_header *header,
					const struct rfork_section *section)
{
	return (const void *)header + section->offset;
}

static inline const char *rfork_string(const struct rfork_image_header *header, u64 string)
{
	return string == RFORK_NO_STRING ? NULL :
	       (const char *)rfork_section(header, &header->strings) + string;
}

#endif
