/* SPDX-License-Identifier: GPL-2.0 */
/* A DAX device as the region. */
#ifndef RFORK_DAX_REGION_H
#define RFORK_DAX_REGION_H
#include <linux/types.h>
struct rfork_reason;
int rfork_dax_claim(const char *name, u64 *base, u64 *bytes, struct rfork_reason *why);
void rfork_dax_release(void);
int rfork_dax_init(void);
void rfork_dax_exit(void);
#endif
