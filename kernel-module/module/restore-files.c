// SPDX-License-Identifier: GPL-2.0
/* The files of a child: mapped ones, descriptors, the program and the working directory. */
#include <linux/fdtable.h>
#include <linux/mount.h>
#include <linux/namei.h>
#include "kernel-object.h"
#include "restore.h"
#include "vma.h"

/* What mmap() would refuse when it is too late. */
static int check_mappable(const struct rfork_vma *vma, struct file *file, const char *path,
			  struct rfork_reason *why)
{
	bool noexec = file->f_path.mnt->mnt_flags & MNT_NOEXEC ||
		      file_inode(file)->i_sb->s_iflags & SB_I_NOEXEC;

	if (vma->flags & VM_EXEC && noexec)
		return rfork_refuse(why, -EPERM,
				    "code of file %s cannot be mapped here: its file system is mounted noexec",
				    path);
	return file->f_op->mmap ? 0 : rfork_refuse(why, -ENODEV, "file %s cannot be mapped here", path);
}

static int open_mapped_files(struct restore *restore)
{
	const struct rfork_image_header *header = restore->header;
	const struct rfork_vma *vmas = rfork_section(header, &header->vmas);
	int error;
	u64 i;

	restore->vma_files = kvcalloc(header->vmas.count, sizeof(struct file *), GFP_KERNEL);
	if (!restore->vma_files)
		return -ENOMEM;
	for (i = 0; i < header->vmas.count; i++) {
		bool writes = vmas[i].flags & VM_SHARED && vmas[i].flags & VM_MAYWRITE;
		struct file *file;

		if (vmas[i].shared)
			restore->vma_files[i] = get_file(restore->shared_files[vmas[i].shared - 1]);
		if (vmas[i].file.path == RFORK_NO_STRING)
			continue;
		if (i && vmas[i].file.path == vmas[i - 1].file.path && restore->vma_files[i - 1] &&
		    !((vmas[i].flags | vmas[i - 1].flags) & VM_SHARED)) {
			file = get_file(restore->vma_files[i - 1]);
		} else {
			file = rfork_file_open(rfork_string(header, vmas[i].file.path),
					       &vmas[i].file,
					       (writes ? O_RDWR : O_RDONLY) | O_LARGEFILE,
					       restore->changed_files || vmas[i].flags & VM_SHARED,
					       restore->why);
			if (IS_ERR(file))
				return PTR_ERR(file);
		}
		restore->vma_files[i] = file;
		error = check_mappable(&vmas[i], file, rfork_string(header, vmas[i].file.path),
				       restore->why);
		if (error)
			return error;
	}
	return 0;
}

static int open_descriptors(struct restore *restore)
{
	const struct rfork_image_header *header = restore->header;
	const struct rfork_open_file *records = rfork_section(header, &header->files);
	u64 i;

	restore->files = kvcalloc(header->files.count + 1, sizeof(struct file *), GFP_KERNEL);
	restore->pipe_ends =
		kvcalloc(header->files.count * 2 + 1, sizeof(struct file *), GFP_KERNEL);
	if (!restore->files || !restore->pipe_ends)
		return -ENOMEM;
	for (i = 0; i < header->files.count; i++) {
		bool writes = (records[i].flags & O_ACCMODE) != O_RDONLY;
		struct file *file;

		if (records[i].same_as) {
			restore->files[i] = get_file(restore->files[records[i].same_as - 1]);
			continue;
		}
		if (records[i].kind != RFORK_FILE_PATH) {
			file = rfork_object_make(restore, i);
			if (IS_ERR(file))
				return PTR_ERR(file);
			restore->files[i] = file;
			continue;
		}
		file = rfork_file_open(rfork_string(header, records[i].file.path),
				       &records[i].file, records[i].flags & ~O_CLOEXEC,
				       restore->changed_files || writes, restore->why);
		if (IS_ERR(file))
			return PTR_ERR(file);
		if (S_ISREG(file_inode(file)->i_mode))
			file->f_pos = records[i].position;
		restore->files[i] = file;
	}
	return 0;
}

static int open_places(struct restore *restore)
{
	const struct rfork_image_header *header = restore->header;
	const char *cwd = rfork_string(header, header->cwd);
	const char *exe = rfork_string(header, header->exe);
	int error = kern_path(cwd, LOOKUP_FOLLOW | LOOKUP_DIRECTORY, &restore->cwd);

	if (error)
		return rfork_refuse(restore->why, error,
				    "the working directory %s cannot be entered here (error %d)", cwd,
				    error);
	if (exe) {
		restore->exe = filp_open(exe, O_RDONLY | O_LARGEFILE | O_NONBLOCK, 0);
		if (!IS_ERR(restore->exe) && !S_ISREG(file_inode(restore->exe)->i_mode)) {
			fput(restore->exe);
			restore->exe = ERR_PTR(-EACCES);
		}
		if (IS_ERR(restore->exe)) {
			error = PTR_ERR(restore->exe);
			restore->exe = NULL;
			return rfork_refuse(restore->why, error,
					    "the program %s cannot be opened here (error %d)", exe,
					    error);
		}
		/* Held until the child has it, which asks the same. */
		error = deny_write_access(restore->exe);
		if (error) {
			fput(restore->exe);
			restore->exe = NULL;
			return rfork_refuse(restore->why, error,
					    "the program %s is open for writing here", exe);
		}
	}
	return 0;
}

int rfork_open_files(struct restore *restore)
{
	return open_mapped_files(restore) ?: open_descriptors(restore) ?: open_places(restore);
}

static int close_descriptor(const void *context, struct file *file, unsigned int fd)
{
	struct { u64 inherit; unsigned int next; } *search = (void *)context;

	if (fd < 3 || (fd < 64 && search->inherit & BIT_ULL(fd)))
		return 0;
	search->next = fd;
	return 1;
}

int rfork_make_descriptors(struct restore *restore)
{
	const struct rfork_image_header *header = restore->header;
	const struct rfork_open_file *records = rfork_section(header, &header->files);
	struct { u64 inherit; unsigned int next; } search = { restore->inherit_fds, 0 };
	u64 i;
	int error;

	while (iterate_fd(current->files, search.next, close_descriptor, &search))
		close_fd(search.next);
	for (i = 0; i < header->files.count; i++) {
		error = rfork_sym.replace_fd(records[i].fd, restore->files[i],
					     records[i].flags & O_CLOEXEC);
		if (error < 0)
			return rfork_refuse(restore->why, error, "descriptor %u cannot be made",
					    records[i].fd);
	}
	return rfork_make_watches(restore);
}
