// SPDX-License-Identifier: GPL-2.0
/*
 * rfork: remote fork over CXL memory. The module's beginning and end, and its watch over its own
 * node.
 */
#include <linux/miscdevice.h>
#include "dax-driver.h"
#include "rfork-module.h"

extern struct miscdevice rfork_device;

/* A node that was declared dead must not go on using memory that may be another's by now. */
static void watch_epoch(struct work_struct *work);
static DECLARE_DELAYED_WORK(watch, watch_epoch);

static void watch_epoch(struct work_struct *work)
{
	/* Not the region's lock: who waits for that may wait as long as a checkpoint does. */
	mutex_lock(&rfork_region_life);
	if (atomic_read(&rfork_children) &&
	    rfork_region_usable(&(struct rfork_reason){ }) == -ESTALE) {
		pr_notice_ratelimited("this node was recovered or the region formatted; its children are killed\n");
		rfork_children_kill(NULL);
	}
	mutex_unlock(&rfork_region_life);
	schedule_delayed_work(&watch, HZ);
}

static int __init rfork_init(void)
{
	int error = rfork_symbols_init();

	if (error)
		return error;
	error = rfork_hooks_init();
	if (error)
		return error;
	error = rfork_dax_init();
	if (error)
		goto hooks;
	error = misc_register(&rfork_device);
	if (error)
		goto dax;
	schedule_delayed_work(&watch, HZ);
	return 0;
dax:
	rfork_dax_exit();
hooks:
	rfork_hooks_exit();
	return error;
}

static void __exit rfork_exit(void)
{
	misc_deregister(&rfork_device);
	cancel_delayed_work_sync(&watch);
	rfork_region_exit();
	rfork_dax_exit();
	rfork_hooks_exit();
}

module_init(rfork_init);
module_exit(rfork_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Remote fork over CXL memory");
