// SPDX-License-Identifier: GPL-2.0
/* rforkctl checkpoint, list, delete, verify: checkpoints as wholes. */
#include <stdint.h>
#include "rforkctl.h"

/* What the child may lack: one --drop for each. */
static uint32_t dropped(struct options *options)
{
	static const char *const kinds[] = { "locks", "semaphores", "settings", NULL };

	/* Their flags follow each other, as the names do. */
	return choices(options, "--drop", kinds) * RFORK_CHECKPOINT_DROP_LOCKS;
}

int command_checkpoint(struct options *options)
{
	static const struct field fields[] = {
		FIELD_AS("checkpoint", struct rfork_checkpoint, image),
		FIELD(struct rfork_checkpoint, pages),
		FIELD(struct rfork_checkpoint, shared_pages),
		FIELD(struct rfork_checkpoint, leaves), FIELD(struct rfork_checkpoint, vmas),
		FIELD(struct rfork_checkpoint, threads), FIELD(struct rfork_checkpoint, bytes),
		FIELD(struct rfork_checkpoint, duration_ns),
		FIELD(struct rfork_checkpoint, stopped_ns),
	};
	struct rfork_checkpoint arg = { };

	if (flag(options, "--checksum-data"))
		arg.head.flags |= RFORK_CHECKPOINT_CHECKSUM_DATA;
	arg.timeout_ms = number_option(options, "--timeout-ms", 1, UINT32_MAX, 0);
	arg.head.flags |= dropped(options);
	arg.inherit_fds = inherited_fds(options);
	arg.pid = operand(options, "the process's pid", INT32_MAX);
	no_more(options);
	request(open_device(), RFORK_IOC_CHECKPOINT, &arg);
	record_begin();
	record_fields(fields, &arg);
	record_end();
	return 0;
}

static void print_image(const struct rfork_image_info *info)
{
	static const char *const states[] = {
		"free", "building", "committed", "deleting", "held",
	};
	static const struct field fields[] = {
		FIELD_AS("checkpoint", struct rfork_image_info, image),
		FIELD(struct rfork_image_info, owner_node),
		FIELD(struct rfork_image_info, comm), FIELD(struct rfork_image_info, pid),
		FIELD(struct rfork_image_info, uid), FIELD(struct rfork_image_info, user_ns),
		FIELD(struct rfork_image_info, pages),
		FIELD(struct rfork_image_info, shared_pages), FIELD(struct rfork_image_info, leaves),
		FIELD(struct rfork_image_info, vmas), FIELD(struct rfork_image_info, threads),
		FIELD(struct rfork_image_info, bytes), FIELD(struct rfork_image_info, release),
	};
	uint64_t refs = 0;

	for (int i = 0; i < RFORK_MAX_NODES; i++)
		refs += info->refs[i];
	record_begin();
	record_fields(fields, info);
	record_text("state", info->state < 5 ? states[info->state] : "unknown");
	record_number("refs", refs);
	record_end();
}

int command_list(struct options *options)
{
	struct rfork_image_info images[RFORK_MAX_IMAGES];
	struct rfork_list arg = { .images = (uintptr_t)images, .capacity = RFORK_MAX_IMAGES };

	no_more(options);
	request(open_device(), RFORK_IOC_LIST, &arg);
	list_begin(NULL);
	for (unsigned int i = 0; i < arg.count && i < RFORK_MAX_IMAGES; i++)
		print_image(&images[i]);
	list_end();
	return 0;
}

int command_delete(struct options *options)
{
	struct rfork_delete arg = { };

	arg.image = operand(options, "the checkpoint's number", UINT64_MAX);
	no_more(options);
	request(open_device(), RFORK_IOC_DELETE, &arg);
	record_begin();
	record_number("bytes_freed", arg.bytes_freed);
	record_end();
	return 0;
}

int command_verify(struct options *options)
{
	static const struct field fields[] = {
		FIELD_AS("checkpoints", struct rfork_verify, images),
		FIELD(struct rfork_verify, entries),
		FIELD(struct rfork_verify, pages),
	};
	struct rfork_verify arg = { };

	if (options->argc)
		arg.image = operand(options, "the checkpoint's number", UINT64_MAX);
	no_more(options);
	request(open_device(), RFORK_IOC_VERIFY, &arg);
	record_begin();
	record_fields(fields, &arg);
	record_end();
	return 0;
}
