/* SPDX-License-Identifier: GPL-2.0 */
/* Kernel functions that are not exported. */
#ifndef RFORK_SYMBOLS_H
#define RFORK_SYMBOLS_H

#include <linux/mm.h>
#include <linux/mmu_notifier.h>
#include <linux/rmap.h>
#include <linux/uprobes.h>
#include "compat.h"

struct epoll_event;

struct rfork_symbols {
	int (*p4d_alloc)(struct mm_struct *mm, pgd_t *pgd, unsigned long address);
	int (*pud_alloc)(struct mm_struct *mm, p4d_t *p4d, unsigned long address);
	int (*pmd_alloc)(struct mm_struct *mm, pud_t *pud, unsigned long address);
	void (*flush_tlb_mm_range)(struct mm_struct *mm, unsigned long start, unsigned long end,
				   unsigned int stride_shift, bool freed_tables);
	long (*do_arch_prctl_64)(struct task_struct *task, int option, unsigned long arg);
	int (*anon_vma_prepare)(struct vm_area_struct *vma);
	int (*mem_cgroup_charge)(struct folio *folio, struct mm_struct *mm, gfp_t gfp);
	void (*folio_add_lru_vma)(struct folio *folio, struct vm_area_struct *vma);
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 7, 0)
	void (*page_add_new_anon_rmap)(struct page *page, struct vm_area_struct *vma,
				       unsigned long address);
#else
	void (*folio_add_new_anon_rmap)(struct folio *folio, struct vm_area_struct *vma,
					unsigned long address, rmap_t flags);
#endif
	int (*notifier_range_start)(struct mmu_notifier_range *range);
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 6, 0)
	void (*notifier_range_end)(struct mmu_notifier_range *range, bool only_end);
#else
	void (*notifier_range_end)(struct mmu_notifier_range *range);
#endif
#if ALLOC_SPLIT_PTLOCKS
	bool (*ptlock_alloc)(struct ptdesc *table);
	void (*ptlock_free)(struct ptdesc *table);
#endif
	int (*set_mm_exe_file)(struct mm_struct *mm, struct file *file);
	void (*set_task_comm)(struct task_struct *task, const char *name, bool exec);
	void (*set_fs_pwd)(struct fs_struct *fs, const struct path *path);
	long (*eventfd2)(const struct pt_regs *regs);
	long (*epoll_create1)(const struct pt_regs *regs);
	int (*do_epoll_ctl)(int epoll, int operation, int fd, struct epoll_event *event,
			    bool nonblock);
	int (*create_pipe_files)(struct file **ends, int flags);
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 4, 0)
	long (*pipe_fcntl)(struct file *file, unsigned int command, unsigned long argument);
#else
	long (*pipe_fcntl)(struct file *file, unsigned int command, unsigned int argument);
#endif
	int (*replace_fd)(unsigned int fd, struct file *file, unsigned int flags);
	void (*lru_add_drain_all)(void);
	void (*zap_page_range_single)(struct vm_area_struct *vma, unsigned long address,
				      unsigned long bytes, struct zap_details *details);
	/* Hooked ones. */
	void (*exit_mmap)(struct mm_struct *mm);
	int (*copy_page_range)(struct vm_area_struct *dst, struct vm_area_struct *src);
	struct vm_area_struct *(*copy_vma)(struct vm_area_struct **vmap, unsigned long address,
					   unsigned long bytes, pgoff_t pgoff, bool *need_rmap,
					   bool keep_source);
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 11, 0)
	struct vm_area_struct *(*extend)(struct mm_struct *mm, struct vm_area_struct *prev,
		unsigned long start, unsigned long end, unsigned long vm_flags,
		struct anon_vma *anon_vma, struct file *file, pgoff_t pgoff,
		struct mempolicy *policy, struct vm_userfaultfd_ctx ctx,
		struct anon_vma_name *anon_name);
#else
	struct vm_area_struct *(*extend)(struct vma_iterator *vmi, struct vm_area_struct *vma,
					 unsigned long delta);
#endif
	unsigned long (*mmap_region)(struct file *file, unsigned long address, unsigned long bytes,
				     vm_flags_t vm_flags, unsigned long pgoff,
				     struct list_head *uf);
#ifdef CONFIG_USERFAULTFD
	long (*userfaultfd_ioctl)(struct file *file, unsigned int command, unsigned long argument);
#endif
#ifdef CONFIG_UPROBES
	int (*uprobe_write_opcode)(struct arch_uprobe *auprobe, struct mm_struct *mm,
				   unsigned long address, uprobe_opcode_t opcode);
	/* Not hooked. */
	int (*uprobe_mmap)(struct vm_area_struct *vma);
	void (*uprobe_munmap)(struct vm_area_struct *vma, unsigned long start, unsigned long end);
#endif
#ifdef CONFIG_KCMP
	struct file *(*get_epoll_tfile_raw_ptr)(struct file *file, int fd, unsigned long nth);
#endif
	int (*vm_enough_memory)(struct mm_struct *mm, long pages, int privileged);
	struct percpu_counter *vm_committed_as;
	int *overcommit_memory;
	int (*cap_mmap_addr)(unsigned long address);
#ifdef CONFIG_CGROUPS
	spinlock_t *css_set_lock;
#endif
	/* What goes on after a stop; only compared. */
	const void *restart_poll, *restart_futex, *restart_sleep, *restart_cpu_sleep;
	int *max_map_count;
	unsigned long handle_mm_fault;
	const void *vdso_image;
};
extern struct rfork_symbols rfork_sym;
int rfork_symbols_init(void);

#endif
