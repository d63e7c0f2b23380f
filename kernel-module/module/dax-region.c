// SPDX-License-Identifier: GPL-2.0
/* A DAX device as the region: not supported, and said so. */
#include "dax-region.h"
#include "rfork-module.h"

int rfork_dax_claim(const char *name, u64 *base, u64 *bytes, struct rfork_reason *why)
{
	return rfork_refuse(why, -EOPNOTSUPP,
			    "a DAX device cannot be taken yet; give its physical range as base and size");
}

void rfork_dax_release(void)
{
}

int rfork_dax_init(void)
{
	return 0;
}

void rfork_dax_exit(void)
{
}
