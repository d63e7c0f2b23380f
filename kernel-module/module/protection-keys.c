// SPDX-License-Identifier: GPL-2.0
/* Protection keys that a process has allocated. No memory has one: such memory is refused. */
#include <linux/mm.h>
#include <linux/pkeys.h>
#include "rfork-module.h"

#ifdef CONFIG_X86_INTEL_MEMORY_PROTECTION_KEYS

/* Key 0 is everybody's. */
#define FIRST_KEY	1
#define LAST_KEY	15

/* Without the one that may be the kernel's, for code that is not read. */
u32 rfork_protection_keys(const struct mm_struct *mm)
{
	const mm_context_t *context = &mm->context;
	u32 keys = context->pkey_allocation_map & GENMASK(LAST_KEY, FIRST_KEY);

	return context->execute_only_pkey > 0 ? keys & ~BIT(context->execute_only_pkey) : keys;
}

bool rfork_protection_keys_ok(u32 keys)
{
	return !(keys & ~GENMASK(LAST_KEY, FIRST_KEY)) && (!keys || arch_pkeys_enabled());
}

/* Of a process whose old memory is gone. */
void rfork_protection_keys_make(struct mm_struct *mm, u32 keys)
{
	mm->context.pkey_allocation_map = keys | BIT(0);
	mm->context.execute_only_pkey = -1;
}

#else

u32 rfork_protection_keys(const struct mm_struct *mm)
{
	return 0;
}

bool rfork_protection_keys_ok(u32 keys)
{
	return !keys;
}

void rfork_protection_keys_make(struct mm_struct *mm, u32 keys)
{
}

#endif
