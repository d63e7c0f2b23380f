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
 *   mfill_atomic_...  userfaultfd fills holes of leaves without a fault
 *
 * All other changes come with an mmu notifier (child.c). Whether an address space is ours is decided
 * in the ftrace callback, so other processes never run in redirected code. A child holds the module,
 * so redirected code of a child keeps the module loaded.
 */
#include <linux/ftrace.h>
#include <linux/rcupdate.h>
#include <linux/mm.h>
#include <linux/userfaultfd_k.h>
#include "rfork-module.h"
#include "trace.h"

bool rfork_unshare_hooks = true;
module_param_named(unshare_hooks, rfork_unshare_hooks, bool, 0444);
MODULE_PARM_DESC(unshare_hooks, "0 switches copy-before-change of leaves off: images get corrupted (for tests)");

static bool deferred_window(struct rfork_child *child, struct vm_area_struct *vma,
			    unsigned long address)
{
	/* The fault may hold the lock of its mapping only: no other is looked into. */
	unsigned long end = min(vma->vm_end, address + child->prefetch_pages * PAGE_SIZE);

	for (address += PAGE_SIZE; address < end; address += PAGE_SIZE) {
		pmd_t *pmd = rfork_pmd(vma->vm_mm, address);
		spinlock_t *ptl;
		pte_t *ptep = pmd ? rfork_leaf_lock(vma->vm_mm, pmd, address, &ptl) : NULL;
		bool deferred = ptep && rfork_page_deferred(*ptep);

		if (ptep)
			spin_unlock(ptl);
		if (deferred && rfork_page_migrate(child, vma, address, RFORK_BY_PREFETCH) < 0)
			return false;
	}
	return true;
}

/* Makes the entry of a faulting address one the kernel can handle. Negative: no memory. */
static int before_fault(struct rfork_child *child, struct vm_area_struct *vma,
			unsigned long address, unsigned int flags)
{
	bool write = flags & (FAULT_FLAG_WRITE | FAULT_FLAG_UNSHARE), deferred;
	pmd_t *pmd = rfork_pmd(vma->vm_mm, address);
	spinlock_t *ptl;
	pte_t *ptep, pte;
	int moved;

	if (!pmd)
		return 0;
	ptep = rfork_leaf_lock(vma->vm_mm, pmd, address, &ptl);
	if (!ptep)
		return 0;
	pte = *ptep;
	spin_unlock(ptl);
	if (rfork_pmd_attached(READ_ONCE(*pmd))) {
		if (pte_present(pte) && !write)
			return 0;
		if (rfork_leaf_unshare(child, address, true))
			return -ENOMEM;
	}
	if (!rfork_pte_is_ours(pte) || !vma_is_accessible(vma))
		return 0;
	deferred = rfork_page_deferred(pte);
	if (!write && !deferred)
		return 0;
	moved = rfork_page_migrate(child, vma, address, write ? RFORK_BY_WRITE : RFORK_BY_ACCESS);
	if (moved <= 0)
		return moved;
	if (deferred)
		rfork_count_add(&child->tally, faults_deferred, 1);
	else
		rfork_count_add(&child->tally, faults_write, 1);
	if (!current->mm || current->mm != vma->vm_mm)
		rfork_count_add(&child->tally, faults_remote, 1);
	trace_rfork_migrate(rfork_image_id(child->image), address, write, deferred);
	if (deferred && child->prefetch_pages > 1)
		deferred_window(child, vma, address & PAGE_MASK);
	return 0;
}

static vm_fault_t hook_handle_mm_fault(struct vm_area_struct *vma, unsigned long address,
				       unsigned int flags, struct pt_regs *regs)
{
	struct rfork_child *child = rfork_child_of(vma->vm_mm);

	if (child && rfork_unshare_hooks) {
		rfork_count_add(&child->tally, faults, 1);
		if (before_fault(child, vma, address, flags) < 0)
			return VM_FAULT_OOM;
	}
	return handle_mm_fault(vma, address, flags, regs);
}

static int hook_copy_page_range(struct vm_area_struct *dst, struct vm_area_struct *src)
{
	struct rfork_child *parent = rfork_child_of(src->vm_mm), *child;

	if (parent && !rfork_child_of(dst->vm_mm)) {
		child = rfork_child_new(dst->vm_mm, parent->image, 0);
		if (!child)
			return -ENOMEM;
		child->prefetch_pages = parent->prefetch_pages;
		rfork_image_hold(parent->image);
		rfork_child_publish(child);
		rfork_count_add(&parent->tally, children_forked, 1);
	}
	return rfork_sym.copy_page_range(dst, src);
}

static struct vm_area_struct *hook_copy_vma(struct vm_area_struct **vmap, unsigned long address,
					    unsigned long bytes, pgoff_t pgoff, bool *need_rmap,
					    bool keep_source)
{
	struct rfork_child *child = rfork_child_of((*vmap)->vm_mm);

	if (child && rfork_unshare_hooks && rfork_leaf_unshare_range(child, address, address + bytes))
		return NULL;
	return rfork_sym.copy_vma(vmap, address, bytes, pgoff, need_rmap, keep_source);
}

/*
 * The kernel extends no VM_MIXEDMAP mapping, so mremap() would fail where the program's own would have
 * grown. The flag is set again before anybody can see it missing: the mmap lock is held for writing.
 */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 11, 0)
static struct vm_area_struct *hook_extend(struct mm_struct *mm, struct vm_area_struct *prev,
		unsigned long start, unsigned long end, unsigned long vm_flags,
		struct anon_vma *anon_vma, struct file *file, pgoff_t pgoff,
		struct mempolicy *policy, struct vm_userfaultfd_ctx ctx,
		struct anon_vma_name *anon_name)
{
	struct vm_area_struct *merged, *next = find_vma(mm, start);
	bool extends = prev && prev->vm_end == start && prev->vm_flags == vm_flags &&
		       vm_flags & VM_MIXEDMAP && (!next || next->vm_start >= end);

	if (extends) {
		prev->vm_flags &= ~VM_MIXEDMAP;
		vm_flags &= ~VM_MIXEDMAP;
	}
	merged = rfork_sym.extend(mm, prev, start, end, vm_flags, anon_vma, file, pgoff, policy, ctx,
				  anon_name);
	if (extends)
		(merged ?: prev)->vm_flags |= VM_MIXEDMAP;
	return merged;
}
#else
static struct vm_area_struct *hook_extend(struct vma_iterator *vmi, struct vm_area_struct *vma,
					  unsigned long delta)
{
	bool mixed = vma->vm_flags & VM_MIXEDMAP;
	struct vm_area_struct *merged;

	if (mixed)
		vm_flags_clear(vma, VM_MIXEDMAP);
	merged = rfork_sym.extend(vmi, vma, delta);
	if (mixed)
		vm_flags_set(merged ?: vma, VM_MIXEDMAP);
	return merged;
}
#endif

static unsigned long hook_mmap_region(struct file *file, unsigned long address, unsigned long bytes,
				      vm_flags_t vm_flags, unsigned long pgoff, struct list_head *uf)
{
	struct rfork_child *child = rfork_child_of(current->mm);

	if (child && rfork_unshare_hooks && rfork_leaf_unshare_range(child, address, address + bytes))
		return -ENOMEM;
	return rfork_sym.mmap_region(file, address, bytes, vm_flags, pgoff, uf);
}

/* userfaultfd in a child is rare: all its leaves become local before the first page is filled in. */
static int before_uffd(struct mm_struct *mm)
{
	struct rfork_child *child = rfork_child_of(mm);
	int error;

	if (!child || !rfork_unshare_hooks || !atomic_read(&child->shared))
		return 0;
	mmap_read_lock(mm);
	error = rfork_leaf_unshare_range(child, 0, TASK_SIZE_MAX);
	mmap_read_unlock(mm);
	return error;
}

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 6, 0)
static notrace struct mm_struct *mm_of_uffd(unsigned long mm)
{
	return (struct mm_struct *)mm;
}
#else
static notrace struct mm_struct *mm_of_uffd(unsigned long context)
{
	return ((struct userfaultfd_ctx *)context)->mm;
}
#endif

/* They differ in their arguments only, six words at most. */
#define UFFD_HOOK(index)								\
static long hook_uffd_##index(unsigned long a, unsigned long b, unsigned long c,		\
			      unsigned long d, unsigned long e, unsigned long f)		\
{											\
	return before_uffd(mm_of_uffd(a)) ?: rfork_sym.uffd[index](a, b, c, d, e, f);	\
}
UFFD_HOOK(0)
UFFD_HOOK(1)
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 8, 0)
UFFD_HOOK(2)
UFFD_HOOK(3)
#endif

static void hook_exit_mmap(struct mm_struct *mm)
{
	struct rfork_child *child = rfork_child_of(mm);
	u64 image = 0;

	if (child) {
		image = rfork_image_id(child->image);
		rfork_child_leave(child);
	}
	rfork_sym.exit_mmap(mm);
	if (child) {
		trace_rfork_exit(image, atomic64_read(&child->tally.value[
					RFORK_COUNT_INDEX(pages_migrated)]));
		rfork_child_remove(child);
		module_put(THIS_MODULE);
	}
}

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
	{ .target = &rfork_sym.handle_mm_fault, .replacement = hook_handle_mm_fault,
	  .mm_of = mm_of_vma },
	{ .target = (unsigned long *)&rfork_sym.copy_page_range,
	  .replacement = hook_copy_page_range, .mm_of = mm_of_vma, .second_argument = true },
	{ .target = (unsigned long *)&rfork_sym.copy_vma, .replacement = hook_copy_vma,
	  .mm_of = mm_of_vma_pointer },
	{ .target = (unsigned long *)&rfork_sym.exit_mmap, .replacement = hook_exit_mmap,
	  .mm_of = mm_itself },
	{ .target = (unsigned long *)&rfork_sym.mmap_region, .replacement = hook_mmap_region,
	  .mm_of = mm_of_current },
	{ .target = (unsigned long *)&rfork_sym.uffd[0], .replacement = hook_uffd_0,
	  .mm_of = mm_of_uffd },
	{ .target = (unsigned long *)&rfork_sym.uffd[1], .replacement = hook_uffd_1,
	  .mm_of = mm_of_uffd },
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 8, 0)
	{ .target = (unsigned long *)&rfork_sym.uffd[2], .replacement = hook_uffd_2,
	  .mm_of = mm_of_uffd },
	{ .target = (unsigned long *)&rfork_sym.uffd[3], .replacement = hook_uffd_3,
	  .mm_of = mm_of_uffd },
#endif
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 11, 0)
	{ .target = (unsigned long *)&rfork_sym.extend, .replacement = hook_extend,
	  .mm_of = mm_itself },
#else
	{ .target = (unsigned long *)&rfork_sym.extend, .replacement = hook_extend,
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
	/* A task may still be in the last instructions of hook_exit_mmap. */
	synchronize_rcu_tasks();
	rcu_barrier();
}
