/* SPDX-License-Identifier: GPL-2.0 */
/* Descriptors without a path that an image can hold: event counters, pipes, epoll. */
#ifndef RFORK_KERNEL_OBJECT_H
#define RFORK_KERNEL_OBJECT_H

#include <linux/kref.h>
#include <linux/wait.h>
#include "rfork-module.h"

struct restore;
struct rfork_builder;

#define RFORK_MAX_PIPE_BYTES	(1 << 20)

/* As fs/eventfd.c begins it, from 6.1 to 6.12. */
struct rfork_event_counter {
	struct kref kref;
	wait_queue_head_t wait;
	__u64 count;
	unsigned int flags;
};

enum rfork_file_kind rfork_object_kind(const struct file *file);
int rfork_object_save(struct rfork_builder *builder, u32 index, struct file *file);
bool rfork_objects_ok(const struct rfork_image_header *header);
/*
 * The file of record @index; *@other is the other end of a pipe, for the record that will want it.
 */
struct file *rfork_object_make(struct restore *restore, u64 index);
/* After the descriptors are in place. */
int rfork_make_watches(struct restore *restore);

#endif
