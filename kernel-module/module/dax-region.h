/* SPDX-License-Identifier: GPL-2.0 */
/* The DAX device that is bound to the module. All under the region lock. */
#ifndef RFORK_DAX_REGION_H
#define RFORK_DAX_REGION_H
#include <linux/types.h>
struct dev_dax;
struct rfork_reason;
int rfork_dax_bind(struct dev_dax *dax);
void rfork_dax_unbind(void);
int rfork_dax_range(const char *name, u64 *base, u64 *bytes, struct rfork_reason *why);
#endif
