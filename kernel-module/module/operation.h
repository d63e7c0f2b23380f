/* SPDX-License-Identifier: GPL-2.0 */
/* One request, and the table entry that says what may be asked and who does it. */
#ifndef RFORK_OPERATION_H
#define RFORK_OPERATION_H
#include "rfork-module.h"
#include "right.h"

struct rfork_operation;

struct rfork_call {
	const struct rfork_operation *operation;
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
		struct rfork_verify verify;
	};
};

enum { RFORK_NO_REGION, RFORK_READS_REGION, RFORK_CHANGES_REGION };
enum { RFORK_FULL_RIGHT, RFORK_RESTORE_RIGHT };

/* A handler that resumed the caller as another program returns this. */
#define RFORK_RESUMED 1

struct rfork_operation {
	const char *name;
	unsigned int command;
	u32 flags;
	int right;
	int region;
	int (*run)(struct rfork_call *call);
	/* Takes back what was done when the reply cannot be delivered. */
	void (*undo)(struct rfork_call *call);
};

/* NULL: there is none. */
const struct rfork_operation *rfork_operation_of(unsigned int command);

#endif
