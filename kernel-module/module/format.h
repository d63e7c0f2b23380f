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
#define RFORK_FORMAT_VERSION	7
#define RFORK_EXTENT_BYTES	(64 * 1024ULL)
#define RFORK_LINE		64

/**
 * struct rfork_super - what a region is, in its first lines
 * @magic: RFORK_SUPER_MAGIC, written last
 * @version: RFORK_FORMAT_VERSION
 * @coherence: enum rfork_coherence
 * @bytes: of the region
 * @base: physical, on the node that formatted
 * @generation: number of this formatting
 * @nodes: how many share it
 * @slots: how many images it may hold
 * @node_table: offset of the struct rfork_node
 * @slot_table: offset of the struct rfork_slot
 * @extent_table: offset of the low half of the number of the image that has each extent; 0: free
 * @extents: how many there are
 * @data: offset of extent 0
 * @checksum: of all above but magic
 */
struct rfork_super {
	__le64 magic;
	__le32 version;
	__le32 coherence;
	__le64 bytes;
	__le64 base;
	__le64 generation;
	__le32 nodes;
	__le32 slots;
	__le64 node_table;
	__le64 slot_table;
	__le64 extent_table;
	__le64 extents;
	__le64 data;
	__le64 checksum;
};

/**
 * struct rfork_node - a machine that uses the region
 * @epoch: +1 by every attach and by every recover
 * @attached: the epoch with which it attached, or 0
 * @machine_id: the same in every boot
 * @boot_id: of its boot that attached last
 */
struct rfork_node {
	u64 epoch;
	u64 attached;
	u8 machine_id[RFORK_ID_BYTES];
	u8 boot_id[RFORK_ID_BYTES];
} __aligned(RFORK_LINE);

enum rfork_state { RFORK_FREE, RFORK_BUILDING, RFORK_COMMITTED, RFORK_DELETING, RFORK_HELD };

/* state | owner node << 8 | owner's epoch << 16, changed as one word. */
#define RFORK_WORD(state, owner, epoch)	((u64)(state) | (u64)(owner) << 8 | (u64)(epoch) << 16)
#define RFORK_WORD_STATE(word)		((enum rfork_state)((word) & 0xff))
#define RFORK_WORD_OWNER(word)		((u32)((word) >> 8 & 0xff))
#define RFORK_WORD_EPOCH(word)		((word) >> 16)

/* Extents in a row, in one word: the first one's number, how many << 32; 0: none. */
#define RFORK_EXTENTS(first, count)	((u64)(first) | (u64)(count) << 32)
#define RFORK_EXTENTS_FIRST(extents)	((u32)(extents))
#define RFORK_EXTENTS_COUNT(extents)	((u32)((extents) >> 32))

/* Users of an image | the epoch of the node that counts them << 24. */
#define RFORK_COUNT(users, epoch)	((u64)(users) | (u64)(epoch) << 24)
#define RFORK_COUNT_USERS(count)	((count) & 0xffffff)
#define RFORK_COUNT_EPOCH(count)	((count) >> 24)

/**
 * struct rfork_ref - what one node does with an image; only that node writes it, and who recovers it
 * @count: RFORK_COUNT() of its address spaces that use the image
 * @writing: RFORK_EXTENTS() that it may be writing while it makes the image
 */
struct rfork_ref {
	u64 count;
	u64 writing;
} __aligned(RFORK_LINE);

/**
 * struct rfork_slot - the place of an image
 * @word: RFORK_WORD()
 * @serial: images this slot has held; part of the id
 * @metadata: offset of the header, in a committed slot
 * @metadata_bytes: of the run that begins with the header
 * @pad: fills the line
 * @refs: one for each node
 */
struct rfork_slot {
	u64 word;
	u64 serial;
	u64 metadata;
	u64 metadata_bytes;
	u64 pad[4];
	struct rfork_ref refs[RFORK_MAX_NODES];
} __aligned(RFORK_LINE);

#define RFORK_IMAGE_ID(serial, slot)	((serial) << 8 | (slot))
#define RFORK_IMAGE_SLOT(id)		((u32)((id) & 0xff))
#define RFORK_IMAGE_SERIAL(id)		((id) >> 8)

/**
 * struct rfork_section - one array of records inside the metadata run
 * @offset: from the header
 * @count: of records
 */
struct rfork_section {
	u64 offset;
	u64 count;
};

/**
 * struct rfork_image_header - the first record of an image: what its process was, and where the other records are
 * @magic: RFORK_IMAGE_MAGIC
 * @version: RFORK_FORMAT_VERSION
 * @header_bytes: sizeof this structure
 * @bytes: of the metadata run
 * @checksum: over the run, this field 0 and the hints left out
 * @data_checksum: over the data pages in order, shared ones last, if has_data_checksum
 * @image: RFORK_IMAGE_ID()
 * @generation: of the region
 * @base: physical, on the node that made it: leaves are attached only there
 * @region_bytes: of the region
 * @has_data_checksum: 0 or 1
 * @umask: of the process
 * @release: of the kernel
 * @vdso_checksum: over the vDSO, which must be the same
 * @xfeatures: what the FPU state is made of
 * @xstate_bytes: of the FPU state of a thread
 * @pid: the parent's
 * @uid: of the owner, in the initial user namespace
 * @user_ns: inode number, on the node of the checkpoint
 * @personality: of the process
 * @surroundings: what a child has of its restorer, a word for each kind, to be compared
 * @lacks: RFORK_LACKS_... that a child will
 * @protection_keys: allocated, but for key 0 and the kernel's own; one bit each
 * @monotonic_ns: the parent's CLOCK_MONOTONIC
 * @boottime_ns: the parent's CLOCK_BOOTTIME
 * @comm: name of the process
 * @start_code: of struct mm_struct
 * @end_code: of struct mm_struct
 * @start_data: of struct mm_struct
 * @end_data: of struct mm_struct
 * @start_brk: of struct mm_struct
 * @brk: of struct mm_struct
 * @start_stack: of struct mm_struct
 * @arg_start: of struct mm_struct
 * @arg_end: of struct mm_struct
 * @env_start: of struct mm_struct
 * @env_end: of struct mm_struct
 * @mmap_base: where mmap() begins to look
 * @membarrier: registrations: MEMBARRIER_STATE_PRIVATE_...
 * @vdso: start of [vvar], 0: none
 * @auxv: what the kernel told the program
 * @exe: string
 * @cwd: string
 * @image_bytes: of the extents
 * @actions: of signals
 * @threads: struct rfork_thread, the leader first
 * @vmas: struct rfork_vma, ascending
 * @files: struct rfork_open_file
 * @leaves: struct rfork_leaf, ascending
 * @pages: page records, ascending
 * @strings: paths, each with its 0
 * @xstates: threads.count times xstate_bytes, 64-aligned
 * @watches: struct rfork_watch
 * @pipe_bytes: what lies in pipes
 * @shared: struct rfork_shared
 * @shared_pages: struct rfork_shared_page
 * @hints: one byte per page record, outside the checksum
 */
struct rfork_image_header {
	u64 magic;
	u32 version;
	u32 header_bytes;
	u64 bytes;
	u64 checksum;
	u64 data_checksum;
	u64 image;
	u64 generation;
	u64 base;
	u64 region_bytes;
	u32 has_data_checksum;
	u32 umask;
	char release[RFORK_RELEASE_BYTES];
	u64 vdso_checksum;
	u64 xfeatures;
	u32 xstate_bytes;
	s32 pid;
	u32 uid;
	u32 user_ns;
	u32 personality;
	u32 protection_keys;
	u64 surroundings[RFORK_SURROUNDINGS];
	u64 lacks;
	u64 monotonic_ns;
	u64 boottime_ns;
	char comm[RFORK_COMM_BYTES];
	u64 start_code, end_code, start_data, end_data;
	u64 start_brk, brk, start_stack, arg_start, arg_end, env_start, env_end;
	u64 mmap_base;
	u64 membarrier;
	u64 vdso;
	u64 auxv[64];
	u64 exe;
	u64 cwd;
	u64 image_bytes;
	struct { u64 handler, flags, restorer, mask; } actions[64];
	struct rfork_section threads, vmas, files, leaves, pages, strings;
	struct rfork_section xstates;
	struct rfork_section watches, pipe_bytes;
	struct rfork_section shared, shared_pages;
	struct rfork_section hints;
};

/**
 * struct rfork_thread - a thread of the process
 * @regs: struct pt_regs
 * @fsbase: of the FS segment
 * @gsbase: of the GS segment
 * @blocked: signals
 * @sas_ss_sp: of sigaltstack()
 * @sas_ss_size: of sigaltstack()
 * @robust_list: of set_robust_list()
 * @clear_child_tid: of set_tid_address()
 * @rseq: of rseq()
 * @sas_ss_flags: of sigaltstack()
 * @rseq_sig: of rseq()
 * @rseq_len: of rseq()
 * @tid: the parent's
 * @pkru: what the protection keys let the thread do
 * @reserved: 0
 * @comm: name of the thread
 */
struct rfork_thread {
	u64 regs[21];
	u64 fsbase, gsbase;
	u64 blocked;
	u64 sas_ss_sp, sas_ss_size;
	u64 robust_list, clear_child_tid, rseq;
	u32 sas_ss_flags, rseq_sig, rseq_len;
	s32 tid;
	u32 pkru;
	u32 reserved;
	char comm[RFORK_COMM_BYTES];
};

#define RFORK_NO_STRING	(~0ULL)

/**
 * struct rfork_file_identity - what a file must still be like to be used in place of the parent's
 * @path: string, or RFORK_NO_STRING
 * @bytes: size
 * @mtime_s: last change
 * @mtime_ns: its part of a second
 * @mode: kind and permissions
 * @rdev: of a device
 */
struct rfork_file_identity {
	u64 path;
	u64 bytes;
	s64 mtime_s;
	u32 mtime_ns;
	u32 mode;
	u64 rdev;
};

/**
 * struct rfork_vma - a mapping
 * @start: first address
 * @end: the address after the last
 * @flags: vm_flags
 * @pgoff: where it begins in its file, in pages
 * @shared: number of a struct rfork_shared plus 1; 0: none
 * @file: that is mapped
 */
struct rfork_vma {
	u64 start, end;
	u64 flags;
	u64 pgoff;
	u64 shared;
	struct rfork_file_identity file;
};

/**
 * struct rfork_shared - shared anonymous memory, which several VMAs may map
 * @bytes: size
 * @flags: VM_NORESERVE
 * @first_page: record of a shared page
 * @pages: that were there; the others read as zeros
 *
 * Each child gets one of its own, with copies of the pages.
 */
struct rfork_shared {
	u64 bytes;
	u64 flags;
	u64 first_page;
	u64 pages;
};

/**
 * struct rfork_shared_page - a page of shared anonymous memory
 * @index: in its memory, ascending
 * @offset: of the page
 */
struct rfork_shared_page {
	u64 index;
	u64 offset;
};

enum rfork_file_kind {
	RFORK_FILE_PATH,
	RFORK_FILE_EVENT,		/* position: its count; object: its flags */
	RFORK_FILE_PIPE,		/* the first record: position and file.bytes in pipe_bytes, file.rdev its size */
	RFORK_FILE_EPOLL,
};

/**
 * struct rfork_watch - what an epoll descriptor waits for
 * @record: of the epoll descriptor
 * @fd: that is watched
 * @data: of epoll_ctl()
 * @events: of epoll_ctl()
 * @reserved: 0
 */
struct rfork_watch {
	u32 record;
	u32 fd;
	u64 data;
	u32 events;
	u32 reserved;
};

/**
 * struct rfork_open_file - a descriptor
 * @fd: its number
 * @flags: of open(2), with O_CLOEXEC
 * @position: offset in the file
 * @same_as: an earlier record's number plus 1: dup() of it; 0: its own
 * @kind: enum rfork_file_kind
 * @object: a pipe: number of its first record plus 1
 * @file: that is open
 */
struct rfork_open_file {
	u32 fd;
	u32 flags;
	u64 position;
	u32 same_as;
	u32 kind;
	u64 object;
	struct rfork_file_identity file;
};

#define RFORK_LEAF_LOCAL_ONLY	1	/* has an entry that hardware may not see in place */

/**
 * struct rfork_leaf - a page-table page of the image
 * @address: multiple of 2 MiB
 * @table: offset of the page-table page
 * @first_page: record
 * @pages: how many of them
 * @flags: RFORK_LEAF_...
 */
struct rfork_leaf {
	u64 address;
	u64 table;
	u64 first_page;
	u32 pages;
	u32 flags;
};

/* A page record: index in its leaf << 52 | offset of the page | RFORK_PAGE_* at the checkpoint. */
#define RFORK_RECORD(index, offset, flags)	((u64)(index) << 52 | (offset) | (flags))
#define RFORK_RECORD_INDEX(record)		((u32)((record) >> 52))
#define RFORK_RECORD_OFFSET(record)		((record) & 0x000ffffffffff000ULL)
#define RFORK_RECORD_FLAGS(record)		((u32)((record) & 0xfff))

#endif
