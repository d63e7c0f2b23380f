/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * The rfork device's interface.
 *
 * Every request starts with struct rfork_head and is passed by _IOWR. On an error the reply is
 * written too, so that head.reason can say in words what errno says in a number. Addresses are
 * user virtual addresses, offsets are bytes from the region's start, ranges are half-open.
 */
#ifndef _UAPI_RFORK_H
#define _UAPI_RFORK_H

#include <linux/ioctl.h>
#include <linux/types.h>

#define RFORK_DEVICE		"/dev/rfork"
#define RFORK_UAPI_VERSION	1
#define RFORK_MAX_NODES		16
#define RFORK_MAX_IMAGES	128
#define RFORK_REASON_BYTES	160
#define RFORK_COMM_BYTES	16
#define RFORK_RELEASE_BYTES	64
#define RFORK_ID_BYTES		16

struct rfork_head {
	__u32 size;			/* (in) sizeof the whole request */
	__u32 version;			/* (in) RFORK_UAPI_VERSION */
	__u32 flags;			/* (in) of the operation; unknown ones are refused */
	__u32 reserved;			/* (in) 0 */
	char reason[RFORK_REASON_BYTES];/* (out) empty, or what is wrong and what would be right */
};

/* Events since the module was loaded, or since a child was restored. */
struct rfork_counters {
	__u64 pages_checkpointed;	/* copied from a process into an image */
	__u64 pages_copied;		/* copied from an image into local memory, for any cause */
	__u64 pages_prefetched;		/* of these, the ones that no fault asked for */
	__u64 pages_demoted;		/* mapped back onto the image's page */
	__u64 leaves_checkpointed;	/* written into an image */
	__u64 leaves_attached;		/* mapped in place */
	__u64 leaves_built;		/* made locally at restore */
	__u64 leaves_unshared;		/* attached ones copied to local memory later */
	__u64 faults;			/* page faults of children, whatever their cause */
	__u64 cow_faults;		/* that copied a page of an image on a write */
	__u64 migration_faults;		/* that copied a page of an image on its first access */
	__u64 remote_faults;		/* of the two above, caused by another process */
	__u64 entries_validated;	/* page-table entries compared with their records */
	__u64 validation_ns;
	__u64 bytes_flushed;		/* cache lines written back or invalidated, software coherence */
	__u64 children_restored;
	__u64 children_forked;		/* address spaces that inherited pages of an image by fork */
	__u64 children_exited;
	__u64 children_killed;		/* by the module, after the point of no return */
};

enum rfork_coherence {
	RFORK_COHERENCE_HARDWARE = 1,
	RFORK_COHERENCE_SOFTWARE = 2,
};

#define RFORK_ATTACH_FENCED	1	/* the caller vouches that the node's former boot runs no more */

/* Where the region is and which node this machine is in it. */
struct rfork_attach {
	struct rfork_head head;
	__u64 base;			/* (in) physical address, a multiple of 2 MiB; 0 with dax */
	__u64 bytes;			/* (in) multiple of 2 MiB */
	__u32 node;			/* (in) 0 .. RFORK_MAX_NODES-1, different on every machine */
	__u32 formatted;		/* (out) 1 when it already holds a region this module can use */
	__u8 boot_id[RFORK_ID_BYTES];	/* (in) of this boot of this machine */
	__u8 machine_id[RFORK_ID_BYTES];/* (in) of this machine, the same in every boot */
	char dax[32];			/* (in) name of a bound DAX device, or empty */
	__u64 struct_page_bytes;	/* (out) local memory the region's struct pages take */
};

struct rfork_detach {
	struct rfork_head head;
};

#define RFORK_FORMAT_FORCE	1	/* although other nodes are attached */

struct rfork_format {
	struct rfork_head head;
	__u32 coherence;		/* (in) enum rfork_coherence */
	__u32 nodes;			/* (in) nodes that share it, 1 .. RFORK_MAX_NODES */
	__u64 generation;		/* (out) number of this formatting */
};

struct rfork_node_info {
	__u64 epoch;
	__u32 attached;
	__u32 reserved;
	__u8 boot_id[RFORK_ID_BYTES];
	__u8 machine_id[RFORK_ID_BYTES];
};

struct rfork_info {
	struct rfork_head head;
	__u32 attached;			/* (out) 0: no region; the rest is 0 but release */
	__u32 formatted;		/* (out) */
	__u32 node;			/* (out) */
	__u32 coherence;		/* (out) */
	__u64 base;			/* (out) 0 on a restore-only descriptor, as are the nodes' ids */
	__u64 bytes;			/* (out) */
	__u64 struct_page_bytes;	/* (out) */
	__u64 generation;		/* (out) */
	__u64 extent_bytes;		/* (out) */
	__u64 free_bytes;		/* (out) */
	__u64 held_bytes;		/* (out) of recovered nodes, until they attach anew */
	__u32 nodes;			/* (out) */
	__u32 hooks;			/* (out) 0 when the un-share hooks are switched off */
	char release[RFORK_RELEASE_BYTES];	/* (out) of this kernel */
	struct rfork_node_info node_info[RFORK_MAX_NODES];	/* (out) */
};

#define RFORK_CHECKPOINT_CHECKSUM_DATA	1	/* a checksum over the pages too */
/* What no image holds is refused unless the caller says that the child may lack it. */
#define RFORK_CHECKPOINT_DROP_LOCKS	2	/* file locks and leases */
#define RFORK_CHECKPOINT_DROP_SEMAPHORES 4	/* what SEM_UNDO would give back at the end */
#define RFORK_CHECKPOINT_DROP_SETTINGS	8	/* by prctl() and the like; each is named */

struct rfork_checkpoint {
	struct rfork_head head;
	__s32 pid;			/* (in) 0: the caller itself; in the caller's PID namespace */
	__u32 timeout_ms;		/* (in) for another process to reach user mode; 0: 10000 */
	__u64 inherit_fds;		/* (in) bit n: descriptor n is the restorer's business */
	__u64 image;			/* (out) its id; in the restored process 0 */
	__u64 pages;			/* (out) */
	__u64 shared_pages;		/* (out) of shared anonymous memory, not among the above */
	__u64 leaves;			/* (out) */
	__u64 vmas;			/* (out) */
	__u64 threads;			/* (out) */
	__u64 bytes;			/* (out) of the region in use by the image */
	__u64 duration_ns;		/* (out) */
	__u64 stopped_ns;		/* (out) how long the process could not run */
};

enum rfork_placement {
	RFORK_MIGRATE_ON_WRITE = 0,
	RFORK_MIGRATE_ON_ACCESS = 1,
	RFORK_MIGRATE_NOW = 2,
};

#define RFORK_RESTORE_LOCAL_LEAVES	1	/* copy leaves, attach none */
#define RFORK_RESTORE_CHANGED_FILES	2	/* accept files of another size or time */
#define RFORK_RESTORE_VERIFY_DATA	4	/* check the pages' checksum, if the image has one */
#define RFORK_RESTORE_ALIKE		8	/* refuse where the result's differs would not be 0 */

/* What a child has of its restorer, where that is not as it was in the parent. */
#define RFORK_DIFFERS_CREDENTIALS	(1ULL << 0)
#define RFORK_DIFFERS_LIMITS		(1ULL << 1)
#define RFORK_DIFFERS_SCHEDULING	(1ULL << 2)
#define RFORK_DIFFERS_AFFINITY		(1ULL << 3)	/* to processors, and the memory policy */
#define RFORK_DIFFERS_SETTINGS		(1ULL << 4)	/* by prctl() */
#define RFORK_DIFFERS_NAMESPACES	(1ULL << 5)	/* the machine's own, or others */
#define RFORK_DIFFERS_ROOT		(1ULL << 6)
#define RFORK_DIFFERS_CGROUP		(1ULL << 7)
#define RFORK_DIFFERS_SESSION		(1ULL << 8)	/* its leader or not, with a terminal or none */
#define RFORK_SURROUNDINGS		9
/* What the parent had of its memory and no child has. */
#define RFORK_LACKS_LOCKS		(1ULL << 32)	/* mlock() */
#define RFORK_LACKS_MERGING		(1ULL << 33)	/* MADV_MERGEABLE */
#define RFORK_LACKS_NAMES		(1ULL << 34)	/* PR_SET_VMA */
#define RFORK_LACKS_POLICIES		(1ULL << 35)	/* mbind() */
#define RFORK_LACKS_ALL			(15ULL << 32)
/* Each with its name, as a table. */
#define RFORK_DIFFERENCE_NAMES	{					\
	{ RFORK_DIFFERS_CREDENTIALS, "credentials" },			\
	{ RFORK_DIFFERS_LIMITS, "limits" },				\
	{ RFORK_DIFFERS_SCHEDULING, "scheduling" },			\
	{ RFORK_DIFFERS_AFFINITY, "affinity" },				\
	{ RFORK_DIFFERS_SETTINGS, "settings" },				\
	{ RFORK_DIFFERS_NAMESPACES, "namespaces" },			\
	{ RFORK_DIFFERS_ROOT, "root" },					\
	{ RFORK_DIFFERS_CGROUP, "cgroup" },				\
	{ RFORK_DIFFERS_SESSION, "session" },				\
	{ RFORK_LACKS_LOCKS, "locked memory" },				\
	{ RFORK_LACKS_MERGING, "merged memory" },			\
	{ RFORK_LACKS_NAMES, "names of memory" },			\
	{ RFORK_LACKS_POLICIES, "memory policies" },			\
}

struct rfork_restore {
	struct rfork_head head;
	__u64 image;			/* (in) */
	__u64 placements;		/* (in) address of two bits per page record, in their order, or 0 */
	__u64 placement_bytes;		/* (in) exactly (pages + 3) / 4, or 0 */
	__u32 window_pages;		/* (in) pages that one fault of a deferred page copies, it among them; 0: 1 */
	__u32 threads;			/* (in) threads that adopt, with the caller; the image's number */
	__u64 inherit_fds;		/* (in) bit n: the caller's descriptor n stays open */
	__u64 result;			/* (in) address of a struct rfork_restore_result, or 0 */
};

/* Written into memory shared with whoever waits for the child, before the child runs. */
struct rfork_restore_result {
	__u64 leaves_attached;
	__u64 leaves_built;
	__u64 pages_copied;
	__u64 entries_validated;
	__u64 validation_ns;
	__u64 duration_ns;
	/*
	 * Of this restore alone, and not secret; zeros if the program has no place for it. The program
	 * finds the same bytes at getauxval(AT_RANDOM), where its parent had others.
	 */
	__u8 restore_id[RFORK_ID_BYTES];
	__u64 differs;			/* RFORK_DIFFERS_... and RFORK_LACKS_... */
	__u64 done;			/* 1: running; otherwise it was killed on the way */
};

/* A thread of the restoring process that waits to become thread `index` of the image. */
struct rfork_adopt {
	struct rfork_head head;
	__u64 image;			/* (in) */
	__u32 index;			/* (in) 1 .. threads-1 */
	__u32 reserved;			/* (in) 0 */
};

struct rfork_image_info {
	__u64 image;
	__u32 state;			/* 1 building, 2 committed, 3 deleting, 4 held */
	__u32 owner_node;
	__u64 pages;
	__u64 shared_pages;		/* of shared anonymous memory, not among the above */
	__u64 leaves;
	__u64 vmas;
	__u32 threads;
	__u32 uid;			/* of the owner, as the initial user namespace numbers users */
	__u64 bytes;
	__u64 monotonic_ns;		/* CLOCK_MONOTONIC of the parent at the checkpoint */
	__u64 boottime_ns;
	__u32 refs[RFORK_MAX_NODES];	/* address spaces per node that use it */
	__s32 pid;
	__u32 checksum_data;
	char comm[RFORK_COMM_BYTES];
	char release[RFORK_RELEASE_BYTES];
	__s32 tids[64];			/* of its threads, the leader first */
	__u32 user_ns;			/* inode number of the parent's user namespace on its node */
	__u32 reserved;			/* 0 */
};

struct rfork_list {
	struct rfork_head head;
	__u64 images;			/* (in) address of an array of struct rfork_image_info */
	__u32 capacity;			/* (in) of the array */
	__u32 count;			/* (out) images there are */
};

struct rfork_image {
	struct rfork_head head;
	__u64 image;			/* (in) */
	struct rfork_image_info info;	/* (out) */
};

struct rfork_delete {
	struct rfork_head head;
	__u64 image;			/* (in) */
	__u64 bytes_freed;		/* (out) */
};

#define RFORK_PAGE_ACCESSED	1
#define RFORK_PAGE_DIRTY	2
#define RFORK_PAGE_HOT		4	/* the user's hint */
#define RFORK_PAGE_HUGE		8	/* lay in a huge page */
#define RFORK_PAGE_LOCAL	16	/* a live process: not a page of the image */
#define RFORK_PAGE_ACCESSED_LIVE 32	/* an image: accessed through an attached leaf since cleared */

struct rfork_page {
	__u64 address;
	__u32 flags;
	__u32 reserved;
};

#define RFORK_SCAN_CLEAR	1	/* A and D of a process; the live A bits of an image */

/* The present pages of an image or of a live process, in order of address. */
struct rfork_scan {
	struct rfork_head head;
	__u64 image;			/* (in) or 0 */
	__s32 pid;			/* (in) or 0 */
	__u32 reserved;			/* (in) 0 */
	__u64 start;			/* (in) first address looked at */
	__u64 end;			/* (in) */
	__u64 pages;			/* (in) address of an array of struct rfork_page, or 0 */
	__u64 capacity;			/* (in) of the array */
	__u64 count;			/* (out) pages found, at most capacity if there is an array */
	__u64 accessed;			/* (out) of these */
	__u64 dirty;			/* (out) of these */
	__u64 next;			/* (out) where to go on; end when all was seen */
};

struct rfork_hint {
	struct rfork_head head;
	__u64 image;			/* (in) */
	__u64 start;			/* (in) */
	__u64 end;			/* (in) */
	__u32 hot;			/* (in) 0 or 1 */
	__u32 reserved;			/* (in) 0 */
	__u64 count;			/* (out) pages marked */
};

enum rfork_direction {
	RFORK_PROMOTE = 1,		/* from the image to local memory */
	RFORK_DEMOTE = 2,		/* a clean local copy back onto the image's page */
};

struct rfork_migrate {
	struct rfork_head head;
	__s32 pid;			/* (in) a live child */
	__u32 direction;		/* (in) enum rfork_direction */
	__u64 addresses;		/* (in) address of an array of __u64 */
	__u64 count;			/* (in) of the array, at most 65536 */
	__u64 migrated;			/* (out) pages moved; the rest was not movable */
};

#define RFORK_RECOVER_FENCED	1	/* the caller vouches that the node runs no more */

struct rfork_recover {
	struct rfork_head head;
	__u32 node;			/* (in) */
	__u32 reserved;			/* (in) 0 */
	__u8 machine_id[RFORK_ID_BYTES];/* (in) of the node, when not fenced */
	__u8 boot_id[RFORK_ID_BYTES];	/* (in) its present boot, when not fenced */
	__u64 images_freed;		/* (out) half-built ones */
	__u64 refs_dropped;		/* (out) images the node had mapped */
	__u64 bytes_freed;		/* (out) */
	__u64 bytes_held;		/* (out) what it may still write, until it attaches anew */
};

struct rfork_stats {
	struct rfork_head head;
	__s32 pid;			/* (in) 0: since load; otherwise of this child */
	__u32 children;			/* (out) live address spaces with pages of an image */
	struct rfork_counters counters;	/* (out) */
	__u64 leaves_shared;		/* (out) a child: attached now */
	__u64 image;			/* (out) a child: of this image */
};

/*
 * From now on this open file restores only: info, list, image, restore and adopt work, all else is
 * EPERM. It cannot be taken back, also not through a duplicate or in a process it is handed to.
 */
struct rfork_restrict {
	struct rfork_head head;
	__u64 image;			/* (in) the one image it may restore; 0: those the caller owns */
};

/*
 * Compares every page-table entry of an image with what its record says, the records with those that this node
 * found valid, and the pages with their checksum, if there is one. EBADMSG: one is not what it was.
 */
struct rfork_verify {
	struct rfork_head head;
	__u64 image;			/* (in) 0: all images that this machine could restore */
	__u64 images;			/* (out) looked at */
	__u64 entries;			/* (out) compared */
	__u64 pages;			/* (out) whose bytes were summed */
};

#define RFORK_IOC_MAGIC		0xD7	/* a free one of the kernel's ioctl-number.rst */
#define RFORK_IOC_ATTACH	_IOWR(RFORK_IOC_MAGIC, 1, struct rfork_attach)
#define RFORK_IOC_DETACH	_IOWR(RFORK_IOC_MAGIC, 2, struct rfork_detach)
#define RFORK_IOC_FORMAT	_IOWR(RFORK_IOC_MAGIC, 3, struct rfork_format)
#define RFORK_IOC_INFO		_IOWR(RFORK_IOC_MAGIC, 4, struct rfork_info)
#define RFORK_IOC_CHECKPOINT	_IOWR(RFORK_IOC_MAGIC, 5, struct rfork_checkpoint)
#define RFORK_IOC_RESTORE	_IOWR(RFORK_IOC_MAGIC, 6, struct rfork_restore)
#define RFORK_IOC_ADOPT		_IOWR(RFORK_IOC_MAGIC, 7, struct rfork_adopt)
#define RFORK_IOC_LIST		_IOWR(RFORK_IOC_MAGIC, 8, struct rfork_list)
#define RFORK_IOC_IMAGE		_IOWR(RFORK_IOC_MAGIC, 9, struct rfork_image)
#define RFORK_IOC_DELETE	_IOWR(RFORK_IOC_MAGIC, 10, struct rfork_delete)
#define RFORK_IOC_SCAN		_IOWR(RFORK_IOC_MAGIC, 11, struct rfork_scan)
#define RFORK_IOC_HINT		_IOWR(RFORK_IOC_MAGIC, 12, struct rfork_hint)
#define RFORK_IOC_MIGRATE	_IOWR(RFORK_IOC_MAGIC, 13, struct rfork_migrate)
#define RFORK_IOC_RECOVER	_IOWR(RFORK_IOC_MAGIC, 14, struct rfork_recover)
#define RFORK_IOC_STATS		_IOWR(RFORK_IOC_MAGIC, 15, struct rfork_stats)
#define RFORK_IOC_RESTRICT	_IOWR(RFORK_IOC_MAGIC, 16, struct rfork_restrict)
#define RFORK_IOC_VERIFY	_IOWR(RFORK_IOC_MAGIC, 17, struct rfork_verify)

#endif
