// SPDX-License-Identifier: GPL-2.0
/*
 * The device: opening it, and the checks that are the same for all operations.
 *
 * Opening needs CAP_SYS_ADMIN; the open descriptor is the right, so it can be handed to a process
 * that lacks it, narrowed to restoring or not.
 */
#include <linux/capability.h>
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/ratelimit.h>
#include <linux/uaccess.h>
#include "operation.h"

static int check_head(struct rfork_call *call)
{
	const struct rfork_operation *operation = call->operation;
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
	if (operation->right == RFORK_FULL_RIGHT && rfork_right_is_restricted(call->right))
		return rfork_refuse(&call->why, -EPERM,
				    "this descriptor is restore-only; open the device with CAP_SYS_ADMIN");
	return 0;
}

static int run(struct rfork_call *call)
{
	int result;

	switch (call->operation->region) {
	case RFORK_READS_REGION:
		if (down_read_killable(&rfork_region_lock))
			return -EINTR;
		break;
	case RFORK_CHANGES_REGION:
		if (down_write_killable(&rfork_region_lock))
			return -EINTR;
		break;
	}
	result = call->operation->run(call);
	if (call->operation->region == RFORK_READS_REGION)
		up_read(&rfork_region_lock);
	else if (call->operation->region == RFORK_CHANGES_REGION)
		up_write(&rfork_region_lock);
	return result;
}

/* One line for each refusal, in the words of the reply. */
static void report(const struct rfork_call *call, long error)
{
	pr_notice_ratelimited("%s refused to process %d of user %u: %s (%pe)\n",
			      call->operation->name, task_tgid_nr(current),
			      from_kuid(&init_user_ns, current_euid()), call->why.text,
			      ERR_PTR(error));
}

static long serve(struct rfork_call *call, void __user *user)
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
	if (result == RFORK_RESUMED)
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
	const struct rfork_operation *operation = rfork_operation_of(command);
	struct rfork_call *call;
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

static const struct file_operations fops = {
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
	.fops = &fops,
};
