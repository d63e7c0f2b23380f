// SPDX-License-Identifier: GPL-2.0
/*
 * A DAX device as the region, taken the way kmem takes one:
 *
 *   echo dax0.0 > /sys/bus/dax/drivers/device_dax/unbind
 *   echo dax0.0 > /sys/bus/dax/drivers/rfork/new_id
 *   rforkctl attach --node 0 --dax dax0.0
 */
#include <linux/delay.h>
#include <linux/ioport.h>
#include "dax-bus.h"
#include "dax-region.h"
#include "rfork-module.h"

#define NEVER_BY_TYPE	99

/* One device is enough for one region. Changed under the region lock. */
static struct dev_dax *bound;
static struct range bound_range;
static bool claimed;

static int probe(struct dev_dax *dax)
{
	struct range range;
	int error = 0;

	if (dax->nr_range != 1) {
		dev_err(&dax->dev, "%d pieces; a region is one\n", dax->nr_range);
		return -EINVAL;
	}
	range.start = ALIGN(dax->ranges[0].range.start, SZ_2M);
	range.end = ALIGN_DOWN(dax->ranges[0].range.end + 1, SZ_2M) - 1;
	down_write(&rfork_region_lock);
	if (bound) {
		dev_err(&dax->dev, "%s is bound already\n", dev_name(&bound->dev));
		error = -EBUSY;
	} else if (range.end <= range.start ||
		   !request_mem_region(range.start, range_len(&range), "rfork")) {
		dev_err(&dax->dev, "its range belongs to another driver, or is too small\n");
		error = -EBUSY;
	} else {
		bound = dax;
		bound_range = range;
	}
	up_write(&rfork_region_lock);
	return error;
}

/* Cannot be refused, so whoever uses the region ends. */
static void remove(struct dev_dax *dax)
{
	down_write(&rfork_region_lock);
	while (claimed && rfork_region) {
		rfork_children_kill();
		if (rfork_region_detach(&(struct rfork_reason){ })) {
			up_write(&rfork_region_lock);
			msleep(50);
			down_write(&rfork_region_lock);
		}
	}
	release_mem_region(bound_range.start, range_len(&bound_range));
	bound = NULL;
	up_write(&rfork_region_lock);
}

static struct dax_device_driver driver = {
	.drv = { .name = "rfork" },
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 3, 0)
	.type = NEVER_BY_TYPE,
#endif
	.probe = probe,
	.remove = remove,
};

/* Under the region lock, held for writing. */
int rfork_dax_claim(const char *name, u64 *base, u64 *bytes, struct rfork_reason *why)
{
	if (!bound || strcmp(dev_name(&bound->dev), name))
		return rfork_refuse(why, -ENODEV,
				    "%.31s is not bound to rfork; write its name to /sys/bus/dax/drivers/rfork/new_id",
				    name);
	claimed = true;
	*base = bound_range.start;
	*bytes = range_len(&bound_range);
	return 0;
}

void rfork_dax_release(void)
{
	claimed = false;
}

int rfork_dax_init(void)
{
	return __dax_driver_register(&driver, THIS_MODULE, KBUILD_MODNAME);
}

void rfork_dax_exit(void)
{
	dax_driver_unregister(&driver);
}
