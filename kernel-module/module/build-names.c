// SPDX-License-Identifier: GPL-2.0
/*
 * The names in an image: of open and mapped files, of the program and of the working directory.
 *
 * A restore finds by name what the process has, so each name must lead there: not to what was
 * mounted over it since, not nowhere as it was unmounted, not into a root of the process's own. It
 * is looked up in the process itself, but as who may enter every directory: what a process has
 * opened it keeps when it gives up its rights.
 */
#include <linux/cred.h>
#include <linux/namei.h>
#include <linux/path.h>
#include <linux/sched/task.h>
#include "builder.h"

struct named {
	struct path path;
	u64 string;
};

static int remember(struct rfork_builder *builder, const struct path *path, u64 string)
{
	const struct named *last = (struct named *)builder->names.items + builder->names.count - 1;
	struct named named = { *path, string };
	int error;

	/* The segments of a library come one after another. */
	if (builder->names.count && last->string == string && path_equal(&last->path, path))
		return 0;
	error = rfork_vector_push(&builder->names, &named);
	if (!error)
		path_get(path);
	return error;
}

int rfork_build_path(struct rfork_builder *builder, const struct path *path, u64 *string)
{
	char *buffer = (char *)__get_free_page(GFP_KERNEL), *text;
	int error;

	builder->names.item_bytes = sizeof(struct named);
	if (!buffer)
		return -ENOMEM;
	text = d_path(path, buffer, PAGE_SIZE);
	error = IS_ERR(text) ? PTR_ERR(text) : rfork_build_string(builder, text, string);
	free_page((unsigned long)buffer);
	return error ?: remember(builder, path, *string);
}

/* Any node of the same device will do. */
static bool is_same(const struct inode *one, const struct inode *other)
{
	return one == other || ((one->i_mode & S_IFMT) == (other->i_mode & S_IFMT) &&
				S_ISCHR(one->i_mode) && one->i_rdev == other->i_rdev);
}

static int check_name(struct rfork_builder *builder, const struct named *named)
{
	const char *text = (const char *)builder->strings.items + named->string;
	struct path found;
	bool same = false;
	int error;

	error = kern_path(text, 0, &found);
	if (!error) {
		same = is_same(d_backing_inode(found.dentry), d_backing_inode(named->path.dentry));
		path_put(&found);
	} else if (error == -ENOMEM || error == -EINTR) {
		return error;
	}
	return same ? 0 : rfork_refuse(builder->why, -EOPNOTSUPP,
				       "a name leads to another file or none, as of mounts or a root of the process: %s",
				       text);
}

/* No lock is held that a lookup may wait for. */
int rfork_build_names_check(struct rfork_builder *builder)
{
	const struct named *names = builder->names.items;
	struct cred *of_all = prepare_kernel_cred(&init_task);
	const struct cred *own;
	int error = 0;
	u64 i;

	if (!of_all)
		return -ENOMEM;
	own = override_creds(of_all);
	for (i = 0; !error && i < builder->names.count; i++)
		error = check_name(builder, &names[i]);
	revert_creds(own);
	put_cred(of_all);
	return error;
}

void rfork_build_names_free(struct rfork_builder *builder)
{
	struct named *names = builder->names.items;
	u64 i;

	for (i = 0; i < builder->names.count; i++)
		path_put(&names[i].path);
	kvfree(names);
}
