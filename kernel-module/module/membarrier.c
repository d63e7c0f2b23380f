// SPDX-License-Identifier: GPL-2.0
/*
 * What an address space has registered for with membarrier(2): without it a program's barriers
 * would fail in a child.
 *
 * Only barriers among its own threads. For those of all processes Linux also keeps a note for each
 * processor, which no module can write: such a registration is refused (task-settings.c).
 */
#include <linux/mm.h>
#include <linux/sched/mm.h>
#include "rfork-module.h"

#define PRIVATE								\
	(MEMBARRIER_STATE_PRIVATE_EXPEDITED | MEMBARRIER_STATE_PRIVATE_EXPEDITED_READY | \
	 MEMBARRIER_STATE_PRIVATE_EXPEDITED_SYNC_CORE |			\
	 MEMBARRIER_STATE_PRIVATE_EXPEDITED_SYNC_CORE_READY |		\
	 MEMBARRIER_STATE_PRIVATE_EXPEDITED_RSEQ |				\
	 MEMBARRIER_STATE_PRIVATE_EXPEDITED_RSEQ_READY)

#ifdef CONFIG_MEMBARRIER

u64 rfork_membarrier(const struct mm_struct *mm)
{
	return atomic_read(&mm->membarrier_state) & PRIVATE;
}

bool rfork_membarrier_ok(u64 registrations)
{
	return !(registrations & ~(u64)PRIVATE);
}

/* Of a process whose old memory is gone. */
void rfork_membarrier_make(struct mm_struct *mm, u64 registrations)
{
	atomic_set(&mm->membarrier_state, registrations);
}

#else

u64 rfork_membarrier(const struct mm_struct *mm)
{
	return 0;
}

bool rfork_membarrier_ok(u64 registrations)
{
	return !registrations;
}

void rfork_membarrier_make(struct mm_struct *mm, u64 registrations)
{
}

#endif
