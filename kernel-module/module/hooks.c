// SPDX-License-Identifier: GPL-2.0
/*
 * Where the kernel is about to change page tables of a child, by redirected functions.
 *
 *   handle_mm_fault   a fault may install or change an entry: unshare the leaf, migrate the page
 *   copy_page_range   fork: the new address space holds pages of the image
 *   copy_vma          mremap: entries will be moved into the destination's leaves
 *   exit_mmap         leaves in the region must go before the kernel frees page tables
 *   mmap_region       a driver may fill a new mapping at once, in the gap of an attached leaf
 *   vma_merge         mremap: a mapping with pages of the image may grow in place
 *   userfaultfd_ioctl the gate to what fills holes of leaves without a fault
 *   uprobe_write_...  a probe of perf or bpftrace replaces a page of code, counting it as a file's
 *
 * All other changes come with an mmu notifier (notifier.c). Whether an address space is ours is
 * decided in the ftrace callback, so other processes never run in redirected code. A child holds
 * the module, so redirected code of a child keeps the module loaded.
 */
#include <linux/ftrace.h>
#include <linux/rcupdate.h>
#include "hooks.h"

struct hook {
	struct ftrace_ops ops;
	unsigned long *target;
	void *replacement;
	/* The address space in question, from the function's first (or second) argument. */
	struct mm_struct *(*mm_of)(unsigned long argument);
	bool second_argument;
	bool armed;
};

static notrace struct mm_struct *mm_itself(unsigned long mm)
{
	return (struct mm_struct *)mm;
}

static notrace struct mm_struct *mm_of_vma(unsigned long vma)
{
	return ((struct vm_area_struct *)vma)->vm_mm;
}

static notrace struct mm_struct *mm_of_vma_pointer(unsigned long vmap)
{
	return (*(struct vm_area_struct **)vmap)->vm_mm;
}

static notrace struct mm_struct *mm_of_current(unsigned long unused)
{
	return current->mm;
}

static notrace void redirect(unsigned long ip, unsigned long parent_ip, struct ftrace_ops *ops,
			     struct ftrace_regs *fregs)
{
	struct hook *hook = container_of(ops, struct hook, ops);
	struct pt_regs *regs = ftrace_get_regs(fregs);
	unsigned long argument;

	/* A call out of this module is the redirected function calling the original. */
	if (!atomic_read(&rfork_children) || !regs || within_module(parent_ip, THIS_MODULE))
		return;
	argument = hook->second_argument ? regs->si : regs->di;
	if (rfork_child_of(hook->mm_of(argument)))
		regs->ip = (unsigned long)hook->replacement;
}

static struct hook hooks[] = {
	{ .target = &rfork_sym.handle_mm_fault, .replacement = rfork_hook_handle_mm_fault,
	  .mm_of = mm_of_vma },
	{ .target = (unsigned long *)&rfork_sym.copy_page_range,
	  .replacement = rfork_hook_copy_page_range, .mm_of = mm_of_vma, .second_argument = true },
	{ .target = (unsigned long *)&rfork_sym.copy_vma, .replacement = rfork_hook_copy_vma,
	  .mm_of = mm_of_vma_pointer },
	{ .target = (unsigned long *)&rfork_sym.exit_mmap, .replacement = rfork_hook_exit_mmap,
	  .mm_of = mm_itself },
	{ .target = (unsigned long *)&rfork_sym.mmap_region, .replacement = rfork_hook_mmap_region,
	  .mm_of = mm_of_current },
#ifdef CONFIG_USERFAULTFD
	{ .target = (unsigned long *)&rfork_sym.userfaultfd_ioctl,
	  .replacement = rfork_hook_userfaultfd_ioctl, .mm_of = rfork_mm_of_userfaultfd },
#endif
#ifdef CONFIG_UPROBES
	{ .target = (unsigned long *)&rfork_sym.uprobe_write_opcode,
	  .replacement = rfork_hook_uprobe_write_opcode, .mm_of = mm_itself,
	  .second_argument = true },
#endif
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 11, 0)
	{ .target = (unsigned long *)&rfork_sym.extend, .replacement = rfork_hook_extend,
	  .mm_of = mm_itself },
#else
	{ .target = (unsigned long *)&rfork_sym.extend, .replacement = rfork_hook_extend,
	  .mm_of = mm_of_vma, .second_argument = true },
#endif
};

/* The kernel takes an indirect call only to functions whose address it takes itself. */
static int check_ibt(void)
{
#ifdef CONFIG_X86_KERNEL_IBT
	if (cpu_feature_enabled(X86_FEATURE_IBT)) {
		pr_err("indirect branch tracking is on; boot with ibt=off\n");
		return -EOPNOTSUPP;
	}
#endif
	return 0;
}

int rfork_hooks_init(void)
{
	int error = check_ibt();
	size_t i;

	for (i = 0; !error && i < ARRAY_SIZE(hooks); i++) {
		struct hook *hook = &hooks[i];

		hook->ops.func = redirect;
		/* Permanent: sysctl kernel.ftrace_enabled=0 must not take the hooks away. */
		hook->ops.flags = FTRACE_OPS_FL_SAVE_REGS | FTRACE_OPS_FL_IPMODIFY |
				  FTRACE_OPS_FL_PERMANENT;
		error = ftrace_set_filter_ip(&hook->ops, *hook->target, 0, 0);
		if (!error)
			error = register_ftrace_function(&hook->ops);
		if (error)
			pr_err("%ps cannot be hooked (error %d); is a live patch or another tracer on it?\n",
			       (void *)*hook->target, error);
		else
			hook->armed = true;
	}
	if (error)
		rfork_hooks_exit();
	return error;
}

void rfork_hooks_exit(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(hooks); i++) {
		if (hooks[i].armed)
			unregister_ftrace_function(&hooks[i].ops);
		ftrace_free_filter(&hooks[i].ops);
	}
	/* A task may still be in the last instructions of rfork_hook_exit_mmap. */
	synchronize_rcu_tasks();
	rcu_barrier();
}
