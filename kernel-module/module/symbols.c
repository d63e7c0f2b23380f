// SPDX-License-Identifier: GPL-2.0
/*
 * Kernel functions the module needs and the kernel does not export, found by name through a kprobe.
 */
#include <linux/fs.h>
#include <linux/uaccess.h>
#include <linux/eventpoll.h>
#include <linux/file.h>
#include <linux/fs_struct.h>
#include <linux/kprobes.h>
#include <linux/memcontrol.h>
#include <linux/mman.h>
#include <linux/pipe_fs_i.h>
#include <linux/security.h>
#include <linux/swap.h>
#include <asm/proto.h>
#include "hooks.h"

struct rfork_symbols rfork_sym;

typedef unsigned long (*lookup_fn)(const char *name);

static lookup_fn find_lookup(void)
{
	struct kprobe probe = { .symbol_name = "kallsyms_lookup_name" };
	lookup_fn lookup;

	if (register_kprobe(&probe))
		return NULL;
	lookup = (lookup_fn)probe.addr;
	unregister_kprobe(&probe);
	return lookup;
}

/* Of a function that a header declares: what is typed in symbols.h is what the kernel has. */
#define SYMBOL(field, symbol) {								\
	.name = #symbol,								\
	.where = (void **)&rfork_sym.field +						\
		 BUILD_BUG_ON_ZERO(!__same_type(rfork_sym.field, &symbol)),		\
}
/* Of one that no header declares to modules. */
#define HIDDEN(field, symbol) { .name = symbol, .where = (void **)&rfork_sym.field }

static const struct {
	const char *name;
	void **where;
} wanted[] = {
	SYMBOL(p4d_alloc, __p4d_alloc),
	SYMBOL(pud_alloc, __pud_alloc),
	SYMBOL(pmd_alloc, __pmd_alloc),
	HIDDEN(flush_tlb_mm_range, "flush_tlb_mm_range"),
	SYMBOL(do_arch_prctl_64, do_arch_prctl_64),
	SYMBOL(anon_vma_prepare, __anon_vma_prepare),
	SYMBOL(mem_cgroup_charge, __mem_cgroup_charge),
	SYMBOL(folio_add_lru_vma, folio_add_lru_vma),
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 7, 0)
	SYMBOL(page_add_new_anon_rmap, page_add_new_anon_rmap),
#else
	SYMBOL(folio_add_new_anon_rmap, folio_add_new_anon_rmap),
#endif
	SYMBOL(notifier_range_start, __mmu_notifier_invalidate_range_start),
	SYMBOL(notifier_range_end, __mmu_notifier_invalidate_range_end),
#if ALLOC_SPLIT_PTLOCKS
	SYMBOL(ptlock_alloc, ptlock_alloc),
	SYMBOL(ptlock_free, ptlock_free),
#endif
	SYMBOL(set_mm_exe_file, set_mm_exe_file),
	SYMBOL(set_task_comm, __set_task_comm),
	SYMBOL(set_fs_pwd, set_fs_pwd),
	SYMBOL(replace_fd, replace_fd),
	HIDDEN(eventfd2, "__x64_sys_eventfd2"),
	HIDDEN(epoll_create1, "__x64_sys_epoll_create1"),
	SYMBOL(do_epoll_ctl, do_epoll_ctl),
	SYMBOL(create_pipe_files, create_pipe_files),
	SYMBOL(pipe_fcntl, pipe_fcntl),
	SYMBOL(lru_add_drain_all, lru_add_drain_all),
	SYMBOL(zap_page_range_single, zap_page_range_single),
	SYMBOL(exit_mmap, exit_mmap),
	SYMBOL(copy_page_range, copy_page_range),
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 11, 0)
	SYMBOL(copy_vma, copy_vma),
	SYMBOL(extend, vma_merge),
#else
	HIDDEN(copy_vma, "copy_vma"),
	HIDDEN(extend, "vma_merge_extend"),
#endif
	SYMBOL(mmap_region, mmap_region),
#ifdef CONFIG_USERFAULTFD
	HIDDEN(userfaultfd_ioctl, "userfaultfd_ioctl"),
#endif
#ifdef CONFIG_UPROBES
	SYMBOL(uprobe_write_opcode, uprobe_write_opcode),
	SYMBOL(uprobe_mmap, uprobe_mmap),
	SYMBOL(uprobe_munmap, uprobe_munmap),
#endif
#ifdef CONFIG_KCMP
	SYMBOL(get_epoll_tfile_raw_ptr, get_epoll_tfile_raw_ptr),
#endif
	SYMBOL(vm_enough_memory, __vm_enough_memory),
	SYMBOL(vm_committed_as, vm_committed_as),
	SYMBOL(overcommit_memory, sysctl_overcommit_memory),
	SYMBOL(cap_mmap_addr, cap_mmap_addr),
#ifdef CONFIG_CGROUPS
	HIDDEN(css_set_lock, "css_set_lock"),
#endif
	HIDDEN(restart_poll, "do_restart_poll"),
	HIDDEN(restart_futex, "futex_wait_restart"),
	HIDDEN(restart_sleep, "hrtimer_nanosleep_restart"),
	HIDDEN(restart_cpu_sleep, "posix_cpu_nsleep_restart"),
	SYMBOL(max_map_count, sysctl_max_map_count),
	HIDDEN(handle_mm_fault, "handle_mm_fault"),
	HIDDEN(vdso_image, "vdso_image_64"),
};

static_assert(__same_type(rfork_hook_handle_mm_fault, handle_mm_fault));

int rfork_symbols_init(void)
{
	lookup_fn lookup = find_lookup();
	size_t i;

	if (!lookup) {
		pr_err("kallsyms_lookup_name is not found; kprobes must be enabled\n");
		return -ENOENT;
	}
	for (i = 0; i < ARRAY_SIZE(wanted); i++) {
		*wanted[i].where = (void *)lookup(wanted[i].name);
		if (!*wanted[i].where) {
			pr_err("this kernel has no symbol %s; Debian's 6.1 and 6.12 have\n",
			       wanted[i].name);
			return -ENOENT;
		}
	}
	return 0;
}
