/* SPDX-License-Identifier: GPL-2.0 */
/* Descriptors without a path that an image can hold: event counters, pipes, epoll. */
#ifndef RFORK_KERNEL_OBJECT_H
#define RFORK_KERNEL_OBJECT_H

#include "builder.h"
#include "restore.h"

enum rfork_file_kind rfork_object_kind(const struct file *file);
int rfork_object_save(struct rfork_builder *builder, u32 index, struct file *file);
bool rfork_objects_ok(const struct rfork_image_header *header);
/* The file of record @index; *@other is the other end of a pipe, for the record that will want it. */
struct file *rfork_object_make(struct restore *restore, u64 index);
/* After the descriptors are in place. */
int rfork_make_watches(struct restore *restore);

#endif
