// SPDX-License-Identifier: GPL-2.0
/*
 * What a child is besides its pages: mappings, bounds of its memory, dispositions, directory,
 * program.
 */
#include <linux/fs_struct.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <asm/prctl.h>
#include "restore.h"
#include "vma.h"

/* Whether a page of the image lies in the VMA; both lists ascend. */
static bool holds_pages(const struct rfork_image_header *header, const struct rfork_vma *vma)
{
	const struct rfork_leaf *leaves = rfork_section(header, &header->leaves);
	const u64 *records = rfork_section(header, &header->pages);
	u64 low = 0, high = header->leaves.count, i;

	while (low < high) {
		u64 middle = low + (high - low) / 2;

		if (leaves[middle].address + PMD_SIZE <= vma->start)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < header->leaves.count && leaves[low].address < vma->end; low++) {
		for (i = 0; i < leaves[low].pages; i++) {
			u64 address = leaves[low].address +
				(u64)RFORK_RECORD_INDEX(records[leaves[low].first_page + i]) * PAGE_SIZE;

			if (address >= vma->start && address < vma->end)
				return true;
		}
	}
	return false;
}

int rfork_make_vmas(struct restore *restore)
{
	const struct rfork_image_header *header = restore->header;
	const struct rfork_vma *vmas = rfork_section(header, &header->vmas);
	u64 i;
	int error;

	/* READ_IMPLIES_EXEC would add to what the records say. */
	current->personality = 0;
	for (i = 0; i < header->vmas.count; i++) {
		error = rfork_vma_map(&vmas[i], restore->vma_files[i],
				      holds_pages(header, &vmas[i]));
		if (error)
			return rfork_refuse(restore->why, error, "[%#llx, %#llx) cannot be mapped",
					    vmas[i].start, vmas[i].end);
	}
	if (!header->vdso)
		return 0;
	error = rfork_sym.do_arch_prctl_64(current, ARCH_MAP_VDSO_64, header->vdso);
	return error < 0 ? rfork_refuse(restore->why, error, "the vDSO cannot be mapped") : 0;
}

static void make_mm_fields(const struct rfork_image_header *header)
{
	struct mm_struct *mm = current->mm;

	mmap_write_lock(mm);
	mm->start_code = header->start_code;
	mm->end_code = header->end_code;
	mm->start_data = header->start_data;
	mm->end_data = header->end_data;
	mm->start_brk = header->start_brk;
	mm->brk = header->brk;
	mm->start_stack = header->start_stack;
	mm->arg_start = header->arg_start;
	mm->arg_end = header->arg_end;
	mm->env_start = header->env_start;
	mm->env_end = header->env_end;
	mm->mmap_base = header->mmap_base;
	memcpy(mm->saved_auxv, header->auxv, sizeof(mm->saved_auxv));
	rfork_registrations_make(mm, header);
	mmap_write_unlock(mm);
}

int rfork_make_process(struct restore *restore)
{
	const struct rfork_image_header *header = restore->header;
	struct k_sigaction *actions = current->sighand->action;
	int i;

	make_mm_fields(header);
	spin_lock_irq(&current->sighand->siglock);
	for (i = 0; i < _NSIG; i++) {
		actions[i].sa.sa_handler = (void __user *)header->actions[i].handler;
		actions[i].sa.sa_flags = header->actions[i].flags;
		actions[i].sa.sa_restorer = (void __user *)header->actions[i].restorer;
		actions[i].sa.sa_mask.sig[0] = header->actions[i].mask;
	}
	spin_unlock_irq(&current->sighand->siglock);
	rfork_sym.set_fs_pwd(current->fs, &restore->cwd);
	current->fs->umask = header->umask & 0777;
	current->personality = header->personality;
	if (!restore->exe || !rfork_sym.set_mm_exe_file(current->mm, restore->exe))
		return 0;
	return rfork_refuse(restore->why, -ETXTBSY, "the program's file is open for writing here");
}
