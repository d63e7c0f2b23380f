// SPDX-License-Identifier: GPL-2.0
/* What makes an open file one that a child cannot have, or not as it is. */
#include <linux/ctype.h>
#include <linux/fs.h>
#include <linux/magic.h>
#include "vma.h"

/* On another node the number in its path is nobody's, or another's. */
bool rfork_path_is_of_a_process(const struct path *path)
{
	const struct dentry *dentry = path->dentry, *top = dentry;
	bool numbered;

	if (dentry->d_sb->s_magic != PROC_SUPER_MAGIC)
		return false;
	rcu_read_lock();
	for (; !IS_ROOT(dentry); dentry = READ_ONCE(dentry->d_parent))
		top = dentry;
	numbered = isdigit(top->d_name.name[0]);
	rcu_read_unlock();
	return numbered;
}

static bool lists_lock(const struct list_head *list, const struct file *file)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 9, 0)
	const struct file_lock *lock;

	list_for_each_entry(lock, list, fl_list)
		if (lock->fl_file == file || lock->fl_owner == (fl_owner_t)current->files)
			return true;
#else
	const struct file_lock_core *lock;

	list_for_each_entry(lock, list, flc_list)
		if (lock->flc_file == file || lock->flc_owner == (fl_owner_t)current->files)
			return true;
#endif
	return false;
}

/* Whether @file, or the running process on what it is open on, holds a lock or a lease. */
bool rfork_holds_lock(struct file *file)
{
	/* Its lists are made before it is set. */
	struct file_lock_context *context = smp_load_acquire(&file_inode(file)->i_flctx);
	bool found;

	if (!context)
		return false;
	spin_lock(&context->flc_lock);
	found = lists_lock(&context->flc_flock, file) || lists_lock(&context->flc_posix, file) ||
		lists_lock(&context->flc_lease, file);
	spin_unlock(&context->flc_lock);
	return found;
}
