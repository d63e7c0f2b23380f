/* SPDX-License-Identifier: GPL-2.0 */
/* The super block of a region that is mapped. */
#ifndef RFORK_SUPER_H
#define RFORK_SUPER_H
#include "rfork-module.h"
/* 0 and a copy of what the region says of itself, or what keeps it from being used as it is. */
int rfork_super_check(const struct rfork_region *region, struct rfork_super *super,
		      struct rfork_reason *why);
void rfork_super_use(struct rfork_region *region, const struct rfork_super *super);
void rfork_super_make(struct rfork_region *region, u32 nodes, u32 coherence);
#endif
