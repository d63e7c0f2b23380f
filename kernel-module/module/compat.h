/* SPDX-License-Identifier: GPL-2.0 */
/* What differs between the supported kernels, 6.1 and 6.12, at the level of single calls. */
#ifndef RFORK_COMPAT_H
#define RFORK_COMPAT_H

#include <linux/fdtable.h>
#include <linux/mm.h>
#include <linux/mmu_notifier.h>
#include <linux/version.h>

/*
 * Elsewhere hooked functions have other arguments, page tables other rules, and nothing here was tried.
 * See the README on what later kernels would need.
 */
#if !(LINUX_VERSION_CODE >= KERNEL_VERSION(6, 1, 0) && LINUX_VERSION_CODE < KERNEL_VERSION(6, 2, 0)) && \
    !(LINUX_VERSION_CODE >= KERNEL_VERSION(6, 12, 0) && LINUX_VERSION_CODE < KERNEL_VERSION(6, 13, 0))
#error "rfork supports Linux 6.1 and 6.12; for other kernels see Supported kernels in its README"
#endif

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 3, 0)
static inline void vm_flags_set(struct vm_area_struct *vma, vm_flags_t flags)
{
	vma->vm_flags |= flags;
}
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
