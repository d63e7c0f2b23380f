// SPDX-License-Identifier: GPL-2.0
#include <linux/delay.h>
#include "halt.h"
#include "rfork-module.h"

static uint halt_before;
module_param(halt_before, uint, 0600);
MODULE_PARM_DESC(halt_before,
		 "wait before: 1 a page, 2 a leaf, 3 records are written, 4 a recovery looks at a slot, 5 it frees; for tests");

void rfork_halt(enum rfork_halt place)
{
	if (likely(READ_ONCE(halt_before) != place))
		return;
	pr_notice("process %d halts at place %u\n", task_tgid_nr(current), place);
	while (READ_ONCE(halt_before) == place)
		msleep(20);
}
