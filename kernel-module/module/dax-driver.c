// SPDX-License-Identifier: GPL-2.0
/*
 * A DAX device as the region, taken the way kmem takes one:
 *
 *   echo dax0.0 > /sys/bus/dax/drivers/device_dax/unbind
 *   echo dax0.0 > /sys/bus/dax/drivers/rfork/new_id
 *   rforkctl attach --node 0 --dax dax0.0
 */
#include "dax-bus.h"
#include "dax-driver.h"
#include "dax-region.h"
#include "rfork-module.h"

#define NEVER_BY_TYPE	99

static int probe(struct dev_dax *dax)
{
	int error;

	down_write(&rfork_region_lock);
	error = rfork_dax_bind(dax);
	up_write(&rfork_region_lock);
	return error;
}

/* Cannot be refused. */
static void remove(struct dev_dax *dax)
{
	down_write(&rfork_region_lock);
	rfork_region_take_away(true);
	rfork_dax_unbind();
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

int rfork_dax_init(void)
{
	return __dax_driver_register(&driver, THIS_MODULE, KBUILD_MODNAME);
}

void rfork_dax_exit(void)
{
	dax_driver_unregister(&driver);
}
