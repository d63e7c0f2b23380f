/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What lies in the region. Every pointer is an offset from the region's start.
 *
 *   super | node table | image slots | extent owners | extents ...
 *
 *   an image:  metadata run { header, threads, vmas, files, leaf records, page records, strings, shared memory }
 *              leaves (one page each, entries hold physical addresses)   data pages
 *
 * Each line of 64 bytes has one writer at a time; with software coherence one writer for good.
 */
#ifndef RFORK_FORMAT_H
#define RFORK_FORMAT_H

#include <linux/types.h>
#include "../include/uapi/rfork.h"

#define RFORK_SUPER_MAGIC	0x31303050554b4652ULL	/* "RFKUP001" */
#define RFORK_IMAGE_MAGIC	0x31303047494b4652ULL	/* "RFKIG001" */
#define RFORK_FORMAT_VERSION	4
#define RFORK_EXTENT_BYTES	(64 * 1024ULL)
#define RFORK_LINE		64

struct rfork_super {
	__le64 magic;			/* written last */
	__le32 version;
	__le32 coherence;
	__le64 bytes;
	__le64 base;			/* physical, on the node that formatted */
	__le64 generation;
	__le32 nodes;
	__le32 slots;
	__le64 node_table;
	__le64 slot_table;
	__le64 extent_table;
	__le64 extents;			/* number of */
	__le64 data;			/* offset of extent 0 */
	__le64 checksum;		/* of all above but magic */
};

struct rfork_node {
	u64 epoch;			/* +1 by every attach and by every recover */
	u64 attached;
	u8 machine_id[RFORK_ID_BYTES];
	u8 boot_id[RFORK_ID_BYTES];
} __aligned(RFORK_LINE);

enum rfork_state { RFORK_FREE, RFORK_BUILDING, RFORK_COMMITTED, RFORK_DELETING };

/* state | owner node << 8 | owner's epoch << 16, changed as one word. */
#define RFORK_WORD(state, owner, epoch)	((u64)(state) | (u64)(owner) << 8 | (u64)(epoch) << 16)
#define RFORK_WORD_STATE(word)		((enum rfork_state)((word) & 0xff))
#define RFORK_WORD_OWNER(word)		((u32)((word) >> 8 & 0xff))
#define RFORK_WORD_EPOCH(word)		((word) >> 16)

struct rfork_ref {
	u64 count;			/* written by its node only */
} __aligned(RFORK_LINE);

struct rfork_slot {
	u64 word;
	u64 serial;			/* images this slot has held; part of the id */
	u64 metadata;			/* offset of the header, in a committed slot */
	u64 metadata_bytes;
	u64 pad[4];
	struct rfork_ref refs[RFORK_MAX_NODES];
} __aligned(RFORK_LINE);

#define RFORK_IMAGE_ID(serial, slot)	((serial) << 8 | (slot))
#define RFORK_IMAGE_SLOT(id)		((u32)((id) & 0xff))
#define RFORK_IMAGE_SERIAL(id)		((id) >> 8)

/* One array of records inside the metadata run. */
struct rfork_section {
	u64 offset;			/* from the header */
	u64 count;
};

struct rfork_image_header {
	u64 magic;
	u32 version;
	u32 header_bytes;
	u64 bytes;			/* of the metadata run */
	u64 checksum;			/* over the run, this field 0 and the hints left out */
	u64 data_checksum;		/* over the data pages in order, shared ones last, if has_data_checksum */
	u64 image;
	u64 generation;
	u64 base;			/* physical, on the node that made it: leaves are attached only there */
	u64 region_bytes;
	u32 has_data_checksum;
	u32 umask;
	char release[RFORK_RELEASE_BYTES];
	u64 vdso_checksum;
	u64 xfeatures;
	u32 xstate_bytes;
	s32 pid;
	u32 uid;			/* of the owner, in the initial user namespace */
	u32 user_ns;			/* inode number, on the node of the checkpoint */
	u32 personality;
	u32 protection_keys;		/* allocated, but for key 0 and the kernel's own; one bit each */
	u64 monotonic_ns;
	u64 boottime_ns;
	char comm[RFORK_COMM_BYTES];
	u64 start_code, end_code, start_data, end_data;
	u64 start_brk, brk, start_stack, arg_start, arg_end, env_start, env_end;
	u64 mmap_base;
	u64 membarrier;			/* registrations: MEMBARRIER_STATE_PRIVATE_... */
	u64 vdso;			/* start of [vvar], 0: none */
	u64 auxv[64];
	u64 exe;			/* string */
	u64 cwd;			/* string */
	u64 image_bytes;		/* of the extents */
	struct { u64 handler, flags, restorer, mask; } actions[64];
	struct rfork_section threads, vmas, files, leaves, pages, strings;
	struct rfork_section xstates;	/* threads.count times xstate_bytes, 64-aligned */
	struct rfork_section watches, pipe_bytes;
	struct rfork_section shared, shared_pages;
	struct rfork_section hints;	/* one byte per page record, outside the checksum */
};

struct rfork_thread {
	u64 regs[21];			/* struct pt_regs */
	u64 fsbase, gsbase;
	u64 blocked;
	u64 sas_ss_sp, sas_ss_size;
	u64 robust_list, clear_child_tid, rseq;
	u32 sas_ss_flags, rseq_sig, rseq_len;
	s32 tid;
	u32 pkru;			/* what the protection keys let the thread do */
	u32 reserved;
	char comm[RFORK_COMM_BYTES];
};

#define RFORK_NO_STRING	(~0ULL)

/* What a file must still be like to be used in place of the parent's. */
struct rfork_file_identity {
	u64 path;			/* string, or RFORK_NO_STRING */
	u64 bytes;
	s64 mtime_s;
	u32 mtime_ns;
	u32 mode;
	u64 rdev;
};

struct rfork_vma {
	u64 start, end;
	u64 flags;			/* vm_flags */
	u64 pgoff;
	u64 shared;			/* number of a struct rfork_shared plus 1; 0: none */
	struct rfork_file_identity file;
};

/*
 * Shared anonymous memory, which several VMAs may map. Each child gets one of its own, with copies
 * of the pages.
 */
struct rfork_shared {
	u64 bytes;
	u64 flags;			/* VM_NORESERVE */
	u64 first_page;			/* record of a shared page */
	u64 pages;			/* that were there; the others read as zeros */
};

struct rfork_shared_page {
	u64 index;			/* in its memory, ascending */
	u64 offset;			/* of the page */
};

enum rfork_file_kind {
	RFORK_FILE_PATH,
	RFORK_FILE_EVENT,		/* position: its count; object: its flags */
	RFORK_FILE_PIPE,		/* the first record: position and file.bytes in pipe_bytes, file.rdev its size */
	RFORK_FILE_EPOLL,
};

/* What an epoll descriptor waits for. */
struct rfork_watch {
	u32 record;			/* of the epoll descriptor */
	u32 fd;
	u64 data;
	u32 events;
	u32 reserved;
};

struct rfork_open_file {
	u32 fd;
	u32 flags;			/* of open(2), with O_CLOEXEC */
	u64 position;
	u32 same_as;			/* an earlier record's number plus 1: dup() of it; 0: its own */
	u32 kind;			/* enum rfork_file_kind */
	u64 object;			/* a pipe: number of its first record plus 1 */
	struct rfork_file_identity file;
};

#define RFORK_LEAF_LOCAL_ONLY	1	/* has an entry that hardware may not see in place */

struct rfork_leaf {
	u64 address;			/* multiple of 2 MiB */
	u64 table;			/* offset of the page-table page */
	u64 first_page;			/* record */
	u32 pages;
	u32 flags;
};

/* A page record: index in its leaf << 52 | offset of the page | RFORK_PAGE_* at the checkpoint. */
#define RFORK_RECORD(index, offset, flags)	((u64)(index) << 52 | (offset) | (flags))
#define RFORK_RECORD_INDEX(record)		((u32)((record) >> 52))
#define RFORK_RECORD_OFFSET(record)		((record) & 0x000ffffffffff000ULL)
#define RFORK_RECORD_FLAGS(record)		((u32)((record) & 0xfff))

#endif
