// SPDX-License-Identifier: GPL-2.0
/* VMAs: what kinds an image can hold, and how they are made again. */
#include <linux/hugetlb_inline.h>
#include <linux/mempolicy.h>
#include <linux/mm_inline.h>
#include <linux/mman.h>
#include <linux/mount.h>
#include <linux/sched/coredump.h>
#include <linux/userfaultfd_k.h>
#include <asm/mmu_context.h>
#include "vma.h"

enum rfork_vma_kind rfork_vma_kind(struct vm_area_struct *vma)
{
	const char *name;

	if (!vma->vm_ops || !vma->vm_ops->name)
		return RFORK_VMA_NORMAL;
	name = vma->vm_ops->name(vma);
	if (name && !strcmp(name, "[vvar]"))
		return RFORK_VMA_VVAR;
	if (name && !strcmp(name, "[vdso]"))
		return RFORK_VMA_VDSO;
	/* Where probed instructions are stepped through, as long as somebody probes. */
	if (name && !strcmp(name, "[uprobes]"))
		return RFORK_VMA_PROBES;
	return RFORK_VMA_NORMAL;
}

bool rfork_vma_is_shared_anonymous(const struct vm_area_struct *vma)
{
	const struct path *path = vma->vm_file ? &vma->vm_file->f_path : NULL;

	/*
	 * No name of a memfd or of System V memory begins so, and no user mounts this file system.
	 */
	return path && vma->vm_flags & VM_SHARED && path->mnt->mnt_flags & MNT_INTERNAL &&
	       d_unhashed(path->dentry) && !strcmp(path->dentry->d_name.name, "dev/zero");
}

/*
 * Whether somebody has set a probe in it. The kernel tells by asking the process to recount its
 * probes.
 */
static bool has_probes(struct vm_area_struct *vma)
{
#ifdef CONFIG_UPROBES
	unsigned long *flags = &vma->vm_mm->flags;
	bool recount = test_and_clear_bit(MMF_RECALC_UPROBES, flags), found;

	rfork_sym.uprobe_munmap(vma, vma->vm_start, vma->vm_end);
	found = test_bit(MMF_RECALC_UPROBES, flags);
	if (recount)
		set_bit(MMF_RECALC_UPROBES, flags);
	return found;
#else
	return false;
#endif
}

static const char *refused_kind(struct vm_area_struct *vma)
{
	unsigned long flags = vma->vm_flags;

	if (is_vm_hugetlb_page(vma))
		return "hugetlb memory";
	if (userfaultfd_armed(vma) || vma->vm_userfaultfd_ctx.ctx)
		return "userfaultfd registration";
	if (flags & (VM_IO | VM_PFNMAP))
		return "device memory";
#ifdef CONFIG_X86_USER_SHADOW_STACK
	if (flags & VM_SHADOW_STACK)
		return "shadow stack";
#endif
#ifdef VM_SEALED
	if (flags & VM_SEALED)
		return "sealed memory";
#endif
#ifdef VM_DROPPABLE
	if (flags & VM_DROPPABLE)
		return "droppable memory";
#endif
	if (vma_pkey(vma))
		return "protection key";
	if (vma->vm_file && has_probes(vma))
		return "probes in code (perf, bpftrace)";
	if (!vma->vm_file)
		return NULL;
	if (!strcmp(vma->vm_file->f_path.dentry->d_name.name, "[aio]"))
		return "asynchronous I/O (io_setup)";
	if (rfork_vma_is_shared_anonymous(vma))
		return NULL;
	/* Of memfd and System V memory there is no name to find it by. */
	if (d_unhashed(rfork_user_path(vma->vm_file)->dentry))
		return flags & VM_SHARED ? "shared memory of a memfd, of System V or of a deleted file" :
					   "mapping of a deleted file";
	if (!S_ISREG(file_inode(vma->vm_file)->i_mode) && flags & VM_SHARED)
		return "shared mapping of a device";
	return NULL;
}

int rfork_vma_refuse(struct vm_area_struct *vma, struct rfork_reason *why)
{
	const char *kind = refused_kind(vma);

	return kind ? rfork_refuse(why, -EOPNOTSUPP, "%s at [%#lx, %#lx)", kind, vma->vm_start,
				   vma->vm_end) : 0;
}

u64 rfork_vma_lacks(struct vm_area_struct *vma)
{
	u64 lacks = vma->vm_flags & (VM_LOCKED | VM_LOCKONFAULT) ? RFORK_LACKS_LOCKS : 0;

	if (vma->vm_flags & VM_MERGEABLE)
		lacks |= RFORK_LACKS_MERGING;
	if (rfork_vma_is_named(vma))
		lacks |= RFORK_LACKS_NAMES;
	if (vma_policy(vma))
		lacks |= RFORK_LACKS_POLICIES;
	return lacks;
}

#define KEPT_FLAGS (VM_DONTCOPY | VM_WIPEONFORK | VM_DONTDUMP | VM_HUGEPAGE | VM_NOHUGEPAGE | \
		    VM_SEQ_READ | VM_RAND_READ)

static int set_flags(const struct rfork_vma *record, bool holds_pages)
{
	struct mm_struct *mm = current->mm;
	struct vm_area_struct *vma;
	int error = 0;

	mmap_write_lock(mm);
	vma = find_vma(mm, record->start);
	if (vma && vma->vm_start <= record->start && vma->vm_end >= record->end) {
		/*
		 * MIXEDMAP: without it fork skips a VMA that has no anonymous page yet, and
		 * khugepaged, KSM and NUMA balancing would take the image's pages for ordinary
		 * ones.
		 */
		vm_flags_set(vma, (record->flags & KEPT_FLAGS) | (holds_pages ? VM_MIXEDMAP : 0));
		/* A core dump, too, skips private memory without it. */
		if (holds_pages && !vma->anon_vma && rfork_sym.anon_vma_prepare(vma))
			error = -ENOMEM;
	} else {
		error = -EFAULT;
	}
	mmap_write_unlock(mm);
	return error;
}

/* In the caller's address space, which is empty there. */
int rfork_vma_map(const struct rfork_vma *record, struct file *file, bool holds_pages)
{
	unsigned long prot = 0, flags = MAP_FIXED, at;

	prot |= record->flags & VM_READ ? PROT_READ : 0;
	prot |= record->flags & VM_WRITE ? PROT_WRITE : 0;
	prot |= record->flags & VM_EXEC ? PROT_EXEC : 0;
	flags |= record->flags & VM_SHARED ? MAP_SHARED : MAP_PRIVATE;
	flags |= file ? 0 : MAP_ANONYMOUS;
	flags |= record->flags & VM_GROWSDOWN ? MAP_GROWSDOWN : 0;
	flags |= record->flags & VM_NORESERVE ? MAP_NORESERVE : 0;
	at = vm_mmap(file, record->start, record->end - record->start, prot, flags,
		     file ? record->pgoff << PAGE_SHIFT : 0);
	if (IS_ERR_VALUE(at))
		return (int)at;
	return set_flags(record, holds_pages);
}
