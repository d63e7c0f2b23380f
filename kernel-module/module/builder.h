/* SPDX-License-Identifier: GPL-2.0 */
/* An image while it is made. */
#ifndef RFORK_BUILDER_H
#define RFORK_BUILDER_H

#include <linux/xarray.h>
#include "halt.h"
#include "rfork-module.h"

/* An array that grows. */
struct rfork_vector {
	void *items;
	u64 count, capacity;
	size_t item_bytes;
};

#define RFORK_NO_LEAF	ULONG_MAX

struct rfork_builder {
	struct rfork_reason *why;
	u32 slot;
	u64 image;
	struct rfork_image_header *header;
	struct rfork_vector threads, xstates, vmas, files, leaves, pages, strings,
			     watches, bytes, shared, shared_pages;
	struct rfork_vector names;	/* with what they are of, which is held */
	struct rfork_vector shared_files;	/* of the records of shared memory, while VMAs are listed */
	struct xarray shared_numbers;	/* of their files: place among these records plus 1 */
	const struct file **open_files;	/* of the file records, while descriptors are listed */
	u64 extent, extent_used;	/* where the next page goes */
	u64 data_checksum;
	bool checksum_data, drop_locks;
	u64 inherit_fds;
	u64 page_bytes;
	/* Set by whoever wants the work to end. */
	const bool *cancelled;
	/* The leaf being filled, and its address. The first of all has address 0. */
	pte_t *table;
	unsigned long leaf_address;
	void *bounce;
	/* Where the vDSO and its data are. */
	struct { unsigned long start, end; } vdso, vvar;
};

/* @what: where a test may halt it. */
int rfork_build_write(struct rfork_builder *builder, enum rfork_halt what, u64 offset,
		      const void *from, size_t bytes);
int rfork_vector_push(struct rfork_vector *vector, const void *item);
void rfork_builder_init(struct rfork_builder *builder, struct rfork_reason *why);
void rfork_builder_free(struct rfork_builder *builder);
int rfork_build_memory(struct rfork_builder *builder);
/* A page of the region for the image. */
int rfork_build_alloc(struct rfork_builder *builder, u64 *offset);
/* Copies @from, a kernel address, into a page of the region. */
int rfork_build_page(struct rfork_builder *builder, const void *from, u64 *offset);
/*
 * Of shared anonymous memory: a VMA that maps some, and once all are known, the pages. The mmap
 * lock is held.
 */
int rfork_build_shared_vma(struct rfork_builder *builder, struct vm_area_struct *vma, u64 *shared);
int rfork_build_shared(struct rfork_builder *builder);
int rfork_build_files(struct rfork_builder *builder);
int rfork_build_string(struct rfork_builder *builder, const char *text, u64 *string);
/* Adds the name, which is looked up when all are there. */
int rfork_build_path(struct rfork_builder *builder, const struct path *path, u64 *string);
int rfork_build_names_check(struct rfork_builder *builder);
void rfork_build_names_free(struct rfork_builder *builder);
int rfork_build_finish(struct rfork_builder *builder, u64 *metadata, u64 *bytes);

#endif
