/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the module's files share, one section per file, lowest layer first:
 * symbols, coherence, region, extent, slot, leaf, child, page, hooks, image, task, restore.
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

struct epoll_event;

/* symbols.c: kernel functions that are not exported. */
struct rfork_symbols {
	int (*p4d_alloc)(struct mm_struct *mm, pgd_t *pgd, unsigned long address);
	int (*pud_alloc)(struct mm_struct *mm, p4d_t *p4d, unsigned long address);
	int (*pmd_alloc)(struct mm_struct *mm, pud_t *pud, unsigned long address);
	void (*flush_tlb_mm_range)(struct mm_struct *mm, unsigned long start, unsigned long end,
				   unsigned int stride_shift, bool freed_tables);
	long (*do_arch_prctl_64)(struct task_struct *task, int option, unsigned long arg);
	int (*anon_vma_prepare)(struct vm_area_struct *vma);
	int (*mem_cgroup_charge)(struct folio *folio, struct mm_struct *mm, gfp_t gfp);
	void (*folio_add_lru_vma)(struct folio *folio, struct vm_area_struct *vma);
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 7, 0)
	void (*page_add_new_anon_rmap)(struct page *page, struct vm_area_struct *vma,
				       unsigned long address);
#else
	void (*folio_add_new_anon_rmap)(struct folio *folio, struct vm_area_struct *vma,
					unsigned long address, rmap_t flags);
#endif
	int (*notifier_range_start)(struct mmu_notifier_range *range);
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 6, 0)
	void (*notifier_range_end)(struct mmu_notifier_range *range, bool only_end);
#else
	void (*notifier_range_end)(struct mmu_notifier_range *range);
#endif
#if ALLOC_SPLIT_PTLOCKS
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 6, 0)
	bool (*ptlock_alloc)(struct page *page);
	void (*ptlock_free)(struct page *page);
#else
	bool (*ptlock_alloc)(struct ptdesc *ptdesc);
	void (*ptlock_free)(struct ptdesc *ptdesc);
#endif
#endif
	int (*set_mm_exe_file)(struct mm_struct *mm, struct file *file);
	void (*set_task_comm)(struct task_struct *task, const char *name, bool exec);
	void (*set_fs_pwd)(struct fs_struct *fs, const struct path *path);
	long (*eventfd2)(const struct pt_regs *regs);
	long (*epoll_create1)(const struct pt_regs *regs);
	int (*do_epoll_ctl)(int epoll, int operation, int fd, struct epoll_event *event, bool nonblock);
	int (*create_pipe_files)(struct file **ends, int flags);
	long (*pipe_fcntl)(struct file *file, unsigned int command, unsigned long argument);
	int (*replace_fd)(unsigned int fd, struct file *file, unsigned int flags);
	void (*zap_page_range_single)(struct vm_area_struct *vma, unsigned long address,
				      unsigned long bytes, struct zap_details *details);
	/* Hooked ones. */
	void (*exit_mmap)(struct mm_struct *mm);
	int (*copy_page_range)(struct vm_area_struct *dst, struct vm_area_struct *src);
	struct vm_area_struct *(*copy_vma)(struct vm_area_struct **vmap, unsigned long address,
					   unsigned long bytes, pgoff_t pgoff, bool *need_rmap,
					   bool keep_source);
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 11, 0)
	struct vm_area_struct *(*extend)(struct mm_struct *mm, struct vm_area_struct *prev,
		unsigned long start, unsigned long end, unsigned long vm_flags,
		struct anon_vma *anon_vma, struct file *file, pgoff_t pgoff,
		struct mempolicy *policy, struct vm_userfaultfd_ctx ctx,
		struct anon_vma_name *anon_name);
#else
	struct vm_area_struct *(*extend)(struct vma_iterator *vmi, struct vm_area_struct *vma,
					 unsigned long delta);
#endif
	unsigned long (*mmap_region)(struct file *file, unsigned long address, unsigned long bytes,
				     vm_flags_t vm_flags, unsigned long pgoff,
				     struct list_head *uf);
	/* Of userfaultfd, with arguments of up to six words. */
	long (*uffd[4])(unsigned long, unsigned long, unsigned long, unsigned long, unsigned long,
			unsigned long);
	unsigned long handle_mm_fault;
	const void *vdso_image;
};
extern struct rfork_symbols rfork_sym;
int rfork_symbols_init(void);

/* Counters of one child, or of all since load. */
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

/* A request's words for its error. */
struct rfork_reason {
	char text[RFORK_REASON_BYTES];
};
__printf(3, 4) int rfork_refuse(struct rfork_reason *reason, int error, const char *fmt, ...);

/* region.c */
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
extern struct rfork_region *rfork_region;	/* NULL: none attached */

int rfork_region_attach(struct rfork_attach *arg, struct rfork_reason *why);
int rfork_region_detach(struct rfork_reason *why);
int rfork_region_format(struct rfork_format *arg, struct rfork_reason *why);
int rfork_region_usable(struct rfork_reason *why);
void rfork_node_drop(u32 dead, struct rfork_recover *report);
int rfork_node_recover(struct rfork_recover *arg, struct rfork_reason *why);
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
int rfork_extent_alloc(u32 slot, u64 extents, u64 *offset);
u64 rfork_extent_free_slot(u32 slot);
u64 rfork_extent_count_slot(u32 slot);
u64 rfork_extent_free_bytes(void);
bool rfork_extent_owned(u32 slot, u64 offset, u64 bytes);

/* slot.c: the life of an image. */
struct rfork_image_ref;			/* this node's use of one image */
int rfork_slot_begin(u32 *slot, u64 *image, struct rfork_reason *why);
bool rfork_slot_commit(u32 slot, u64 metadata, u64 bytes);
void rfork_slot_abort(u32 slot);
struct rfork_image_ref *rfork_image_get(u64 image, struct rfork_reason *why);
void rfork_image_hold(struct rfork_image_ref *ref);
void rfork_image_put(struct rfork_image_ref *ref);
int rfork_image_delete(u64 image, u64 *bytes_freed, struct rfork_reason *why);
void rfork_images_flush(void);
void rfork_images_forget(void);
u64 rfork_image_id(const struct rfork_image_ref *ref);
/* NULL until it was validated here. */
const struct rfork_image_header *rfork_image_header(const struct rfork_image_ref *ref);
void rfork_image_set_header(struct rfork_image_ref *ref, const struct rfork_image_header *header);
struct mutex *rfork_image_verdict_lock(struct rfork_image_ref *ref);

/* leaf.c: attached leaves. */
struct rfork_child;
pmd_t *rfork_pmd(struct mm_struct *mm, unsigned long address);
bool rfork_pmd_attached(pmd_t pmd);
pte_t *rfork_leaf_lock(struct mm_struct *mm, pmd_t *pmd, unsigned long address, spinlock_t **ptl);
struct page *rfork_leaf_alloc(struct mm_struct *mm, gfp_t gfp);
void rfork_leaf_free(struct page *page);
void rfork_leaf_free_unused(struct page *page);
int rfork_leaf_attach(struct mm_struct *mm, unsigned long address, u64 table);
int rfork_leaf_install(struct mm_struct *mm, unsigned long address, struct page *page);
int rfork_leaf_unshare(struct rfork_child *child, unsigned long address, bool may_reclaim);
int rfork_leaf_unshare_range(struct rfork_child *child, unsigned long start, unsigned long end);
void rfork_leaf_detach_all(struct rfork_child *child);
pte_t rfork_pte_at(u64 base, u64 offset, unsigned long vm_flags);
pte_t rfork_pte(u64 offset, unsigned long vm_flags);
pte_t rfork_pte_deferred(u64 offset, unsigned long vm_flags);
static inline bool rfork_pte_is_ours(pte_t pte)
{
	return !pte_none(pte) && (pte_present(pte)) && rfork_owns_pfn(pte_pfn(pte));
}
void rfork_leaf_exit(void);

/* child.c: address spaces that hold pages of an image. */
struct rfork_child {
	struct hlist_node hash;
	struct mm_struct *mm;
	struct rfork_image_ref *image;
	struct mmu_notifier notifier;
	bool notified;			/* the notifier is registered */
	u32 prefetch_pages;
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
u32 rfork_child_first_leaf(const struct rfork_child *child, unsigned long address);
void rfork_child_publish(struct rfork_child *child);
int rfork_child_notify(struct rfork_child *child);
void rfork_child_discard(struct rfork_child *child);
void rfork_child_leave(struct rfork_child *child);
void rfork_child_remove(struct rfork_child *child);
void rfork_child_abandon(struct rfork_child *child, unsigned long address);
void rfork_children_kill(void);

/* target.c: the process a request names. */
struct mm_struct *rfork_mm_of_pid(pid_t pid);
struct rfork_child *rfork_child_of_pid(pid_t pid, struct mm_struct **mm, struct rfork_reason *why);

/* page.c: one page from the image to local memory and back. */
enum rfork_cause { RFORK_BY_WRITE, RFORK_BY_ACCESS, RFORK_BY_PREFETCH };
int rfork_page_migrate(struct rfork_child *child, struct vm_area_struct *vma,
		       unsigned long address, enum rfork_cause cause);
bool rfork_page_deferred(pte_t pte);

/* hooks.c */
extern bool rfork_unshare_hooks;
int rfork_hooks_init(void);
void rfork_hooks_exit(void);

/* checkpoint.c, task-state.c, vma.c, open-files.c, validate.c, restore.c, scan.c, demote.c */
struct rfork_builder;
int rfork_checkpoint(struct rfork_checkpoint *arg, struct rfork_reason *why);
int rfork_restore(struct rfork_restore *arg, struct rfork_reason *why);
int rfork_adopt(struct rfork_adopt *arg, struct rfork_reason *why);
struct rfork_validation {
	u64 entries, ns;
};
/* The cost, if asked for, stays as it was where the verdict is known. */
int rfork_validate_leaves(struct rfork_image_ref *ref, struct rfork_validation *cost,
			  struct rfork_reason *why);
int rfork_validate_metadata(const struct rfork_image_header *header, u64 image, u32 slot,
			    u64 bytes, struct rfork_reason *why);
int rfork_validate_data(const struct rfork_image_header *header, struct rfork_reason *why);
int rfork_scan(struct rfork_scan *arg, struct rfork_reason *why);
int rfork_hint(struct rfork_hint *arg, struct rfork_reason *why);
int rfork_migrate(struct rfork_migrate *arg, struct rfork_reason *why);

void rfork_thread_save(struct rfork_thread *thread, void *xstate, u32 xstate_bytes);
struct rfork_arrival;
struct rfork_arrival *rfork_arrival_new(void);
void rfork_arrival_settle(const struct callback_head *work);
void rfork_thread_load(const struct rfork_thread *thread, const void *xstate, u32 xstate_bytes,
		       struct rfork_arrival *arrival);
int rfork_thread_check(const struct rfork_thread *thread, const void *xstate,
		       struct rfork_reason *why);
u32 rfork_xstate_bytes(void);
u64 rfork_xfeatures(void);
int rfork_task_refuse(struct task_struct *task, struct rfork_reason *why);
int rfork_shared_refuse(struct rfork_reason *why);
u64 rfork_vdso_checksum(void);
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
