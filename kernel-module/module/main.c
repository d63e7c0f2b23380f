// SPDX-License-Identifier: GPL-2.0
/* rfork: remote fork over CXL memory. Module entry, and what every file needs. */
#include <linux/ctype.h>
#include <linux/miscdevice.h>
#include "dax-region.h"
#include "rfork-module.h"

struct rfork_tally rfork_total;
extern struct miscdevice rfork_device;

void rfork_tally_read(struct rfork_tally *tally, struct rfork_counters *counters)
{
	u64 *to = (u64 *)counters;
	size_t i;

	for (i = 0; i < RFORK_NR_COUNTERS; i++)
		to[i] = atomic64_read(&tally->value[i]);
}

/* Returns @error, and says why to whoever asked. */
int rfork_refuse(struct rfork_reason *reason, int error, const char *fmt, ...)
{
	va_list args;
	char *at;

	if (!reason->text[0]) {
		va_start(args, fmt);
		vscnprintf(reason->text, sizeof(reason->text), fmt, args);
		va_end(args);
		/* Names of files and processes are anybody's, and the text goes to logs and terminals. */
		for (at = reason->text; *at; at++)
			if (iscntrl(*at))
				*at = '?';
	}
	return error;
}

/* A node that was declared dead must not go on using memory that may be another's by now. */
static void watch_epoch(struct work_struct *work);
static DECLARE_DELAYED_WORK(watch, watch_epoch);

static void watch_epoch(struct work_struct *work)
{
	if (atomic_read(&rfork_children) && down_read_trylock(&rfork_region_lock)) {
		if (rfork_region_usable(&(struct rfork_reason){ }) == -ESTALE) {
			pr_notice_ratelimited("this node was recovered or the region formatted; its children are killed\n");
			rfork_children_kill();
		}
		up_read(&rfork_region_lock);
	}
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
