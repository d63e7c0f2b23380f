// SPDX-License-Identifier: GPL-2.0
/*
 * What an address space has registered for, one bit each:
 *
 * - with membarrier(2), without which a program's barriers would fail in a child. Only barriers among
 *   its own threads: for those of all processes Linux also keeps a note for each processor, which no
 *   module can write, so such a registration is refused (task-settings.c);
 * - protection keys that it has allocated. No memory has one: such memory is refused.
 */
#include <linux/mm.h>
#include <linux/pkeys.h>
#include <linux/sched/mm.h>
#include "rfork-module.h"

#ifdef CONFIG_MEMBARRIER
#define BARRIERS							\
	(MEMBARRIER_STATE_PRIVATE_EXPEDITED | MEMBARRIER_STATE_PRIVATE_EXPEDITED_READY | \
	 MEMBARRIER_STATE_PRIVATE_EXPEDITED_SYNC_CORE |			\
	 MEMBARRIER_STATE_PRIVATE_EXPEDITED_SYNC_CORE_READY |		\
	 MEMBARRIER_STATE_PRIVATE_EXPEDITED_RSEQ |				\
	 MEMBARRIER_STATE_PRIVATE_EXPEDITED_RSEQ_READY)
#else
#define BARRIERS	0
#endif

/* Key 0 is everybody's. */
#ifdef CONFIG_X86_INTEL_MEMORY_PROTECTION_KEYS
#define KEYS		GENMASK(15, 1)
#else
#define KEYS		0
#endif

void rfork_registrations_save(const struct mm_struct *mm, struct rfork_image_header *header)
{
#ifdef CONFIG_MEMBARRIER
	header->membarrier = atomic_read(&mm->membarrier_state) & BARRIERS;
#endif
#ifdef CONFIG_X86_INTEL_MEMORY_PROTECTION_KEYS
	header->protection_keys = mm->context.pkey_allocation_map & KEYS;
	/* One may be the kernel's, for code that is not read. */
	if (mm->context.execute_only_pkey > 0)
		header->protection_keys &= ~BIT(mm->context.execute_only_pkey);
#endif
}

bool rfork_registrations_ok(const struct rfork_image_header *header)
{
	return !(header->membarrier & ~(u64)BARRIERS) && !(header->protection_keys & ~KEYS) &&
	       (!header->protection_keys || arch_pkeys_enabled());
}

/* Of a process whose old memory is gone. */
void rfork_registrations_make(struct mm_struct *mm, const struct rfork_image_header *header)
{
#ifdef CONFIG_MEMBARRIER
	atomic_set(&mm->membarrier_state, header->membarrier);
#endif
#ifdef CONFIG_X86_INTEL_MEMORY_PROTECTION_KEYS
	mm->context.pkey_allocation_map = header->protection_keys | BIT(0);
	mm->context.execute_only_pkey = -1;
#endif
}
