/* SPDX-License-Identifier: GPL-2.0 */
/* What differs between the supported kernels, 6.1 and 6.12, at the level of single calls. */
#ifndef RFORK_COMPAT_H
#define RFORK_COMPAT_H

#include <linux/fdtable.h>
#include <linux/mm.h>
#include <linux/mmu_notifier.h>
#include <linux/sched/signal.h>
#include <linux/version.h>
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 3, 0)
#include <linux/filelock.h>
#endif
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 9, 0)
#include <linux/rseq.h>
#endif

/*
 * Elsewhere hooked functions have other arguments, page tables other rules, and nothing here was
 * tried. See the README on what later kernels would need.
 */
#define RFORK_IS_RELEASE(minor)						\
	(LINUX_VERSION_CODE >= KERNEL_VERSION(6, minor, 0) &&		\
	 LINUX_VERSION_CODE < KERNEL_VERSION(6, (minor) + 1, 0))
#if !RFORK_IS_RELEASE(1) && !RFORK_IS_RELEASE(12)
#error "rfork supports Linux 6.1 and 6.12; for other kernels see Supported kernels in its README"
#endif

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 3, 0)
static inline void vm_flags_set(struct vm_area_struct *vma, vm_flags_t flags)
{
	vma->vm_flags |= flags;
}
#endif

/* Before 6.6 the struct page of a page table had no name of its own. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 6, 0)
#define ptdesc page
#define page_ptdesc(page) (page)
#define pagetable_pte_ctor pgtable_pte_page_ctor
#define pagetable_pte_dtor pgtable_pte_page_dtor
#endif

static inline bool rfork_pmd_leaf(pmd_t pmd)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 9, 0)
	return pmd_large(pmd);
#else
	return pmd_leaf(pmd);
#endif
}

static inline bool rfork_pud_leaf(pud_t pud)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 9, 0)
	return pud_large(pud);
#else
	return pud_leaf(pud);
#endif
}

static inline pte_t rfork_pte_mkwrite(pte_t pte)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 6, 0)
	return pte_mkwrite(pte);
#else
	return pte_mkwrite_novma(pte);
#endif
}

static inline spinlock_t *rfork_leaf_lockptr(struct mm_struct *mm, pmd_t *pmd)
{
	return pte_lockptr(mm, pmd);
}

static inline void rfork_range_init(struct mmu_notifier_range *range, struct mm_struct *mm,
				    unsigned long start, unsigned long end)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 3, 0)
	mmu_notifier_range_init(range, MMU_NOTIFY_CLEAR, 0, NULL, mm, start, end);
#else
	mmu_notifier_range_init(range, MMU_NOTIFY_CLEAR, 0, mm, start, end);
#endif
}

static inline void rfork_add_anon_rss(struct mm_struct *mm, long pages)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 2, 0)
	atomic_long_add(pages, &mm->rss_stat.count[MM_ANONPAGES]);
#else
	percpu_counter_add(&mm->rss_stat[MM_ANONPAGES], pages);
#endif
}

/* Fails in debugging kernels where neither the mmap lock nor the VMA's own is held. */
static inline void rfork_assert_vma_locked(struct vm_area_struct *vma)
{
#ifdef CONFIG_PER_VMA_LOCK
	if (rwsem_is_locked(&vma->vm_lock->lock))
		return;
#endif
	mmap_assert_locked(vma->vm_mm);
}

/* As anon_vma_name() says, which modules may not call where there are names. */
static inline bool rfork_vma_is_named(const struct vm_area_struct *vma)
{
#ifdef CONFIG_ANON_VMA_NAME
	return vma->anon_name;
#else
	return false;
#endif
}

static inline struct timespec64 rfork_mtime(const struct inode *inode)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 7, 0)
	return inode->i_mtime;
#else
	return inode_get_mtime(inode);
#endif
}

static inline bool rfork_has_posix_timers(const struct signal_struct *signal)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 12, 0)
	return !list_empty(&signal->posix_timers);
#else
	return !hlist_empty(&signal->posix_timers);
#endif
}

/*
 * By which the user knows it: what is mapped of an overlay is a file of a layer, which 6.12 says
 * where it is used.
 */
static inline const struct path *rfork_user_path(const struct file *file)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 12, 0)
	return &file->f_path;
#else
	return file_user_path(file);
#endif
}

/* Whether somebody is, or has an own signal, to be told of what happens to it. */
static inline bool rfork_tells_somebody(const struct file *file)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 12, 0)
	const struct fown_struct *owner = &file->f_owner;
#else
	const struct fown_struct *owner = file_f_owner(file);
#endif
	return owner && (READ_ONCE(owner->pid) || READ_ONCE(owner->signum));
}

/* Older kernels know but one length. */
static inline u32 rfork_rseq_length(const struct task_struct *task)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 3, 0)
	return 0;
#else
	return task->rseq_len;
#endif
}

static inline void rfork_set_rseq_length(struct task_struct *task, u32 bytes)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 3, 0)
	task->rseq_len = bytes;
#endif
}

/* Of the running process, under RCU. */
static inline bool rfork_close_on_exec(unsigned int fd)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 11, 0)
	return close_on_exec(fd, files_fdtable(current->files));
#else
	return close_on_exec(fd, current->files);
#endif
}

#endif
