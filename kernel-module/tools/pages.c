// SPDX-License-Identifier: GPL-2.0
/* rforkctl scan, hint, migrate: single pages of checkpoints and of children. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "rforkctl.h"

#define PAGE_BYTES	4096
#define MAX_BATCH	65536

static void range(struct options *options, __u64 *start, __u64 *end)
{
	*start = size_option(options, "--start", 0);
	*end = size_option(options, "--end", UINT64_MAX);
	if (*start >= *end)
		die("--start %#llx is not below --end %#llx", *start, *end);
}

static void print_page(const struct rfork_page *page)
{
	if (json_output) {
		record_begin();
		record_number("address", page->address);
		record_number("flags", page->flags);
		record_end();
		return;
	}
	printf("%#llx %c%c%c%c%c%c\n", (unsigned long long)page->address,
	       page->flags & RFORK_PAGE_ACCESSED ? 'A' : '-',
	       page->flags & RFORK_PAGE_DIRTY ? 'D' : '-',
	       page->flags & RFORK_PAGE_HOT ? 'h' : '-',
	       page->flags & RFORK_PAGE_HUGE ? 'H' : '-',
	       page->flags & RFORK_PAGE_LOCAL ? 'L' : '-',
	       page->flags & RFORK_PAGE_ACCESSED_LIVE ? 'a' : '-');
}

int command_scan(struct options *options)
{
	static struct rfork_page pages[MAX_BATCH];
	struct rfork_scan arg = { };
	bool each = flag(options, "--pages");
	uint64_t count = 0, accessed = 0, dirty = 0;
	int device;

	if (flag(options, "--clear"))
		arg.head.flags |= RFORK_SCAN_CLEAR;
	arg.image = number_option(options, "--checkpoint", 1, UINT64_MAX, 0);
	arg.pid = number_option(options, "--pid", 1, INT32_MAX, 0);
	range(options, &arg.start, &arg.end);
	no_more(options);
	if (!arg.image == !arg.pid)
		die("scan takes either --checkpoint or --pid%s", options->usage);
	device = open_device();
	if (each) {
		arg.pages = (uintptr_t)pages;
		arg.capacity = MAX_BATCH;
	}
	/* The list is begun when there is one: what is refused prints nothing. */
	request(device, RFORK_IOC_SCAN, &arg);
	if (each)
		list_begin(NULL);
	for (;;) {
		for (uint64_t i = 0; each && i < arg.count; i++)
			print_page(&pages[i]);
		count += arg.count;
		accessed += arg.accessed;
		dirty += arg.dirty;
		if (arg.next >= arg.end)
			break;
		arg.start = arg.next;
		request(device, RFORK_IOC_SCAN, &arg);
	}
	if (each) {
		list_end();
		return 0;
	}
	record_begin();
	record_number("pages", count);
	record_number("accessed", accessed);
	record_number("dirty", dirty);
	record_end();
	return 0;
}

int command_hint(struct options *options)
{
	struct rfork_hint arg = { };

	arg.hot = !flag(options, "--cold");
	arg.image = needed_number(options, "--checkpoint", 1, UINT64_MAX);
	range(options, &arg.start, &arg.end);
	no_more(options);
	request(open_device(), RFORK_IOC_HINT, &arg);
	record_begin();
	record_number("pages", arg.count);
	record_end();
	return 0;
}

static void request_moves(int device, struct rfork_migrate *arg, uint64_t *moved)
{
	if (!arg->count)
		return;
	request(device, RFORK_IOC_MIGRATE, arg);
	*moved += arg->migrated;
	arg->count = 0;
}

/*
 * One address a line, of a file or, as "-", of standard input. All are read before any page moves:
 * a line that is wrong moves none.
 */
static uint64_t *read_addresses(const char *path, size_t *count)
{
	bool is_input = !strcmp(path, "-");
	FILE *file = is_input ? stdin : fopen(path, "r");
	const char *name = is_input ? "standard input" : path;
	uint64_t *addresses = NULL;
	char line[64], what[512];
	size_t room = 0;

	if (!file)
		die("%s cannot be opened: %s", name, strerror(errno));
	for (*count = 0; fgets(line, sizeof(line), file); ++*count) {
		if (*count == room) {
			room = room ? 2 * room : 1024;
			addresses = realloc(addresses, room * sizeof(*addresses));
			if (!addresses)
				die("there is no memory for %zu addresses", room);
		}
		line[strcspn(line, "\n")] = 0;
		snprintf(what, sizeof(what), "%s:%zu", name, *count + 1);
		addresses[*count] = number(line, what, 0, UINT64_MAX);
	}
	if (ferror(file))
		die("%s cannot be read: %s", name, strerror(errno));
	if (!is_input)
		fclose(file);
	return addresses;
}

int command_migrate(struct options *options)
{
	struct rfork_migrate arg = { .direction = RFORK_PROMOTE };
	static __u64 batch[MAX_BATCH];
	uint64_t start = size_option(options, "--start", UINT64_MAX), moved = 0, *addresses = NULL;
	const char *path = option(options, "--addresses");
	size_t count;
	int device;

	if (flag(options, "--demote"))
		arg.direction = RFORK_DEMOTE;
	arg.pid = needed_number(options, "--pid", 1, INT32_MAX);
	count = number_option(options, "--count", 1, MAX_BATCH, 0);
	no_more(options);
	if ((start == UINT64_MAX) == !path || (path && count))
		die("migrate takes either --addresses, or --start with or without --count%s",
		    options->usage);
	if (path)
		addresses = read_addresses(path, &count);
	else if (!count)
		count = 1;
	device = open_device();
	arg.addresses = (uintptr_t)batch;
	for (size_t i = 0; i < count; i++) {
		batch[arg.count++] = addresses ? addresses[i] : start + i * PAGE_BYTES;
		if (arg.count == MAX_BATCH)
			request_moves(device, &arg, &moved);
	}
	request_moves(device, &arg, &moved);
	record_begin();
	record_number("migrated", moved);
	record_end();
	return 0;
}
