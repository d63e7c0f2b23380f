// SPDX-License-Identifier: GPL-2.0
/*
 * The device: a table of operations, and the checks that are the same for all.
 *
 * Opening needs CAP_SYS_ADMIN; the open descriptor is the right, so it can be handed to a process
 * that lacks it, narrowed to restoring or not.
 */
#include <linux/capability.h>
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/ratelimit.h>
#include <linux/uaccess.h>
#include "image-info.h"
#include "rfork-module.h"
#include "right.h"

struct call {
	const struct operation *operation;
	struct rfork_right *right;
	struct rfork_reason why;
	union {
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
		struct rfork_restrict restrict_to;
	};
};

enum { NO_REGION, READS_REGION, CHANGES_REGION };
enum { FULL_RIGHT, RESTORE_RIGHT };

/* A handler that resumed the caller as another program returns this. */
#define RESUMED 1

static int do_attach(struct call *call)
{
	return rfork_region_attach(&call->attach, &call->why);
}

static int do_detach(struct call *call)
{
	return rfork_region_detach(&call->why);
}

static int do_format(struct call *call)
{
	return rfork_region_format(&call->format, &call->why);
}

static int do_info(struct call *call)
{
	rfork_info_read(&call->info);
	if (rfork_right_is_restricted(call->right)) {
		call->info.base = 0;
		memset(call->info.node_info, 0, sizeof(call->info.node_info));
	}
	return 0;
}

static int do_checkpoint(struct call *call)
{
	return rfork_region_usable(&call->why) ?: rfork_checkpoint(&call->checkpoint, &call->why);
}

/* An image whose id nobody learned would stay for ever. */
static void undo_checkpoint(struct call *call)
{
	u64 bytes_freed;

	if (!call->checkpoint.image)
		return;
	down_read(&rfork_region_lock);
	if (!rfork_region_usable(&(struct rfork_reason){ }))
		rfork_image_delete(call->checkpoint.image, &bytes_freed, &(struct rfork_reason){ });
	up_read(&rfork_region_lock);
}

static int do_restore(struct call *call)
{
	return rfork_region_usable(&call->why) ?:
	       rfork_right_restore(call->right, call->restore.image, &call->why) ?:
	       rfork_restore(&call->restore, &call->why) ?: RESUMED;
}

/* Sleeps without the lock, which a detach may wait for; what is adopted is the main thread's right. */
static int do_adopt(struct call *call)
{
	if (!READ_ONCE(rfork_region))
		return rfork_refuse(&call->why, -ENODEV, "no region is attached");
	return rfork_adopt(&call->adopt, &call->why) ?: RESUMED;
}

static int do_list(struct call *call)
{
	u64 only;

	return rfork_region_usable(&call->why) ?:
	       rfork_right_image(call->right, &only, &call->why) ?:
	       rfork_list_read(&call->list, only, &call->why);
}

static int do_image(struct call *call)
{
	u64 only;
	int error = rfork_region_usable(&call->why) ?:
		    rfork_right_image(call->right, &only, &call->why);

	if (!error && only && only != call->image.image)
		error = rfork_refuse(&call->why, -EPERM, "this descriptor is for image %llu only",
				     only);
	return error ?: rfork_image_read(&call->image, &call->why);
}

static int do_delete(struct call *call)
{
	return rfork_region_usable(&call->why) ?:
	       rfork_image_delete(call->delete.image, &call->delete.bytes_freed, &call->why);
}

static int do_scan(struct call *call)
{
	return (call->scan.image ? rfork_region_usable(&call->why) : 0) ?:
	       rfork_scan(&call->scan, &call->why);
}

static int do_hint(struct call *call)
{
	return rfork_region_usable(&call->why) ?: rfork_hint(&call->hint, &call->why);
}

static int do_migrate(struct call *call)
{
	return rfork_region_usable(&call->why) ?: rfork_migrate(&call->migrate, &call->why);
}

static int do_recover(struct call *call)
{
	return rfork_region_usable(&call->why) ?: rfork_node_recover(&call->recover, &call->why);
}

static int do_stats(struct call *call)
{
	return rfork_stats_read(&call->stats, &call->why);
}

static int do_restrict(struct call *call)
{
	return rfork_right_restrict(call->right, call->restrict_to.image, &call->why);
}

static const struct operation {
	const char *name;
	unsigned int command;
	u32 flags;
	int right;
	int region;
	int (*run)(struct call *call);
	/* Takes back what was done when the reply cannot be delivered. */
	void (*undo)(struct call *call);
} operations[] = {
	{ "attach", RFORK_IOC_ATTACH, RFORK_ATTACH_FENCED, FULL_RIGHT, CHANGES_REGION,
	  do_attach },
	{ "detach", RFORK_IOC_DETACH, 0, FULL_RIGHT, CHANGES_REGION, do_detach },
	{ "format", RFORK_IOC_FORMAT, RFORK_FORMAT_FORCE, FULL_RIGHT, CHANGES_REGION, do_format },
	{ "info", RFORK_IOC_INFO, 0, RESTORE_RIGHT, READS_REGION, do_info },
	{ "checkpoint", RFORK_IOC_CHECKPOINT, RFORK_CHECKPOINT_CHECKSUM_DATA, FULL_RIGHT,
	  READS_REGION, do_checkpoint, undo_checkpoint },
	{ "restore", RFORK_IOC_RESTORE, RFORK_RESTORE_LOCAL_LEAVES | RFORK_RESTORE_CHANGED_FILES |
	  RFORK_RESTORE_VERIFY_DATA, RESTORE_RIGHT, READS_REGION, do_restore },
	{ "adopt", RFORK_IOC_ADOPT, 0, RESTORE_RIGHT, NO_REGION, do_adopt },
	{ "list", RFORK_IOC_LIST, 0, RESTORE_RIGHT, READS_REGION, do_list },
	{ "image", RFORK_IOC_IMAGE, 0, RESTORE_RIGHT, READS_REGION, do_image },
	{ "delete", RFORK_IOC_DELETE, 0, FULL_RIGHT, READS_REGION, do_delete },
	{ "scan", RFORK_IOC_SCAN, RFORK_SCAN_CLEAR, FULL_RIGHT, READS_REGION, do_scan },
	{ "hint", RFORK_IOC_HINT, 0, FULL_RIGHT, READS_REGION, do_hint },
	{ "migrate", RFORK_IOC_MIGRATE, 0, FULL_RIGHT, READS_REGION, do_migrate },
	{ "recover", RFORK_IOC_RECOVER, RFORK_RECOVER_FENCED, FULL_RIGHT, READS_REGION,
	  do_recover },
	{ "stats", RFORK_IOC_STATS, 0, FULL_RIGHT, NO_REGION, do_stats },
	{ "restrict", RFORK_IOC_RESTRICT, 0, FULL_RIGHT, READS_REGION, do_restrict },
};

static const struct operation *operation_of(unsigned int command)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(operations); i++)
		if (operations[i].command == command)
			return &operations[i];
	return NULL;
}

static int check_head(struct call *call)
{
	const struct operation *operation = call->operation;
	const struct rfork_head *head = &call->head;

	if (head->version != RFORK_UAPI_VERSION)
		return rfork_refuse(&call->why, -EPROTONOSUPPORT,
				    "interface version %u; this module has %d", head->version,
				    RFORK_UAPI_VERSION);
	if (head->size != _IOC_SIZE(operation->command))
		return rfork_refuse(&call->why, -EINVAL,
				    "the request says it has %u bytes; it has %u", head->size,
				    _IOC_SIZE(operation->command));
	if (head->flags & ~operation->flags)
		return rfork_refuse(&call->why, -EINVAL, "flags %#x are unknown",
				    head->flags & ~operation->flags);
	if (head->reserved)
		return rfork_refuse(&call->why, -EINVAL, "the reserved field is %u; it must be 0",
				    head->reserved);
	if (operation->right == FULL_RIGHT && rfork_right_is_restricted(call->right))
		return rfork_refuse(&call->why, -EPERM,
				    "this descriptor is restore-only; open the device with CAP_SYS_ADMIN");
	return 0;
}

static int run(struct call *call)
{
	int result;

	switch (call->operation->region) {
	case READS_REGION:
		if (down_read_killable(&rfork_region_lock))
			return -EINTR;
		break;
	case CHANGES_REGION:
		if (down_write_killable(&rfork_region_lock))
			return -EINTR;
		break;
	}
	result = call->operation->run(call);
	if (call->operation->region == READS_REGION)
		up_read(&rfork_region_lock);
	else if (call->operation->region == CHANGES_REGION)
		up_write(&rfork_region_lock);
	return result;
}

/* One line for each refusal, in the words of the reply. */
static void report(const struct call *call, long error)
{
	pr_notice_ratelimited("%s refused to process %d of user %u: %s (%pe)\n",
			      call->operation->name, task_tgid_nr(current),
			      from_kuid(&init_user_ns, current_euid()), call->why.text,
			      ERR_PTR(error));
}

static long serve(struct call *call, void __user *user)
{
	size_t bytes = _IOC_SIZE(call->operation->command);
	long result;

	if (copy_from_user(&call->head, user, bytes)) {
		result = rfork_refuse(&call->why, -EFAULT, "the request cannot be read");
		report(call, result);
		return result;
	}
	result = check_head(call) ?: run(call);
	/* The memory the request was in is gone. */
	if (result == RESUMED)
		return 0;
	if (result < 0 && call->why.text[0])
		report(call, result);
	memcpy(call->head.reason, call->why.text, sizeof(call->why.text));
	if (copy_to_user(user, &call->head, bytes)) {
		if (!result && call->operation->undo)
			call->operation->undo(call);
		result = result ?: -EFAULT;
	}
	return result;
}

static long rfork_ioctl(struct file *file, unsigned int command, unsigned long address)
{
	const struct operation *operation = operation_of(command);
	struct call *call;
	long result;

	if (!operation)
		return -ENOTTY;
	call = kzalloc(sizeof(*call), GFP_KERNEL);
	if (!call)
		return -ENOMEM;
	call->operation = operation;
	call->right = file->private_data;
	result = serve(call, (void __user *)address);
	kfree(call);
	return result;
}

static int rfork_open(struct inode *inode, struct file *file)
{
	if (!capable(CAP_SYS_ADMIN)) {
		pr_notice_ratelimited("open refused to process %d of user %u: it lacks CAP_SYS_ADMIN\n",
				      task_tgid_nr(current),
				      from_kuid(&init_user_ns, current_euid()));
		return -EPERM;
	}
	file->private_data = rfork_right_new();
	return file->private_data ? 0 : -ENOMEM;
}

static int rfork_release(struct inode *inode, struct file *file)
{
	kfree(file->private_data);
	return 0;
}

const struct file_operations rfork_fops = {
	.owner = THIS_MODULE,
	.open = rfork_open,
	.release = rfork_release,
	.unlocked_ioctl = rfork_ioctl,
	.llseek = noop_llseek,
};

struct miscdevice rfork_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "rfork",
	.mode = 0600,
	.fops = &rfork_fops,
};
