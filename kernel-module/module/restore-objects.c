// SPDX-License-Identifier: GPL-2.0
/*
 * Event counters, pipes and epoll descriptors made again from their records.
 *
 * Epoll's watches are added when all descriptors are there. What was ready is told once more, also
 * to an edge-triggered watch.
 */
#include <linux/capability.h>
#include <linux/fs.h>
#include <linux/eventfd.h>
#include <linux/eventpoll.h>
#include <linux/fdtable.h>
#include <linux/file.h>
#include <linux/namei.h>
#include <linux/pipe_fs_i.h>
#include "kernel-object.h"
#include "restore.h"

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
		    files[file->object - 1].object != file->object ||
		    (file->flags & O_ACCMODE) > (file->file.path == RFORK_NO_STRING ? O_WRONLY : O_RDWR))
			return false;
		if (file->object == i + 1 &&
		    (file->file.bytes > RFORK_MAX_PIPE_BYTES ||
		     file->position > header->pipe_bytes.count ||
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
	struct rfork_event_counter *counter;

	if (IS_ERR(file))
		return file;
	counter = (struct rfork_event_counter *)eventfd_ctx_fileget(file);
	counter->count = min_t(u64, record->position, ULLONG_MAX - 1);
	eventfd_ctx_put((struct eventfd_ctx *)counter);
	return file;
}

static bool is_alone(const struct file *fifo)
{
	return READ_ONCE(((const struct pipe_inode_info *)fifo->private_data)->files) == 1;
}

/* Waits for nobody: with @flags O_RDWR, or while it is open so. */
static struct file *open_fifo(struct restore *restore, const struct rfork_open_file *record,
			      int flags)
{
	const char *name = rfork_string(restore->header, record->file.path);
	struct path found;
	struct file *file;
	bool same;
	int error = kern_path(name, LOOKUP_FOLLOW, &found);

	if (!error) {
		same = S_ISFIFO(d_backing_inode(found.dentry)->i_mode);
		path_put(&found);
		if (!same)
			return ERR_PTR(rfork_refuse(restore->why, -ESTALE,
						    "file %s is of another kind here", name));
	}
	file = error ? ERR_PTR(error) : filp_open(name, flags | O_NONBLOCK, 0);
	if (IS_ERR(file))
		rfork_refuse(restore->why, PTR_ERR(file), "file %s cannot be opened here (error %ld)",
			     name, PTR_ERR(file));
	return file;
}

/* By one open file that is both ends. */
static int hold_fifo(struct restore *restore, const struct rfork_open_file *record,
		     struct file **ends)
{
	struct file *file = open_fifo(restore, record, O_RDWR);

	if (IS_ERR(file))
		return PTR_ERR(file);
	ends[0] = file;
	ends[1] = get_file(file);
	if (record->file.bytes && !is_alone(file))
		return rfork_refuse(restore->why, -EBUSY,
				    "what lies in FIFO %s cannot be put into it, as others have it open here",
				    rfork_string(restore->header, record->file.path));
	return 0;
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

	if (record->file.path != RFORK_NO_STRING) {
		error = hold_fifo(restore, record, ends);
		if (error || !is_alone(ends[0]))
			return error;
	} else {
		error = rfork_sym.create_pipe_files(ends, 0);
		if (error) {
			ends[0] = ends[1] = NULL;
			return error;
		}
	}
	if (record->file.rdev && record->file.rdev <= RFORK_MAX_PIPE_BYTES) {
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

/* An end of the pipe that the record @index names; one that was opened anew through /proc is so here. */
static struct file *pipe_end(struct restore *restore, u64 index)
{
	const struct rfork_image_header *header = restore->header;
	const struct rfork_open_file *records = rfork_section(header, &header->files);
	const struct rfork_open_file *record = &records[index];
	struct file *end = restore->pipe_ends[(record->object - 1) * 2 + (record->flags & 1)];
	u64 i;

	if (record->file.path != RFORK_NO_STRING)
		return open_fifo(restore, record, record->flags & (O_ACCMODE | O_LARGEFILE | O_APPEND));
	for (i = record->object - 1; i < index; i++)
		if (records[i].kind == RFORK_FILE_PIPE && !records[i].same_as &&
		    records[i].object == record->object && !((records[i].flags ^ record->flags) & 1))
			return dentry_open(&end->f_path, record->flags & (O_ACCMODE | O_LARGEFILE),
					   current_cred());
	return get_file(end);
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
		file = error ? ERR_PTR(error) : pipe_end(restore, index);
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
