// SPDX-License-Identifier: GPL-2.0
/* rforkctl attach, detach, format, info, recover: the region and its nodes. */
#include <stdio.h>
#include <string.h>
#include "rforkctl.h"
#include "state-table.h"

int command_attach(struct options *options)
{
	static const struct field fields[] = {
		FIELD(struct rfork_attach, base), FIELD(struct rfork_attach, bytes),
		FIELD(struct rfork_attach, node), FIELD(struct rfork_attach, formatted),
		FIELD(struct rfork_attach, struct_page_bytes),
	};
	struct rfork_attach arg = { };
	const char *dax = option(options, "--dax");

	if (flag(options, "--fenced"))
		arg.head.flags |= RFORK_ATTACH_FENCED;
	read_boot_id(arg.boot_id);
	read_machine_id(options, arg.machine_id);
	arg.base = size_option(options, "--base", 0);
	arg.bytes = size_option(options, "--size", 0);
	arg.node = needed_number(options, "--node", 0, RFORK_MAX_NODES - 1);
	no_more(options);
	if (dax ? arg.base || arg.bytes : !arg.base || !arg.bytes)
		die("attach takes either --dax, or --base and --size%s", options->usage);
	if (dax && strlen(dax) >= sizeof(arg.dax))
		die("--dax is \"%s\"; it must be the name of a device, such as dax0.0", dax);
	if (dax)
		strcpy(arg.dax, dax);
	request(open_device(), RFORK_IOC_ATTACH, &arg);
	record_begin();
	record_fields(fields, &arg);
	record_end();
	return 0;
}

int command_detach(struct options *options)
{
	struct rfork_detach arg = { };

	no_more(options);
	request(open_device(), RFORK_IOC_DETACH, &arg);
	return 0;
}

int command_format(struct options *options)
{
	static const char *const coherences[] = { "hardware", "software", NULL };
	struct rfork_format arg = { };

	if (flag(options, "--force"))
		arg.head.flags |= RFORK_FORMAT_FORCE;
	arg.coherence = RFORK_COHERENCE_HARDWARE + choice(options, "--coherence", coherences);
	arg.nodes = number_option(options, "--nodes", 1, RFORK_MAX_NODES, 2);
	no_more(options);
	request(open_device(), RFORK_IOC_FORMAT, &arg);
	record_begin();
	record_number("generation", arg.generation);
	record_end();
	return 0;
}

static void record_node(unsigned int node, const struct rfork_node_info *info)
{
	char name[32];

	snprintf(name, sizeof(name), "node%u_epoch", node);
	record_number(name, info->epoch);
	snprintf(name, sizeof(name), "node%u_attached", node);
	record_number(name, info->attached);
}

int command_info(struct options *options)
{
	static const char *const coherences[] = { "none", "hardware", "software" };
	static const struct field fields[] = {
		FIELD(struct rfork_info, release), FIELD(struct rfork_info, attached),
		FIELD(struct rfork_info, formatted), FIELD(struct rfork_info, node),
		FIELD(struct rfork_info, nodes), FIELD(struct rfork_info, base),
		FIELD(struct rfork_info, bytes), FIELD(struct rfork_info, free_bytes),
		FIELD(struct rfork_info, held_bytes), FIELD(struct rfork_info, extent_bytes),
		FIELD(struct rfork_info, struct_page_bytes), FIELD(struct rfork_info, generation),
	};
	struct rfork_info arg = { };

	no_more(options);
	request(open_device(), RFORK_IOC_INFO, &arg);
	record_begin();
	record_fields(fields, &arg);
	record_text("coherence", arg.coherence < 3 ? coherences[arg.coherence] : "unknown");
	record_text("unshare_hooks", arg.hooks ? "on" : "OFF, checkpoints get corrupted");
	for (unsigned int i = 0; i < arg.nodes && i < RFORK_MAX_NODES; i++)
		record_node(i, &arg.node_info[i]);
	record_trust();
	print_state_table();
	record_end();
	return 0;
}

int command_recover(struct options *options)
{
	static const struct field fields[] = {
		FIELD_AS("checkpoints_freed", struct rfork_recover, images_freed),
		FIELD(struct rfork_recover, refs_dropped),
		FIELD(struct rfork_recover, bytes_freed),
		FIELD(struct rfork_recover, bytes_held),
	};
	struct rfork_recover arg = { };

	if (flag(options, "--fenced"))
		arg.head.flags |= RFORK_RECOVER_FENCED;
	read_boot_id(arg.boot_id);
	read_machine_id(options, arg.machine_id);
	arg.node = needed_number(options, "--node", 0, RFORK_MAX_NODES - 1);
	no_more(options);
	request(open_device(), RFORK_IOC_RECOVER, &arg);
	record_begin();
	record_fields(fields, &arg);
	record_end();
	return 0;
}
