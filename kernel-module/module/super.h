/* SPDX-License-Identifier: GPL-2.0 */
/* The super block of a region that is mapped. */
#ifndef RFORK_SUPER_H
#define RFORK_SUPER_H
#include "rfork-module.h"
/* 0, or what keeps this region from being used as it is. */
int rfork_super_check(struct rfork_region *region, struct rfork_reason *why);
void rfork_super_use(struct rfork_region *region);
void rfork_super_make(struct rfork_region *region, u32 nodes, u32 coherence);
#endif
