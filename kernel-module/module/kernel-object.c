// SPDX-License-Identifier: GPL-2.0
/*
 * Event counters, pipes and epoll descriptors: held by an image when nobody but the process has them.
 *
 * A pipe's two ends are two records; the first of them carries the bytes in it. Epoll's list of what it
 * watches is read as /proc tells it, and made again when all descriptors are there. What was ready is
 * told once more, also to an edge-triggered watch.
 */
#include <linux/capability.h>
#include <linux/fs.h>
#include <linux/eventfd.h>
#include <linux/eventpoll.h>
#include <linux/fdtable.h>
#include <linux/file.h>
#include <linux/highmem.h>
#include <linux/mount.h>
#include <linux/pipe_fs_i.h>
#include <linux/seq_file.h>
#include "kernel-object.h"

#define MAX_PIPE_BYTES	(1 << 20)
#define MAX_WATCH_BYTES	(1 << 20)

/* As fs/eventfd.c begins it, from 6.1 to 6.12. */
struct event_counter {
	struct kref kref;
	wait_queue_head_t wait;
	__u64 count;
	unsigned int flags;
};

enum rfork_file_kind rfork_object_kind(const struct file *file)
{
	const struct inode *inode = file_inode(file);
	const char *name = file->f_path.dentry->d_name.name;

	if (S_ISFIFO(inode->i_mode))
		return file->f_path.mnt->mnt_flags & MNT_INTERNAL && !(file->f_flags & O_DIRECT) ?
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

static int save_event(struct rfork_builder *builder, struct rfork_open_file *record, struct file *file)
{
	struct event_counter *counter = (struct event_counter *)eventfd_ctx_fileget(file);
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

/* Ends that are no record of ours, or twice the same end, cannot be made again. */
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
		if (modes & BIT(records[i].flags & O_ACCMODE))
			return false;
		modes |= BIT(records[i].flags & O_ACCMODE);
		files++;
	}
	return files == READ_ONCE(pipe->files) && !(modes & BIT(O_RDWR));
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
		error = save_bytes(builder, pipe);
		record->file.bytes = builder->bytes.count - start;
		record->file.rdev = (u64)pipe->max_usage * PAGE_SIZE;
		if (record->file.bytes > MAX_PIPE_BYTES)
			error = -EOPNOTSUPP;
		if (error == -EOPNOTSUPP)
			rfork_refuse(builder->why, error,
				     "descriptor %u is a pipe with packets or too many bytes in it",
				     record->fd);
	}
	mutex_unlock(&pipe->mutex);
	record->object = first + 1;
	return error;
}

static int add_watch(struct rfork_builder *builder, u32 index, struct rfork_watch *watch,
		     unsigned long inode)
{
	const struct rfork_open_file *record = (struct rfork_open_file *)builder->files.items + index;
	struct file *file = fget_raw(watch->fd);
	bool same = file && file_inode(file)->i_ino == inode;

	if (file)
		fput(file);
	watch->record = index;
	return same ? rfork_vector_push(&builder->watches, watch) :
		      rfork_refuse(builder->why, -EOPNOTSUPP,
				   "descriptor %u is an epoll that watches what was descriptor %u",
				   record->fd, watch->fd);
}

static int save_watches(struct rfork_builder *builder, u32 index, struct file *file)
{
	struct seq_file text = { .size = MAX_WATCH_BYTES };
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
		struct rfork_watch watch = { };
		unsigned long inode, device;
		long long position;

		if (sscanf(line, "tfd: %u events: %x data: %llx pos:%lli ino:%lx sdev:%lx", &watch.fd,
			   &watch.events, (unsigned long long *)&watch.data, &position, &inode, &device) != 6)
			error = -EOPNOTSUPP;
		else
			error = add_watch(builder, index, &watch, inode);
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

/* Pipes name a record of a pipe that comes no later, with bytes that are there. */
bool rfork_objects_ok(const struct rfork_image_header *header)
{
	const struct rfork_open_file *files = rfork_section(header, &header->files);
	const struct rfork_watch *watches = rfork_section(header, &header->watches);
	u64 i;

	for (i = 0; i < header->files.count; i++) {
		const struct rfork_open_file *file = &files[i];

		if (file->kind > RFORK_FILE_EPOLL ||
		    (file->same_as && files[file->same_as - 1].kind != file->kind))
			return false;
		if (file->kind != RFORK_FILE_PIPE || file->same_as)
			continue;
		if (!file->object || file->object > i + 1 ||
		    files[file->object - 1].kind != RFORK_FILE_PIPE ||
		    files[file->object - 1].object != file->object || (file->flags & O_ACCMODE) > 1)
			return false;
		if (file->object == i + 1 &&
		    (file->file.bytes > MAX_PIPE_BYTES || file->position > header->pipe_bytes.count ||
		     file->file.bytes > header->pipe_bytes.count - file->position))
			return false;
	}
	for (i = 0; i < header->watches.count; i++)
		if (watches[i].record >= header->files.count ||
		    files[watches[i].record].kind != RFORK_FILE_EPOLL)
			return false;
	return true;
}

/* By the system call that makes it, which takes a descriptor for a moment. */
static struct file *make_by_call(long (*call)(const struct pt_regs *), unsigned long first,
				 unsigned long second)
{
	struct pt_regs regs = { .di = first, .si = second };
	long fd = call(&regs);
	struct file *file;

	if (fd < 0)
		return ERR_PTR(fd);
	file = fget(fd);
	close_fd(fd);
	return file ?: ERR_PTR(-EBADF);
}

static struct file *make_event(const struct rfork_open_file *record)
{
	struct file *file = make_by_call(rfork_sym.eventfd2, 0, record->object & EFD_SEMAPHORE);
	struct event_counter *counter;

	if (IS_ERR(file))
		return file;
	counter = (struct event_counter *)eventfd_ctx_fileget(file);
	counter->count = min_t(u64, record->position, ULLONG_MAX - 1);
	eventfd_ctx_put((struct eventfd_ctx *)counter);
	return file;
}

/* Both ends; those that no record takes are closed when the restore ends. */
static int make_pipe(struct restore *restore, u64 index)
{
	const struct rfork_image_header *header = restore->header;
	const struct rfork_open_file *record =
		(const struct rfork_open_file *)rfork_section(header, &header->files) + index;
	struct file **ends = restore->pipe_ends + index * 2;
	loff_t position = 0;
	ssize_t written;
	int error;

	error = rfork_sym.create_pipe_files(ends, 0);
	if (error) {
		ends[0] = ends[1] = NULL;
		return error;
	}
	if (record->file.rdev && record->file.rdev <= MAX_PIPE_BYTES) {
		long bytes = rfork_sym.pipe_fcntl(ends[1], F_SETPIPE_SZ, record->file.rdev);

		if (bytes < 0)
			return bytes;
	}
	if (!record->file.bytes)
		return 0;
	/* One more byte than there is room for would wait for a reader for ever. */
	ends[1]->f_flags |= O_NONBLOCK;
	written = kernel_write(ends[1], (const char *)rfork_section(header, &header->pipe_bytes) +
			       record->position, record->file.bytes, &position);
	ends[1]->f_flags &= ~O_NONBLOCK;
	return written == (ssize_t)record->file.bytes ? 0 : written < 0 ? written : -EIO;
}

struct file *rfork_object_make(struct restore *restore, u64 index)
{
	const struct rfork_image_header *header = restore->header;
	const struct rfork_open_file *record =
		(const struct rfork_open_file *)rfork_section(header, &header->files) + index;
	struct file *file;
	int error = 0;

	switch (record->kind) {
	case RFORK_FILE_EVENT:
		file = make_event(record);
		break;
	case RFORK_FILE_EPOLL:
		file = make_by_call(rfork_sym.epoll_create1, 0, 0);
		break;
	default:
		if (record->object == index + 1)
			error = make_pipe(restore, index);
		file = error ? ERR_PTR(error) :
		       get_file(restore->pipe_ends[(record->object - 1) * 2 + (record->flags & 1)]);
	}
	if (IS_ERR(file))
		rfork_refuse(restore->why, PTR_ERR(file), "descriptor %u cannot be made (error %ld)",
			     record->fd, PTR_ERR(file));
	else
		file->f_flags = (file->f_flags & ~O_NONBLOCK) | (record->flags & O_NONBLOCK);
	return file;
}

int rfork_make_watches(struct restore *restore)
{
	const struct rfork_image_header *header = restore->header;
	const struct rfork_open_file *files = rfork_section(header, &header->files);
	const struct rfork_watch *watches = rfork_section(header, &header->watches);
	u64 i;

	for (i = 0; i < header->watches.count; i++) {
		struct epoll_event event = { .events = watches[i].events, .data = watches[i].data };
		u32 fd = watches[i].fd;
		int error = rfork_sym.do_epoll_ctl(files[watches[i].record].fd, EPOLL_CTL_ADD, fd,
						   &event, false);

		/* What the caller has there may be nothing that can be watched. */
		if (error && fd >= 3 && !(fd < 64 && restore->inherit_fds & BIT_ULL(fd)))
			return rfork_refuse(restore->why, error, "descriptor %u cannot be watched", fd);
	}
	return 0;
}
