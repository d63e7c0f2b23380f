// SPDX-License-Identifier: GPL-2.0
/*
 * Event counters, pipes and epoll descriptors as records: held by an image when nobody but the
 * process has them.
 *
 * A pipe's two ends are two records; the first of them carries the bytes in it. A FIFO is a pipe
 * whose records have names. Epoll's list of what it watches is read as /proc tells it.
 */
#include <linux/eventfd.h>
#include <linux/fdtable.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/highmem.h>
#include <linux/mount.h>
#include <linux/pipe_fs_i.h>
#include <linux/seq_file.h>
#include <uapi/linux/eventpoll.h>
#include "builder.h"
#include "kernel-object.h"

#define MAX_WATCH_BYTES	(1 << 20)

static bool is_named(const struct file *file)
{
	return !(file->f_path.mnt->mnt_flags & MNT_INTERNAL);
}

enum rfork_file_kind rfork_object_kind(const struct file *file)
{
	const struct inode *inode = file_inode(file);
	const char *name = file->f_path.dentry->d_name.name;

	if (S_ISFIFO(inode->i_mode))
		return !(file->f_flags & (O_DIRECT | O_PATH)) &&
		       (!is_named(file) || !d_unhashed(file->f_path.dentry)) ?
		       RFORK_FILE_PIPE : RFORK_FILE_PATH;
	if (inode->i_mode & S_IFMT)
		return RFORK_FILE_PATH;
	if (!strcmp(name, "[eventfd]"))
		return RFORK_FILE_EVENT;
	return strcmp(name, "[eventpoll]") ? RFORK_FILE_PATH : RFORK_FILE_EPOLL;
}

/* How many descriptors of the records are this open file. */
static long descriptors_of(const struct rfork_builder *builder, const struct file *file)
{
	long count = 0;
	u32 i;

	for (i = 0; i < builder->files.count; i++)
		count += builder->open_files[i] == file;
	return count;
}

static int refuse_shared(struct rfork_builder *builder, const char *what, u32 fd)
{
	return rfork_refuse(builder->why, -EOPNOTSUPP,
			    "descriptor %u is a %s that others have open; close it or use --inherit-fd %u",
			    fd, what, fd);
}

static int save_event(struct rfork_builder *builder, struct rfork_open_file *record,
		      struct file *file)
{
	struct rfork_event_counter *counter =
		(struct rfork_event_counter *)eventfd_ctx_fileget(file);
	bool alone;

	if (IS_ERR(counter))
		return PTR_ERR(counter);
	spin_lock_irq(&counter->wait.lock);
	record->position = counter->count;
	record->object = counter->flags & EFD_SEMAPHORE;
	spin_unlock_irq(&counter->wait.lock);
	/* Kernel users of it hold a reference. */
	alone = kref_read(&counter->kref) == 2;
	eventfd_ctx_put((struct eventfd_ctx *)counter);
	return alone ? 0 : refuse_shared(builder, "event counter", record->fd);
}

static int save_bytes(struct rfork_builder *builder, struct pipe_inode_info *pipe)
{
	unsigned int at;
	int error = 0;

	for (at = pipe->tail; !error && at != pipe->head; at++) {
		struct pipe_buffer *buffer = &pipe->bufs[at & (pipe->ring_size - 1)];
		const char *from;
		u32 i;

		error = pipe_buf_confirm(pipe, buffer);
		if (error)
			break;
		if (buffer->flags & PIPE_BUF_FLAG_PACKET)
			return -EOPNOTSUPP;
		from = (const char *)kmap_local_page(buffer->page) + buffer->offset;
		for (i = 0; !error && i < buffer->len; i++)
			error = rfork_vector_push(&builder->bytes, from + i);
		kunmap_local(from);
	}
	return error;
}

/* An end that is no record of ours, or is both ends of a pipe without a name, cannot be made again. */
static bool ends_are_ours(const struct rfork_builder *builder, u32 index,
			  const struct pipe_inode_info *pipe, u32 *first)
{
	const struct rfork_open_file *records = builder->files.items;
	u32 i, files = 0, modes = 0;

	*first = index;
	for (i = 0; i < builder->files.count; i++) {
		const struct file *file = builder->open_files[i];

		if (records[i].kind != RFORK_FILE_PIPE || records[i].same_as ||
		    file->private_data != pipe)
			continue;
		*first = min(*first, i);
		modes |= BIT(records[i].flags & O_ACCMODE);
		files++;
	}
	return files == READ_ONCE(pipe->files) &&
	       (!(modes & BIT(O_RDWR)) || is_named(builder->open_files[index]));
}

/* By O_NOTIFICATION_PIPE: by the kernel, of what others do. */
static bool is_notified(const struct pipe_inode_info *pipe)
{
#ifdef CONFIG_WATCH_QUEUE
	return pipe->watch_queue;
#else
	return false;
#endif
}

static int save_pipe(struct rfork_builder *builder, u32 index, struct file *file)
{
	struct rfork_open_file *record = (struct rfork_open_file *)builder->files.items + index;
	struct pipe_inode_info *pipe = file->private_data;
	u64 start = builder->bytes.count;
	int error = 0;
	u32 first;

	mutex_lock(&pipe->mutex);
	if (!ends_are_ours(builder, index, pipe, &first)) {
		error = refuse_shared(builder, "pipe", record->fd);
	} else if (first == index) {
		record->position = start;
		error = is_notified(pipe) ? -EOPNOTSUPP : save_bytes(builder, pipe);
		record->file.bytes = builder->bytes.count - start;
		record->file.rdev = (u64)pipe->max_usage * PAGE_SIZE;
		if (record->file.bytes > RFORK_MAX_PIPE_BYTES)
			error = -EOPNOTSUPP;
		if (error == -EOPNOTSUPP)
			rfork_refuse(builder->why, error,
				     "descriptor %u is a pipe with packets, notifications or too many bytes in it",
				     record->fd);
	}
	mutex_unlock(&pipe->mutex);
	record->object = first + 1;
	return error || !is_named(file) ? error :
	       rfork_build_path(builder, &file->f_path, &record->file.path);
}

/*
 * Whether the open file that @epoll watches by this number, the @nth of those it does, is what the
 * descriptor is now. Numbers of inodes do not tell: all event counters have one.
 */
static bool still_watched(struct file *epoll, u32 fd, u32 nth)
{
	struct file *file = fget_raw(fd);
	bool same = false;

#ifdef CONFIG_KCMP
	same = file && rfork_sym.get_epoll_tfile_raw_ptr(epoll, fd, nth) == file;
#endif
	if (file)
		fput(file);
	return same;
}

static int add_watch(struct rfork_builder *builder, u64 first, struct rfork_watch *watch,
		     struct file *epoll)
{
	const struct rfork_open_file *record = (struct rfork_open_file *)builder->files.items +
					       watch->record;
	const struct rfork_watch *earlier = builder->watches.items;
	u32 nth = 0;
	u64 i;

	for (i = first; i < builder->watches.count; i++)
		nth += earlier[i].fd == watch->fd;
	return still_watched(epoll, watch->fd, nth) ? rfork_vector_push(&builder->watches, watch) :
	       rfork_refuse(builder->why, -EOPNOTSUPP,
			    "descriptor %u is an epoll that watches what was descriptor %u",
			    record->fd, watch->fd);
}

/* Made anew, it would tell of errors and ends, which it does not. */
static bool has_fired(const struct rfork_watch *watch)
{
	const u32 about_itself = (__force u32)(EPOLLWAKEUP | EPOLLONESHOT | EPOLLET | EPOLLEXCLUSIVE);

	return watch->events & (__force u32)EPOLLONESHOT && !(watch->events & ~about_itself);
}

static int save_watches(struct rfork_builder *builder, u32 index, struct file *file)
{
	struct seq_file text = { .size = MAX_WATCH_BYTES };
	u64 first = builder->watches.count;
	char *line, *next;
	int error = 0;

	text.buf = kvzalloc(text.size, GFP_KERNEL);
	if (!text.buf)
		return -ENOMEM;
	file->f_op->show_fdinfo(&text, file);
	if (seq_has_overflowed(&text) || text.count == text.size)
		error = -E2BIG;
	next = text.buf;
	while (!error && (line = strsep(&next, "\n")) && *line) {
		struct rfork_watch watch = { .record = index };

		if (sscanf(line, "tfd: %u events: %x data: %llx", &watch.fd, &watch.events,
			   (unsigned long long *)&watch.data) != 3)
			error = -EOPNOTSUPP;
		else if (has_fired(&watch))
			error = rfork_refuse(builder->why, -EOPNOTSUPP,
					     "descriptor %d is an epoll whose one-shot watch of descriptor %u has fired; arm it again before",
					     ((struct rfork_open_file *)builder->files.items + index)->fd,
					     watch.fd);
		else
			error = add_watch(builder, first, &watch, file);
	}
	kvfree(text.buf);
	return error;
}

/* Of the record @index, whose @file is held once by the caller. */
int rfork_object_save(struct rfork_builder *builder, u32 index, struct file *file)
{
	struct rfork_open_file *record = (struct rfork_open_file *)builder->files.items + index;

	if (record->same_as)
		return 0;
	if (file_count(file) != descriptors_of(builder, file) + 1)
		return refuse_shared(builder, record->kind == RFORK_FILE_PIPE ? "pipe" :
				     record->kind == RFORK_FILE_EVENT ? "[eventfd]" : "[eventpoll]",
				     record->fd);
	switch (record->kind) {
	case RFORK_FILE_EVENT:
		return save_event(builder, record, file);
	case RFORK_FILE_PIPE:
		return save_pipe(builder, index, file);
	default:
		return save_watches(builder, index, file);
	}
}
