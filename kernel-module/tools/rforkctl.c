// SPDX-License-Identifier: GPL-2.0
/* rforkctl: the command line of the rfork device. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "rforkctl.h"

static int command_help(struct options *options);

static const struct command {
	const char *name;
	int (*run)(struct options *options);
	const char *usage;
} commands[] = {
	{ "attach", command_attach, "--node N (--base ADDRESS --size BYTES | --dax NAME) [--machine ID] [--fenced]" },
	{ "detach", command_detach, "" },
	{ "format", command_format, "[--coherence hardware|software] [--nodes N] [--force]" },
	{ "info", command_info, "" },
	{ "checkpoint", command_checkpoint,
	  "PID [--checksum-data] [--inherit-fd N]... [--timeout-ms N] "
	  "[--drop locks|semaphores|settings]..." },
	{ "restore", command_restore,
	  "CHECKPOINT [--leaves attach|local] [--placement NAME | --placements FILE] [--window-pages N] "
	  "[--pid new|keep] [--inherit-fd N]... [--changed-files] [--alike] [--verify-data] "
	  "[--detach]" },
	{ "restrict", command_restrict, "[--checkpoint CHECKPOINT] -- PROGRAM [ARGUMENT]..." },
	{ "list", command_list, "" },
	{ "scan", command_scan, "(--checkpoint CHECKPOINT | --pid PID) [--clear] [--pages] [--start A] [--end A]" },
	{ "hint", command_hint, "--checkpoint CHECKPOINT [--cold] [--start A] [--end A]" },
	{ "migrate", command_migrate, "--pid PID (--start ADDRESS [--count N] | --addresses FILE) [--demote]" },
	{ "delete", command_delete, "CHECKPOINT" },
	{ "verify", command_verify, "[CHECKPOINT]" },
	{ "recover", command_recover, "--node N [--fenced] [--machine ID]" },
	{ "stats", command_stats, "[--pid PID]" },
	{ "help", command_help, "" },
};
#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

static int command_help(struct options *options)
{
	no_more(options);
	for (size_t i = 0; i < COMMANDS; i++)
		printf("rforkctl [--json] [--fd N] %s %s\n", commands[i].name, commands[i].usage);
	printf("\n--fd N: descriptor N instead of opening " RFORK_DEVICE "; restrict tells its number in RFORK_FD\n");
	return 0;
}

/* What follows "--" is another program's. */
static void split(struct options *options)
{
	for (int i = 0; i < options->argc; i++) {
		if (strcmp(options->argv[i], "--"))
			continue;
		options->program = options->argv + i + 1;
		options->argc = i;
	}
}

static const struct command *command_named(const char *name)
{
	char all[256] = "";

	for (size_t i = 0; i < COMMANDS; i++)
		if (!strcmp(commands[i].name, name))
			return &commands[i];
	for (size_t i = 0; i < COMMANDS; i++)
		snprintf(all + strlen(all), sizeof(all) - strlen(all), "%s %s", i ? "," : "", commands[i].name);
	die("there is no command %s; there are%s", name, all);
}

int main(int argc, char **argv)
{
	struct options options = { .argc = argc - 1, .argv = argv + 1,
				   .usage = "; run rforkctl help" };
	const struct command *command;
	uint64_t descriptor;
	char usage[512];

	split(&options);
	json_output = flag(&options, "--json");
	descriptor = number_option(&options, "--fd", 0, INT32_MAX, UINT64_MAX);
	if (descriptor != UINT64_MAX)
		use_descriptor(descriptor);
	if (!options.argc)
		die("a command is missing%s", options.usage);
	command = command_named(options.argv[0]);
	options.argv++;
	options.argc--;
	snprintf(usage, sizeof(usage), "; usage: rforkctl %s%s%s", command->name,
		 *command->usage ? " " : "", command->usage);
	options.usage = usage;
	return command->run(&options);
}
