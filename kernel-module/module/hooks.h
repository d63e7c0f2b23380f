/* SPDX-License-Identifier: GPL-2.0 */
/* What runs in place of a kernel function when it is called for a child; by its arguments. */
#ifndef RFORK_HOOKS_H
#define RFORK_HOOKS_H

#include <linux/uprobes.h>
#include "rfork-module.h"

vm_fault_t rfork_hook_handle_mm_fault(struct vm_area_struct *vma, unsigned long address,
				      unsigned int flags, struct pt_regs *regs);
int rfork_hook_copy_page_range(struct vm_area_struct *dst, struct vm_area_struct *src);
struct vm_area_struct *rfork_hook_copy_vma(struct vm_area_struct **vmap, unsigned long address,
					   unsigned long bytes, pgoff_t pgoff, bool *need_rmap,
					   bool keep_source);
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 11, 0)
struct vm_area_struct *rfork_hook_extend(struct mm_struct *mm, struct vm_area_struct *prev,
		unsigned long start, unsigned long end, unsigned long vm_flags,
		struct anon_vma *anon_vma, struct file *file, pgoff_t pgoff,
		struct mempolicy *policy, struct vm_userfaultfd_ctx ctx,
		struct anon_vma_name *anon_name);
#else
struct vm_area_struct *rfork_hook_extend(struct vma_iterator *vmi, struct vm_area_struct *vma,
					 unsigned long delta);
#endif
unsigned long rfork_hook_mmap_region(struct file *file, unsigned long address, unsigned long bytes,
				     vm_flags_t vm_flags, unsigned long pgoff,
				     struct list_head *uf);
void rfork_hook_exit_mmap(struct mm_struct *mm);

#ifdef CONFIG_USERFAULTFD
struct mm_struct *rfork_mm_of_userfaultfd(unsigned long file);
long rfork_hook_userfaultfd_ioctl(struct file *file, unsigned int command, unsigned long argument);
#endif
#ifdef CONFIG_UPROBES
int rfork_hook_uprobe_write_opcode(struct arch_uprobe *auprobe, struct mm_struct *mm,
				   unsigned long address, uprobe_opcode_t opcode);
#endif

#endif
