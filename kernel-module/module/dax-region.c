// SPDX-License-Identifier: GPL-2.0
/* The DAX device that may become the region: one is enough. */
#include <linux/ioport.h>
#include "dax-bus.h"
#include "dax-region.h"
#include "rfork-module.h"

static struct dev_dax *bound;
static struct range bound_range;

/* Reserves its range, in whole huge pages. */
int rfork_dax_bind(struct dev_dax *dax)
{
	struct range range;

	if (dax->nr_range != 1) {
		dev_err(&dax->dev, "%d pieces; a region is one\n", dax->nr_range);
		return -EINVAL;
	}
	if (bound) {
		dev_err(&dax->dev, "%s is bound already\n", dev_name(&bound->dev));
		return -EBUSY;
	}
	range.start = ALIGN(dax->ranges[0].range.start, SZ_2M);
	range.end = ALIGN_DOWN(dax->ranges[0].range.end + 1, SZ_2M) - 1;
	if (range.end <= range.start ||
	    !request_mem_region(range.start, range_len(&range), "rfork")) {
		dev_err(&dax->dev, "its range belongs to another driver, or is too small\n");
		return -EBUSY;
	}
	bound = dax;
	bound_range = range;
	return 0;
}

void rfork_dax_unbind(void)
{
	release_mem_region(bound_range.start, range_len(&bound_range));
	bound = NULL;
}

int rfork_dax_range(const char *name, u64 *base, u64 *bytes, struct rfork_reason *why)
{
	if (!bound || strcmp(dev_name(&bound->dev), name))
		return rfork_refuse(why, -ENODEV,
				    "%.31s is not bound to rfork; write its name to /sys/bus/dax/drivers/rfork/new_id",
				    name);
	*base = bound_range.start;
	*bytes = range_len(&bound_range);
	return 0;
}
