// SPDX-License-Identifier: GPL-2.0
/*
 * The device: a table of operations, and the checks that are the same for all.
 *
 * Opening needs CAP_SYS_ADMIN; the open descriptor is the right, so it can be handed to a process
 * that lacks it.
 */
#include <linux/capability.h>
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/ratelimit.h>
#include <linux/sched/mm.h>
#include <linux/sched/task.h>
#include <linux/uaccess.h>
#include <linux/utsname.h>
#include "rfork-module.h"
#include "image-info.h"

union request {
	struct rfork_head head;
	struct rfork_attach attach;
	struct rfork_format format;
	struct rfork_info info;
	struct rfork_checkpoint checkpoint;
	struct rfork_restore restore;
	struct rfork_adopt adopt;
	struct rfork_list list;
	struct rfork_image image;
	struct rfork_delete delete;
	struct rfork_scan scan;
	struct rfork_hint hint;
	struct rfork_migrate migrate;
	struct rfork_recover recover;
	struct rfork_stats stats;
};

enum { NO_REGION, READS_REGION, CHANGES_REGION };

/* A handler that resumed the caller as another program returns this. */
#define RESUMED 1

static int do_attach(union request *r, struct rfork_reason *why)
{
	return rfork_region_attach(&r->attach, why);
}

static int do_detach(union request *r, struct rfork_reason *why)
{
	return rfork_region_detach(why);
}

static int do_format(union request *r, struct rfork_reason *why)
{
	return rfork_region_format(&r->format, why);
}

static int do_info(union request *r, struct rfork_reason *why)
{
	rfork_info_read(&r->info);
	return 0;
}

static int do_checkpoint(union request *r, struct rfork_reason *why)
{
	return rfork_region_usable(why) ?: rfork_checkpoint(&r->checkpoint, why);
}

/* An image whose id nobody learned would stay for ever. */
static void undo_checkpoint(union request *r)
{
	u64 bytes_freed;

	if (!r->checkpoint.image)
		return;
	down_read(&rfork_region_lock);
	if (!rfork_region_usable(&(struct rfork_reason){ }))
		rfork_image_delete(r->checkpoint.image, &bytes_freed, &(struct rfork_reason){ });
	up_read(&rfork_region_lock);
}

static int do_restore(union request *r, struct rfork_reason *why)
{
	return rfork_region_usable(why) ?: rfork_restore(&r->restore, why) ?: RESUMED;
}

static int do_adopt(union request *r, struct rfork_reason *why)
{
	return rfork_region_usable(why) ?: rfork_adopt(&r->adopt, why) ?: RESUMED;
}

static int do_list(union request *r, struct rfork_reason *why)
{
	return rfork_region_usable(why) ?: rfork_list_read(&r->list, why);
}

static int do_image(union request *r, struct rfork_reason *why)
{
	return rfork_region_usable(why) ?: rfork_image_read(&r->image, why);
}

static int do_delete(union request *r, struct rfork_reason *why)
{
	return rfork_region_usable(why) ?:
	       rfork_image_delete(r->delete.image, &r->delete.bytes_freed, why);
}

static int do_scan(union request *r, struct rfork_reason *why)
{
	return (r->scan.image ? rfork_region_usable(why) : 0) ?: rfork_scan(&r->scan, why);
}

static int do_hint(union request *r, struct rfork_reason *why)
{
	return rfork_region_usable(why) ?: rfork_hint(&r->hint, why);
}

static int do_migrate(union request *r, struct rfork_reason *why)
{
	return rfork_region_usable(why) ?: rfork_migrate(&r->migrate, why);
}

static int do_recover(union request *r, struct rfork_reason *why)
{
	return rfork_region_usable(why) ?: rfork_node_recover(&r->recover, why);
}

static int do_stats(union request *r, struct rfork_reason *why)
{
	return rfork_stats_read(&r->stats, why);
}

static const struct operation {
	unsigned int command;
	u32 flags;
	int region;
	int (*run)(union request *request, struct rfork_reason *why);
	/* Takes back what was done when the reply cannot be delivered. */
	void (*undo)(union request *request);
} operations[] = {
	{ RFORK_IOC_ATTACH, 0, CHANGES_REGION, do_attach },
	{ RFORK_IOC_DETACH, 0, CHANGES_REGION, do_detach },
	{ RFORK_IOC_FORMAT, RFORK_FORMAT_FORCE, CHANGES_REGION, do_format },
	{ RFORK_IOC_INFO, 0, READS_REGION, do_info },
	{ RFORK_IOC_CHECKPOINT, RFORK_CHECKPOINT_CHECKSUM_DATA, READS_REGION, do_checkpoint,
	  undo_checkpoint },
	{ RFORK_IOC_RESTORE, RFORK_RESTORE_LOCAL_LEAVES | RFORK_RESTORE_CHANGED_FILES |
			     RFORK_RESTORE_VERIFY_DATA, READS_REGION, do_restore },
	/* Sleeps until another thread restores, which holds the lock. */
	{ RFORK_IOC_ADOPT, 0, NO_REGION, do_adopt },
	{ RFORK_IOC_LIST, 0, READS_REGION, do_list },
	{ RFORK_IOC_IMAGE, 0, READS_REGION, do_image },
	{ RFORK_IOC_DELETE, 0, READS_REGION, do_delete },
	{ RFORK_IOC_SCAN, RFORK_SCAN_CLEAR, READS_REGION, do_scan },
	{ RFORK_IOC_HINT, 0, READS_REGION, do_hint },
	{ RFORK_IOC_MIGRATE, 0, READS_REGION, do_migrate },
	{ RFORK_IOC_RECOVER, RFORK_RECOVER_FENCED, READS_REGION, do_recover },
	{ RFORK_IOC_STATS, 0, NO_REGION, do_stats },
};

static const struct operation *operation_of(unsigned int command)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(operations); i++)
		if (operations[i].command == command)
			return &operations[i];
	return NULL;
}

static int check_head(const struct rfork_head *head, const struct operation *operation,
		      struct rfork_reason *why)
{
	if (head->version != RFORK_UAPI_VERSION)
		return rfork_refuse(why, -EPROTONOSUPPORT, "interface version %u; this module has %d",
				    head->version, RFORK_UAPI_VERSION);
	if (head->size != _IOC_SIZE(operation->command))
		return rfork_refuse(why, -EINVAL, "the request says it has %u bytes; it has %u",
				    head->size, _IOC_SIZE(operation->command));
	if (head->flags & ~operation->flags)
		return rfork_refuse(why, -EINVAL, "flags %#x are unknown",
				    head->flags & ~operation->flags);
	if (head->reserved)
		return rfork_refuse(why, -EINVAL, "the reserved field is %u; it must be 0",
				    head->reserved);
	return 0;
}

static int run(const struct operation *operation, union request *request, struct rfork_reason *why)
{
	int result;

	switch (operation->region) {
	case READS_REGION:
		if (down_read_killable(&rfork_region_lock))
			return -EINTR;
		break;
	case CHANGES_REGION:
		if (down_write_killable(&rfork_region_lock))
			return -EINTR;
		break;
	}
	result = operation->run(request, why);
	if (operation->region == READS_REGION)
		up_read(&rfork_region_lock);
	else if (operation->region == CHANGES_REGION)
		up_write(&rfork_region_lock);
	return result;
}

static long rfork_ioctl(struct file *file, unsigned int command, unsigned long address)
{
	const struct operation *operation = operation_of(command);
	void __user *user = (void __user *)address;
	struct rfork_reason *why;
	union request *request;
	long result;
	size_t bytes;

	if (!operation)
		return -ENOTTY;
	bytes = _IOC_SIZE(command);
	request = kzalloc(sizeof(*request) + sizeof(*why), GFP_KERNEL);
	if (!request)
		return -ENOMEM;
	why = (void *)(request + 1);
	if (copy_from_user(request, user, bytes)) {
		kfree(request);
		return -EFAULT;
	}
	result = check_head(&request->head, operation, why) ?: run(operation, request, why);
	if (result == RESUMED) {
		/* The memory the request was in is gone. */
		kfree(request);
		return 0;
	}
	memcpy(request->head.reason, why->text, sizeof(why->text));
	if (copy_to_user(user, request, bytes)) {
		if (!result && operation->undo)
			operation->undo(request);
		result = result ?: -EFAULT;
	}
	kfree(request);
	return result;
}

static int rfork_open(struct inode *inode, struct file *file)
{
	return capable(CAP_SYS_ADMIN) ? 0 : -EPERM;
}

const struct file_operations rfork_fops = {
	.owner = THIS_MODULE,
	.open = rfork_open,
	.unlocked_ioctl = rfork_ioctl,
	.llseek = noop_llseek,
};

struct miscdevice rfork_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "rfork",
	.mode = 0600,
	.fops = &rfork_fops,
};
