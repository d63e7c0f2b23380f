// SPDX-License-Identifier: GPL-2.0
/* The descriptors of the running process as records. */
#include <linux/fdtable.h>
#include <linux/mount.h>
#include "builder.h"
#include "kernel-object.h"
#include "vma.h"

static bool usable_device(const struct inode *inode)
{
	/* null, zero, full, random, urandom: no state of their own. */
	static const unsigned int minors = BIT(3) | BIT(5) | BIT(7) | BIT(8) | BIT(9);

	return S_ISCHR(inode->i_mode) && imajor(inode) == 1 && iminor(inode) < 10 &&
	       minors & BIT(iminor(inode));
}

static const char *kind_of(const struct inode *inode, const struct file *file)
{
	if (S_ISFIFO(inode->i_mode))
		return "pipe";
	if (S_ISSOCK(inode->i_mode))
		return "socket";
	if (S_ISCHR(inode->i_mode) || S_ISBLK(inode->i_mode))
		return "device";
	/* What has no kind of file is named by its maker. */
	if (!(inode->i_mode & S_IFMT) && file->f_path.dentry->d_name.len)
		return file->f_path.dentry->d_name.name;
	return "special file";
}

/* The number plus 1 of the first record of the same open file. */
static u32 same_as(const struct rfork_builder *builder, const struct file *file)
{
	u32 i;

	for (i = 0; i < builder->files.count; i++)
		if (builder->open_files[i] == file)
			return i + 1;
	return 0;
}

static int add_file(const void *context, struct file *file, unsigned int fd)
{
	struct rfork_builder *builder = (struct rfork_builder *)context;
	const struct inode *inode = file_inode(file);
	struct rfork_open_file record = { .fd = fd };

	/*
	 * The caller's own, and the way a process asks for its checkpoint, are the restorer's
	 * business.
	 */
	if (fd < 3 || (fd < 64 && builder->inherit_fds & BIT_ULL(fd)) ||
	    file->f_op->owner == THIS_MODULE)
		return 0;
	record.kind = rfork_object_kind(file);
	if (record.kind == RFORK_FILE_PATH && !S_ISREG(inode->i_mode) && !S_ISDIR(inode->i_mode) &&
	    !S_ISLNK(inode->i_mode) && !usable_device(inode))
		return rfork_refuse(builder->why, -EOPNOTSUPP,
				    "descriptor %u is a %s; close it or use --inherit-fd %u", fd,
				    kind_of(inode, file), fd);
	/* The root directory has no name in another, either. */
	if (record.kind == RFORK_FILE_PATH && d_unhashed(file->f_path.dentry) &&
	    (!IS_ROOT(file->f_path.dentry) || !S_ISDIR(inode->i_mode)))
		return rfork_refuse(builder->why, -EOPNOTSUPP,
				    "descriptor %u is a deleted file; close it or use --inherit-fd %u",
				    fd, fd);
	/* A message queue, for one: a regular file of a file system that is mounted nowhere. */
	if (record.kind == RFORK_FILE_PATH && file->f_path.mnt->mnt_flags & MNT_INTERNAL)
		return rfork_refuse(builder->why, -EOPNOTSUPP,
				    "descriptor %u is a special file; close it or use --inherit-fd %u",
				    fd, fd);
	record.same_as = same_as(builder, file);
	/* iterate_fd holds the table's spin lock: the path is looked up in a second pass. */
	record.flags = file->f_flags & ~(O_CREAT | O_EXCL | O_TRUNC);
	/* By O_PATH, and so found again, even if it was reached through /proc. */
	if (S_ISLNK(inode->i_mode))
		record.flags |= O_NOFOLLOW;
	record.position = file->f_pos;
	rfork_file_identify(file, &record.file);
	record.file.path = RFORK_NO_STRING;
	builder->open_files[builder->files.count] = file;
	return rfork_vector_push(&builder->files, &record);
}

static int count_file(const void *context, struct file *file, unsigned int fd)
{
	(*(u64 *)context)++;
	return 0;
}

/* By F_SETOWN, F_SETSIG or F_NOTIFY. */
static int refuse_owner(struct rfork_builder *builder, const struct rfork_open_file *record,
			struct file *file)
{
	return builder->drop_locks || !rfork_tells_somebody(file) ? 0 :
	       rfork_refuse(builder->why, -EOPNOTSUPP,
			    "descriptor %u sends signals to its owner (F_SETOWN), a child's would not; --drop locks lets it go",
			    record->fd);
}

/* Of whatever it is open on: pipes and event counters can be locked, too. */
static int refuse_lock(struct rfork_builder *builder, const struct rfork_open_file *record,
		       struct file *file)
{
	return builder->drop_locks || !rfork_holds_lock(file) ? 0 :
	       rfork_refuse(builder->why, -EOPNOTSUPP,
			    "descriptor %u has a file lock or a lease, a child would not; --drop locks lets it go",
			    record->fd);
}

/* One with a name that says the same on every node. */
static int save_named(struct rfork_builder *builder, struct rfork_open_file *record,
		      struct file *file)
{
	u32 fd = record->fd;

	if (rfork_path_is_of_a_process(&file->f_path))
		return rfork_refuse(builder->why, -EOPNOTSUPP,
				    "descriptor %u is a file of a process in /proc; close it or use --inherit-fd %u",
				    fd, fd);
	if (S_ISDIR(record->file.mode) && record->position)
		return rfork_refuse(builder->why, -EOPNOTSUPP,
				    "descriptor %u is a directory that was read in part; rewind it, close it or use --inherit-fd %u",
				    fd, fd);
	return rfork_build_path(builder, &file->f_path, &record->file.path);
}

int rfork_build_files(struct rfork_builder *builder)
{
	struct rfork_open_file *record;
	u64 count = 0, i;
	int error;

	/*
	 * No allocation is allowed under the table's lock, so the array is made large enough
	 * before.
	 */
	iterate_fd(current->files, 0, count_file, &count);
	count += 16;
	builder->files.items = kvmalloc_array(count, sizeof(*record), GFP_KERNEL);
	builder->open_files = kvmalloc_array(count, sizeof(*builder->open_files), GFP_KERNEL);
	if (!builder->files.items || !builder->open_files)
		return -ENOMEM;
	builder->files.capacity = count;
	error = iterate_fd(current->files, 0, add_file, builder);
	if (error)
		return error;
	for (i = 0; i < builder->files.count; i++) {
		struct file *file;

		record = (struct rfork_open_file *)builder->files.items + i;
		file = fget_raw(record->fd);
		if (!file)
			return -EAGAIN;
		rcu_read_lock();
		if (rfork_close_on_exec(record->fd))
			record->flags |= O_CLOEXEC;
		else
			record->flags &= ~O_CLOEXEC;
		rcu_read_unlock();
		error = record->kind == RFORK_FILE_PATH ?
			save_named(builder, record, file) : rfork_object_save(builder, i, file);
		error = error ?: refuse_lock(builder, record, file) ?: refuse_owner(builder, record, file);
		fput(file);
		if (error)
			return error;
	}
	return 0;
}
