// SPDX-License-Identifier: GPL-2.0
/* Files by path: what must still be true of one to stand for the parent's. */
#include <linux/fs.h>
#include <linux/magic.h>
#include <linux/namei.h>
#include "vma.h"

void rfork_file_identify(struct file *file, struct rfork_file_identity *identity)
{
	struct inode *inode = file_inode(file);
	struct timespec64 mtime = rfork_mtime(inode);

	identity->bytes = i_size_read(inode);
	identity->mtime_s = mtime.tv_sec;
	identity->mtime_ns = mtime.tv_nsec;
	identity->mode = inode->i_mode;
	identity->rdev = inode->i_rdev;
}

/* Before it is opened: to open a FIFO may wait for ever, and to open a device may do anything. */
static int check_kind(const char *path, const struct rfork_file_identity *identity, int flags,
		      struct rfork_reason *why)
{
	const struct inode *inode;
	struct path found;
	bool same;
	int error;

	error = kern_path(path, flags & O_NOFOLLOW ? 0 : LOOKUP_FOLLOW, &found);
	if (error)
		return rfork_refuse(why, error, "file %s cannot be opened here (error %d)", path, error);
	inode = d_backing_inode(found.dentry);
	same = (inode->i_mode & S_IFMT) == (identity->mode & S_IFMT) &&
	       inode->i_rdev == identity->rdev;
	path_put(&found);
	return same ? 0 : rfork_refuse(why, -ESTALE, "file %s is of another kind here", path);
}

/* The kernel says what is in it when it is read: its size is 0, its time that of the first look. */
static bool is_generated(const struct file *file)
{
	switch (file_inode(file)->i_sb->s_magic) {
	case PROC_SUPER_MAGIC: case SYSFS_MAGIC: case CGROUP_SUPER_MAGIC: case CGROUP2_SUPER_MAGIC:
		return true;
	default:
		return false;
	}
}

struct file *rfork_file_open(const char *path, const struct rfork_file_identity *identity,
			     int flags, bool changed_allowed, struct rfork_reason *why)
{
	struct rfork_file_identity found;
	struct file *file;
	int error = check_kind(path, identity, flags, why);

	if (error)
		return ERR_PTR(error);
	file = filp_open(path, flags & ~(O_CREAT | O_EXCL | O_TRUNC | __O_TMPFILE), 0);
	if (IS_ERR(file)) {
		rfork_refuse(why, PTR_ERR(file), "file %s cannot be opened here (error %ld)", path,
			     PTR_ERR(file));
		return file;
	}
	rfork_file_identify(file, &found);
	if ((S_ISREG(found.mode) || S_ISLNK(found.mode)) && !changed_allowed && !is_generated(file) &&
	    (found.bytes != identity->bytes || found.mtime_s != identity->mtime_s ||
	     found.mtime_ns != identity->mtime_ns)) {
		fput(file);
		rfork_refuse(why, -ESTALE,
			     "file %s is of another size or time here; restore with --changed-files if it will do",
			     path);
		return ERR_PTR(-ESTALE);
	}
	return file;
}
