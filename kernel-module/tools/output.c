// SPDX-License-Identifier: GPL-2.0
/* Records as "name value" lines or as JSON objects. */
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include "rforkctl.h"

static bool first_field, in_list, first_record;

void list_begin(void)
{
	in_list = true;
	first_record = true;
	if (json_output)
		printf("[");
}

void list_end(void)
{
	in_list = false;
	if (json_output)
		printf("]\n");
}

void record_begin(void)
{
	first_field = true;
	if (in_list && !first_record)
		printf(json_output ? "," : "\n");
	first_record = false;
	if (json_output)
		printf("{");
}

static void name_field(const char *name)
{
	if (json_output)
		printf("%s\"%s\":", first_field ? "" : ",", name);
	else
		printf("%-24s ", name);
	first_field = false;
}

static void end_field(void)
{
	if (!json_output)
		printf("\n");
}

void record_number(const char *name, uint64_t value)
{
	name_field(name);
	printf("%" PRIu64, value);
	end_field();
}

void record_signed(const char *name, int64_t value)
{
	name_field(name);
	printf("%" PRId64, value);
	end_field();
}

void record_text(const char *name, const char *value)
{
	name_field(name);
	if (json_output) {
		putchar('"');
		for (; *value; value++) {
			if (*value == '"' || *value == '\\')
				printf("\\%c", *value);
			else if ((unsigned char)*value < 0x20)
				printf("\\u%04x", *value);
			else
				putchar(*value);
		}
		putchar('"');
	} else {
		printf("%s", value);
	}
	end_field();
}

static const struct {
	const char *name;
	size_t offset;
} counter_fields[] = {
#define FIELD(name) { #name, offsetof(struct rfork_counters, name) }
	FIELD(pages_checkpointed), FIELD(pages_migrated), FIELD(pages_prefetched),
	FIELD(pages_demoted), FIELD(leaves_checkpointed), FIELD(leaves_attached),
	FIELD(leaves_built), FIELD(leaves_unshared), FIELD(faults), FIELD(faults_write),
	FIELD(faults_deferred), FIELD(faults_remote), FIELD(entries_validated),
	FIELD(validation_ns), FIELD(bytes_flushed), FIELD(children_restored),
	FIELD(children_forked), FIELD(children_exited), FIELD(children_killed),
};

void record_counters(const struct rfork_counters *counters)
{
	for (size_t i = 0; i < sizeof(counter_fields) / sizeof(counter_fields[0]); i++)
		record_number(counter_fields[i].name,
			      *(const uint64_t *)((const char *)counters +
						  counter_fields[i].offset));
}

void record_end(void)
{
	if (json_output)
		printf(in_list ? "}" : "}\n");
}
