// SPDX-License-Identifier: GPL-2.0
/* Records as "name value" lines or as JSON objects. */
#include <inttypes.h>
#include <stdio.h>
#include "rforkctl.h"

bool json_output;

static bool first[4] = { true };
static int depth;

/* Before each value of a list or of a record. */
static void separate(void)
{
	if (!first[depth] && json_output)
		putchar(',');
	first[depth] = false;
}

static void open_bracket(char bracket)
{
	if (json_output)
		putchar(bracket);
	first[++depth] = true;
}

static void close_bracket(char bracket)
{
	depth--;
	if (json_output)
		putchar(bracket);
	if (json_output && !depth)
		putchar('\n');
}

static void name_field(const char *name)
{
	separate();
	if (json_output)
		printf("\"%s\":", name);
	else
		printf("%-24s ", name);
}

static void end_field(void)
{
	if (!json_output)
		putchar('\n');
}

void list_begin(const char *name)
{
	if (name)
		name_field(name);
	if (name && !json_output)
		putchar('\n');
	open_bracket('[');
}

void list_end(void)
{
	close_bracket(']');
}

void record_begin(void)
{
	/* An empty line between the records of a list. */
	if (!json_output && !first[depth])
		putchar('\n');
	separate();
	open_bracket('{');
}

void record_end(void)
{
	close_bracket('}');
}

void record_number(const char *name, uint64_t value)
{
	name_field(name);
	printf("%" PRIu64, value);
	end_field();
}

static void record_signed(const char *name, int64_t value)
{
	name_field(name);
	printf("%" PRId64, value);
	end_field();
}

static void print_text(const char *value)
{
	if (!json_output) {
		printf("%s", value);
		return;
	}
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
}

void list_text(const char *value)
{
	separate();
	if (!json_output)
		printf("  ");
	print_text(value);
	end_field();
}

void record_text(const char *name, const char *value)
{
	name_field(name);
	print_text(value);
	end_field();
}

void record_fields_of(const struct field *fields, size_t count, const void *from)
{
	for (size_t i = 0; i < count; i++) {
		const char *name = fields[i].name;
		const void *at = (const char *)from + fields[i].offset;

		switch (fields[i].kind) {
		case FIELD_U32: record_number(name, *(const __u32 *)at); break;
		case FIELD_S32: record_signed(name, *(const __s32 *)at); break;
		case FIELD_U64: record_number(name, *(const __u64 *)at); break;
		case FIELD_TEXT: record_text(name, at); break;
		}
	}
}
