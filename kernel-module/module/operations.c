// SPDX-License-Identifier: GPL-2.0
/* What can be asked of the device: a table, and for each entry what comes before the work. */
#include "image-info.h"
#include "operation.h"
#include "verify.h"

static int do_attach(struct rfork_call *call)
{
	return rfork_region_attach(&call->attach, &call->why);
}

static int do_detach(struct rfork_call *call)
{
	return rfork_region_detach(&call->why);
}

static int do_format(struct rfork_call *call)
{
	return rfork_region_format(&call->format, &call->why);
}

static int do_info(struct rfork_call *call)
{
	rfork_info_read(&call->info);
	if (rfork_right_is_restricted(call->right)) {
		call->info.base = 0;
		memset(call->info.node_info, 0, sizeof(call->info.node_info));
	}
	return 0;
}

static int do_checkpoint(struct rfork_call *call)
{
	return rfork_region_usable(&call->why) ?: rfork_checkpoint(&call->checkpoint, &call->why);
}

/* An image whose id nobody learned would stay for ever. */
static void undo_checkpoint(struct rfork_call *call)
{
	u64 bytes_freed;

	if (!call->checkpoint.image)
		return;
	down_read(&rfork_region_lock);
	if (!rfork_region_usable(&(struct rfork_reason){ }))
		rfork_image_delete(call->checkpoint.image, rfork_verify_for_debugging, &bytes_freed,
				   &(struct rfork_reason){ });
	up_read(&rfork_region_lock);
}

static int do_restore(struct rfork_call *call)
{
	return rfork_region_usable(&call->why) ?:
	       rfork_right_restore(call->right, call->restore.image, &call->why) ?:
	       rfork_restore(&call->restore, &call->why) ?: RFORK_RESUMED;
}

/*
 * Sleeps without the lock, which a detach may wait for; what is adopted is the main thread's right.
 */
static int do_adopt(struct rfork_call *call)
{
	if (!READ_ONCE(rfork_region))
		return rfork_refuse(&call->why, -ENODEV, "no region is attached");
	return rfork_adopt(&call->adopt, &call->why) ?: RFORK_RESUMED;
}

static int do_list(struct rfork_call *call)
{
	u64 only;

	return rfork_region_usable(&call->why) ?:
	       rfork_right_image(call->right, &only, &call->why) ?:
	       rfork_list_read(&call->list, only, &call->why);
}

static int do_image(struct rfork_call *call)
{
	u64 only;
	int error = rfork_region_usable(&call->why) ?:
		    rfork_right_image(call->right, &only, &call->why);

	if (!error && only && only != call->image.image)
		error = rfork_refuse(&call->why, -EPERM, "this descriptor is for checkpoint %llu only",
				     only);
	return error ?: rfork_image_read(&call->image, &call->why);
}

static int do_delete(struct rfork_call *call)
{
	return rfork_region_usable(&call->why) ?:
	       rfork_image_delete(call->delete.image, rfork_verify_for_debugging,
				  &call->delete.bytes_freed, &call->why);
}

static int do_scan(struct rfork_call *call)
{
	return (call->scan.image ? rfork_region_usable(&call->why) : 0) ?:
	       rfork_scan(&call->scan, &call->why);
}

static int do_hint(struct rfork_call *call)
{
	return rfork_region_usable(&call->why) ?: rfork_hint(&call->hint, &call->why);
}

static int do_migrate(struct rfork_call *call)
{
	return rfork_region_usable(&call->why) ?: rfork_migrate(&call->migrate, &call->why);
}

static int do_recover(struct rfork_call *call)
{
	return rfork_region_usable(&call->why) ?: rfork_node_recover(&call->recover, &call->why);
}

static int do_stats(struct rfork_call *call)
{
	return rfork_stats_read(&call->stats, &call->why);
}

static int do_restrict(struct rfork_call *call)
{
	return rfork_right_restrict(call->right, call->restrict_to.image, &call->why);
}

static int do_verify(struct rfork_call *call)
{
	return rfork_region_usable(&call->why) ?: rfork_verify(&call->verify, &call->why);
}

/* Done by do_@verb(); flags and an undo where there are some. */
#define OPERATION(verb, its_command, its_right, its_region, ...) {			\
	.name = #verb, .command = its_command, .right = its_right, .region = its_region,	\
	.run = do_##verb, ##__VA_ARGS__							\
}

static const struct rfork_operation operations[] = {
	OPERATION(attach, RFORK_IOC_ATTACH, RFORK_FULL_RIGHT, RFORK_CHANGES_REGION,
		  .flags = RFORK_ATTACH_FENCED),
	OPERATION(detach, RFORK_IOC_DETACH, RFORK_FULL_RIGHT, RFORK_CHANGES_REGION),
	OPERATION(format, RFORK_IOC_FORMAT, RFORK_FULL_RIGHT, RFORK_CHANGES_REGION,
		  .flags = RFORK_FORMAT_FORCE),
	OPERATION(info, RFORK_IOC_INFO, RFORK_RESTORE_RIGHT, RFORK_READS_REGION),
	OPERATION(checkpoint, RFORK_IOC_CHECKPOINT, RFORK_FULL_RIGHT, RFORK_READS_REGION,
		  .flags = RFORK_CHECKPOINT_CHECKSUM_DATA | RFORK_CHECKPOINT_DROP_LOCKS |
			   RFORK_CHECKPOINT_DROP_SEMAPHORES | RFORK_CHECKPOINT_DROP_SETTINGS,
		  .undo = undo_checkpoint),
	OPERATION(restore, RFORK_IOC_RESTORE, RFORK_RESTORE_RIGHT, RFORK_READS_REGION,
		  .flags = RFORK_RESTORE_LOCAL_LEAVES | RFORK_RESTORE_CHANGED_FILES |
			   RFORK_RESTORE_VERIFY_DATA | RFORK_RESTORE_ALIKE),
	OPERATION(adopt, RFORK_IOC_ADOPT, RFORK_RESTORE_RIGHT, RFORK_NO_REGION),
	OPERATION(list, RFORK_IOC_LIST, RFORK_RESTORE_RIGHT, RFORK_READS_REGION),
	OPERATION(image, RFORK_IOC_IMAGE, RFORK_RESTORE_RIGHT, RFORK_READS_REGION),
	OPERATION(delete, RFORK_IOC_DELETE, RFORK_FULL_RIGHT, RFORK_READS_REGION),
	OPERATION(scan, RFORK_IOC_SCAN, RFORK_FULL_RIGHT, RFORK_READS_REGION,
		  .flags = RFORK_SCAN_CLEAR),
	OPERATION(hint, RFORK_IOC_HINT, RFORK_FULL_RIGHT, RFORK_READS_REGION),
	OPERATION(migrate, RFORK_IOC_MIGRATE, RFORK_FULL_RIGHT, RFORK_READS_REGION),
	OPERATION(recover, RFORK_IOC_RECOVER, RFORK_FULL_RIGHT, RFORK_READS_REGION,
		  .flags = RFORK_RECOVER_FENCED),
	OPERATION(stats, RFORK_IOC_STATS, RFORK_FULL_RIGHT, RFORK_NO_REGION),
	OPERATION(restrict, RFORK_IOC_RESTRICT, RFORK_FULL_RIGHT, RFORK_READS_REGION),
	OPERATION(verify, RFORK_IOC_VERIFY, RFORK_FULL_RIGHT, RFORK_READS_REGION),
};

const struct rfork_operation *rfork_operation_of(unsigned int command)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(operations); i++)
		if (operations[i].command == command)
			return &operations[i];
	return NULL;
}
