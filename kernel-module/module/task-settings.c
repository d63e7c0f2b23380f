// SPDX-License-Identifier: GPL-2.0
/*
 * Settings of a process that a child would lack without a word: refused, unless the caller lets
 * them go.
 */
#include <linux/sched.h>
#include <linux/sched/coredump.h>
#include <linux/sched/mm.h>
#include "rfork-module.h"

static bool denies_writable_code(struct task_struct *task, const struct mm_struct *mm)
{
#ifdef MMF_HAS_MDWE
	return test_bit(MMF_HAS_MDWE, &mm->flags);
#else
	return false;
#endif
}

static bool denies_time_stamps(struct task_struct *task, const struct mm_struct *mm)
{
	return test_tsk_thread_flag(task, TIF_NOTSC);
}

static bool denies_cpuid(struct task_struct *task, const struct mm_struct *mm)
{
	return test_tsk_thread_flag(task, TIF_NOCPUID);
}

static bool restricts_speculation(struct task_struct *task, const struct mm_struct *mm)
{
	return task_spec_ssb_disable(task) || task_spec_ssb_force_disable(task) ||
	       task_spec_ssb_noexec(task) || task_spec_ib_disable(task) ||
	       task_spec_ib_force_disable(task) || test_tsk_thread_flag(task, TIF_SPEC_L1D_FLUSH);
}

static bool flushes_io(struct task_struct *task, const struct mm_struct *mm)
{
	const unsigned int flusher = PF_MEMALLOC_NOIO | PF_LOCAL_THROTTLE;

	return (READ_ONCE(task->flags) & flusher) == flusher;
}

static bool takes_part_in_barriers_of_all(struct task_struct *task, const struct mm_struct *mm)
{
#ifdef CONFIG_MEMBARRIER
	return atomic_read(&mm->membarrier_state) & MEMBARRIER_STATE_GLOBAL_EXPEDITED;
#else
	return false;
#endif
}

static const struct {
	const char *name;
	bool (*is_on)(struct task_struct *task, const struct mm_struct *mm);
} settings[] = {
	{ .name = "PR_SET_MDWE", .is_on = denies_writable_code },
	{ .name = "PR_SET_TSC", .is_on = denies_time_stamps },
	{ .name = "ARCH_SET_CPUID", .is_on = denies_cpuid },
	{ .name = "PR_SET_SPECULATION_CTRL", .is_on = restricts_speculation },
	{ .name = "PR_SET_IO_FLUSHER", .is_on = flushes_io },
	{ .name = "MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED",
	  .is_on = takes_part_in_barriers_of_all },
};

int rfork_settings_refuse(struct task_struct *task, const struct mm_struct *mm,
			  struct rfork_reason *why)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(settings); i++)
		if (settings[i].is_on(task, mm))
			return rfork_refuse(why, -EOPNOTSUPP,
					    "%s: process %d has it set, a child would not; --drop settings lets it go",
					    settings[i].name, task->pid);
	return 0;
}
