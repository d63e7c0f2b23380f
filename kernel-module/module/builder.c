// SPDX-License-Identifier: GPL-2.0
/* Puts an image together: records in kernel memory first, one metadata run in the region last. */
#include <linux/xxhash.h>
#include "builder.h"

int rfork_vector_push(struct rfork_vector *vector, const void *item)
{
	if (vector->count == vector->capacity) {
		u64 capacity = max_t(u64, 64, vector->capacity * 2);
		void *items = kvmalloc_array(capacity, vector->item_bytes, GFP_KERNEL);

		if (!items)
			return -ENOMEM;
		if (vector->count)
			memcpy(items, vector->items, vector->count * vector->item_bytes);
		kvfree(vector->items);
		vector->items = items;
		vector->capacity = capacity;
	}
	memcpy(vector->items + vector->count++ * vector->item_bytes, item, vector->item_bytes);
	return 0;
}

void rfork_builder_init(struct rfork_builder *builder, struct rfork_reason *why)
{
	memset(builder, 0, sizeof(*builder));
	builder->why = why;
	builder->threads.item_bytes = sizeof(struct rfork_thread);
	builder->vmas.item_bytes = sizeof(struct rfork_vma);
	builder->files.item_bytes = sizeof(struct rfork_open_file);
	builder->leaves.item_bytes = sizeof(struct rfork_leaf);
	builder->pages.item_bytes = sizeof(u64);
	builder->strings.item_bytes = 1;
	builder->watches.item_bytes = sizeof(struct rfork_watch);
	builder->bytes.item_bytes = 1;
	builder->shared.item_bytes = sizeof(struct rfork_shared);
	builder->shared_pages.item_bytes = sizeof(struct rfork_shared_page);
	xa_init(&builder->shared_numbers);
	builder->leaf_address = RFORK_NO_LEAF;
}

void rfork_builder_free(struct rfork_builder *builder)
{
	kvfree(builder->threads.items);
	kvfree(builder->xstates.items);
	kvfree(builder->vmas.items);
	kvfree(builder->files.items);
	kvfree(builder->open_files);
	kvfree(builder->leaves.items);
	kvfree(builder->pages.items);
	kvfree(builder->strings.items);
	kvfree(builder->watches.items);
	kvfree(builder->bytes.items);
	kvfree(builder->shared.items);
	kvfree(builder->shared_pages.items);
	kvfree(builder->shared_files.items);
	xa_destroy(&builder->shared_numbers);
	free_page((unsigned long)builder->table);
	free_page((unsigned long)builder->bounce);
	kfree(builder->header);
}

int rfork_build_string(struct rfork_builder *builder, const char *text, u64 *string)
{
	struct rfork_vector *strings = &builder->strings;
	size_t length = strlen(text) + 1, i;
	u64 at;
	int error;

	/* Libraries and their segments come one after another with the same path. */
	for (at = 0; at < strings->count; at += strlen(strings->items + at) + 1) {
		if (!strcmp(strings->items + at, text)) {
			*string = at;
			return 0;
		}
	}
	*string = strings->count;
	for (i = 0; i < length; i++) {
		error = rfork_vector_push(strings, text + i);
		if (error)
			return error;
	}
	return 0;
}

struct section_source {
	struct rfork_section *section;
	const struct rfork_vector *vector;
};

u64 rfork_checksum_metadata(const struct rfork_image_header *header, u64 bytes)
{
	const void *run = header;
	const size_t start = offsetof(struct rfork_image_header, checksum);
	const size_t end = offsetofend(struct rfork_image_header, checksum);

	/* The user may set hints later: they come last and are left out. */
	return xxh64(run + end, min(header->hints.offset, bytes) - end, xxh64(run, start, 0));
}

/* Writes the metadata run. Its place and size go into the commit record. */
int rfork_build_finish(struct rfork_builder *builder, u64 *metadata, u64 *bytes)
{
	struct rfork_image_header *header = builder->header;
	const struct section_source sources[] = {
		{ &header->threads, &builder->threads }, { &header->xstates, &builder->xstates },
		{ &header->vmas, &builder->vmas }, { &header->files, &builder->files },
		{ &header->leaves, &builder->leaves }, { &header->pages, &builder->pages },
		{ &header->strings, &builder->strings }, { &header->watches, &builder->watches },
		{ &header->pipe_bytes, &builder->bytes },
		{ &header->shared, &builder->shared },
		{ &header->shared_pages, &builder->shared_pages },
	};
	u64 at = ALIGN(sizeof(*header), 64), extents;
	void *run;
	size_t i;
	int error;

	for (i = 0; i < ARRAY_SIZE(sources); i++) {
		sources[i].section->offset = at;
		sources[i].section->count = sources[i].vector->count;
		at = ALIGN(at + sources[i].vector->count * sources[i].vector->item_bytes, 64);
	}
	header->hints.offset = at;
	header->hints.count = builder->pages.count;
	at = ALIGN(at + builder->pages.count, 64);
	header->bytes = at;
	extents = DIV_ROUND_UP(at, RFORK_EXTENT_BYTES);
	error = rfork_extent_alloc(builder->image, extents, metadata);
	if (error)
		return rfork_refuse(builder->why, error,
				    "the region has no %llu free bytes in a row; delete a checkpoint",
				    extents * RFORK_EXTENT_BYTES);
	header->image_bytes = rfork_extent_count(builder->image) * RFORK_EXTENT_BYTES;
	header->data_checksum = builder->data_checksum;
	run = kvzalloc(at, GFP_KERNEL);
	if (!run)
		return -ENOMEM;
	for (i = 0; i < ARRAY_SIZE(sources); i++)
		if (sources[i].vector->count)
			memcpy(run + sources[i].section->offset, sources[i].vector->items,
			       sources[i].vector->count * sources[i].vector->item_bytes);
	header->checksum = 0;
	memcpy(run, header, sizeof(*header));
	header->checksum = rfork_checksum_metadata(run, at);
	memcpy(run, header, sizeof(*header));
	error = rfork_build_write(builder, RFORK_HALT_RECORDS, *metadata, run, at);
	kvfree(run);
	if (error)
		return error;
	/* The non-temporal stores, before the record that says they are there. */
	wmb();
	rfork_publish(rfork_at(*metadata), at);
	*bytes = at;
	return 0;
}
