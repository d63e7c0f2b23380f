// SPDX-License-Identifier: GPL-2.0
/* rforkctl: the command line of the rfork device. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include "rforkctl.h"
#include "state-table.h"

bool json_output;

void die(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	fprintf(stderr, "rforkctl: ");
	vfprintf(stderr, fmt, args);
	fprintf(stderr, "\n");
	va_end(args);
	exit(1);
}

int open_device(void)
{
	int device = open(RFORK_DEVICE, O_RDWR | O_CLOEXEC);

	if (device >= 0)
		return device;
	if (errno == ENOENT)
		die("%s is not there; load the module: insmod rfork.ko", RFORK_DEVICE);
	if (errno == EPERM || errno == EACCES)
		die("%s may only be opened with CAP_SYS_ADMIN", RFORK_DEVICE);
	die("%s cannot be opened: %s", RFORK_DEVICE, strerror(errno));
}

int try_request(int device, unsigned long command, void *argument)
{
	struct rfork_head *head = argument;

	head->size = _IOC_SIZE(command);
	head->version = RFORK_UAPI_VERSION;
	return ioctl(device, command, argument) < 0 ? -errno : 0;
}

int request(int device, unsigned long command, void *argument)
{
	struct rfork_head *head = argument;
	int error = try_request(device, command, argument);

	if (error)
		die("%s%s%s", head->reason[0] ? head->reason : strerror(-error),
		    head->reason[0] ? ": " : "", head->reason[0] ? strerror(-error) : "");
	return error;
}

static int command_attach(struct options *options)
{
	struct rfork_attach arg = { };
	const char *dax = option(options, "--dax"), *base = option(options, "--base");
	const char *size = option(options, "--size"), *node = option(options, "--node");

	read_boot_id(arg.boot_id);
	read_machine_id(options, arg.machine_id);
	no_more(options);
	if (!node)
		die("--node is missing: a number that no other machine of the region has");
	if (!dax == !(base && size))
		die("attach needs --base and --size, or --dax");
	arg.node = parse_number(node, "--node");
	if (dax) {
		strncpy(arg.dax, dax, sizeof(arg.dax) - 1);
	} else {
		arg.base = parse_number(base, "--base");
		arg.bytes = parse_number(size, "--size");
	}
	request(open_device(), RFORK_IOC_ATTACH, &arg);
	record_begin();
	record_number("base", arg.base);
	record_number("bytes", arg.bytes);
	record_number("node", arg.node);
	record_number("formatted", arg.formatted);
	record_number("struct_page_bytes", arg.struct_page_bytes);
	record_end();
	return 0;
}

static int command_detach(struct options *options)
{
	struct rfork_detach arg = { };

	no_more(options);
	request(open_device(), RFORK_IOC_DETACH, &arg);
	return 0;
}

static int command_format(struct options *options)
{
	struct rfork_format arg = { .coherence = RFORK_COHERENCE_HARDWARE, .nodes = 2 };
	const char *coherence = option(options, "--coherence"), *nodes = option(options, "--nodes");

	if (flag(options, "--force"))
		arg.head.flags |= RFORK_FORMAT_FORCE;
	no_more(options);
	if (nodes)
		arg.nodes = parse_number(nodes, "--nodes");
	if (coherence && !strcmp(coherence, "software"))
		arg.coherence = RFORK_COHERENCE_SOFTWARE;
	else if (coherence && strcmp(coherence, "hardware"))
		die("--coherence %s; hardware or software", coherence);
	request(open_device(), RFORK_IOC_FORMAT, &arg);
	record_begin();
	record_number("generation", arg.generation);
	record_end();
	return 0;
}

static int command_info(struct options *options)
{
	struct rfork_info arg = { };

	no_more(options);
	request(open_device(), RFORK_IOC_INFO, &arg);
	record_begin();
	record_text("release", arg.release);
	record_number("attached", arg.attached);
	record_number("formatted", arg.formatted);
	record_number("node", arg.node);
	record_number("nodes", arg.nodes);
	record_text("coherence", arg.coherence == RFORK_COHERENCE_SOFTWARE ? "software" :
				 arg.coherence ? "hardware" : "none");
	record_number("base", arg.base);
	record_number("bytes", arg.bytes);
	record_number("free_bytes", arg.free_bytes);
	record_number("extent_bytes", arg.extent_bytes);
	record_number("struct_page_bytes", arg.struct_page_bytes);
	record_number("generation", arg.generation);
	record_text("unshare_hooks", arg.hooks ? "on" : "OFF, images get corrupted");
	record_text("trust", "every kernel and root user that can write the region is trusted like this kernel");
	for (unsigned int i = 0; i < arg.nodes && i < RFORK_MAX_NODES; i++) {
		char name[32];

		snprintf(name, sizeof(name), "node%u_epoch", i);
		record_number(name, arg.node_info[i].epoch);
		snprintf(name, sizeof(name), "node%u_attached", i);
		record_number(name, arg.node_info[i].attached);
	}
	record_end();
	if (!json_output)
		print_state_table();
	return 0;
}

static int command_checkpoint(struct options *options)
{
	struct rfork_checkpoint arg = { };
	const char *text;

	if (flag(options, "--checksum-data"))
		arg.head.flags |= RFORK_CHECKPOINT_CHECKSUM_DATA;
	if ((text = option(options, "--timeout-ms")))
		arg.timeout_ms = parse_number(text, "--timeout-ms");
	while ((text = option(options, "--inherit-fd"))) {
		uint64_t fd = parse_number(text, "--inherit-fd");

		if (fd > 63)
			die("--inherit-fd %s; 0 .. 63", text);
		arg.inherit_fds |= 1ULL << fd;
	}
	arg.pid = parse_number(operand(options, "the process's pid"), "pid");
	no_more(options);
	if (!arg.pid)
		die("pid 0 would be rforkctl itself");
	request(open_device(), RFORK_IOC_CHECKPOINT, &arg);
	record_begin();
	record_number("image", arg.image);
	record_number("pages", arg.pages);
	record_number("leaves", arg.leaves);
	record_number("vmas", arg.vmas);
	record_number("threads", arg.threads);
	record_number("bytes", arg.bytes);
	record_number("duration_ns", arg.duration_ns);
	record_number("stopped_ns", arg.stopped_ns);
	record_end();
	return 0;
}

static void print_image(const struct rfork_image_info *info)
{
	static const char *const states[] = { "free", "building", "committed", "deleting" };
	uint64_t refs = 0;

	for (int i = 0; i < RFORK_MAX_NODES; i++)
		refs += info->refs[i];
	record_begin();
	record_number("image", info->image);
	record_text("state", info->state < 4 ? states[info->state] : "unknown");
	record_number("owner_node", info->owner_node);
	record_text("comm", info->comm);
	record_signed("pid", info->pid);
	record_number("uid", info->uid);
	record_number("pages", info->pages);
	record_number("leaves", info->leaves);
	record_number("vmas", info->vmas);
	record_number("threads", info->threads);
	record_number("bytes", info->bytes);
	record_number("refs", refs);
	record_text("release", info->release);
	record_end();
}

static int command_list(struct options *options)
{
	struct rfork_image_info images[RFORK_MAX_IMAGES];
	struct rfork_list arg = { .images = (uintptr_t)images, .capacity = RFORK_MAX_IMAGES };

	no_more(options);
	request(open_device(), RFORK_IOC_LIST, &arg);
	list_begin();
	for (unsigned int i = 0; i < arg.count && i < RFORK_MAX_IMAGES; i++)
		print_image(&images[i]);
	list_end();
	return 0;
}

static int command_delete(struct options *options)
{
	struct rfork_delete arg = { };

	arg.image = parse_number(operand(options, "the image's id"), "image");
	no_more(options);
	request(open_device(), RFORK_IOC_DELETE, &arg);
	record_begin();
	record_number("bytes_freed", arg.bytes_freed);
	record_end();
	return 0;
}

static int command_recover(struct options *options)
{
	struct rfork_recover arg = { };
	const char *node = option(options, "--node");

	if (flag(options, "--fenced"))
		arg.head.flags |= RFORK_RECOVER_FENCED;
	read_boot_id(arg.boot_id);
	read_machine_id(options, arg.machine_id);
	no_more(options);
	if (!node)
		die("--node is missing");
	arg.node = parse_number(node, "--node");
	request(open_device(), RFORK_IOC_RECOVER, &arg);
	record_begin();
	record_number("images_freed", arg.images_freed);
	record_number("refs_dropped", arg.refs_dropped);
	record_number("bytes_freed", arg.bytes_freed);
	record_end();
	return 0;
}

static int command_stats(struct options *options)
{
	struct rfork_stats arg = { };
	const char *pid = option(options, "--pid");

	no_more(options);
	arg.pid = pid ? parse_number(pid, "--pid") : 0;
	request(open_device(), RFORK_IOC_STATS, &arg);
	record_begin();
	record_number("children", arg.children);
	if (arg.pid) {
		record_number("image", arg.image);
		record_number("leaves_shared", arg.leaves_shared);
	}
	record_counters(&arg.counters);
	record_end();
	return 0;
}

static void range(struct options *options, __u64 *start, __u64 *end)
{
	const char *from = option(options, "--start"), *to = option(options, "--end");

	*start = from ? parse_number(from, "--start") : 0;
	*end = to ? parse_number(to, "--end") : ~0ULL;
}

static void target(struct options *options, __u64 *image, __s32 *pid)
{
	const char *i = option(options, "--image"), *p = option(options, "--pid");

	if (!i == !p)
		die("either --image or --pid");
	*image = i ? parse_number(i, "--image") : 0;
	*pid = p ? parse_number(p, "--pid") : 0;
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

static int command_scan(struct options *options)
{
	static struct rfork_page pages[65536];
	struct rfork_scan arg = { };
	bool each = flag(options, "--pages");
	uint64_t count = 0, accessed = 0, dirty = 0;
	int device = open_device();

	if (flag(options, "--clear"))
		arg.head.flags |= RFORK_SCAN_CLEAR;
	target(options, &arg.image, &arg.pid);
	range(options, &arg.start, &arg.end);
	no_more(options);
	if (each) {
		arg.pages = (uintptr_t)pages;
		arg.capacity = sizeof(pages) / sizeof(pages[0]);
		list_begin();
	}
	do {
		request(device, RFORK_IOC_SCAN, &arg);
		for (uint64_t i = 0; each && i < arg.count; i++)
			print_page(&pages[i]);
		count += arg.count;
		accessed += arg.accessed;
		dirty += arg.dirty;
		arg.start = arg.next;
	} while (arg.next < arg.end);
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

static int command_hint(struct options *options)
{
	struct rfork_hint arg = { };
	const char *image = option(options, "--image");

	arg.hot = !flag(options, "--cold");
	range(options, &arg.start, &arg.end);
	no_more(options);
	if (!image)
		die("--image is missing");
	arg.image = parse_number(image, "--image");
	request(open_device(), RFORK_IOC_HINT, &arg);
	record_begin();
	record_number("pages", arg.count);
	record_end();
	return 0;
}

static int command_migrate(struct options *options)
{
	struct rfork_migrate arg = { .direction = RFORK_PROMOTE };
	const char *pid = option(options, "--pid"), *from = option(options, "--start");
	const char *count = option(options, "--count");
	__u64 *addresses;

	if (flag(options, "--demote"))
		arg.direction = RFORK_DEMOTE;
	no_more(options);
	if (!pid || !from)
		die("--pid and --start are needed, --count is 1 if not given");
	arg.pid = parse_number(pid, "--pid");
	arg.count = count ? parse_number(count, "--count") : 1;
	if (arg.count < 1 || arg.count > 65536)
		die("--count %s; 1 .. 65536", count);
	addresses = calloc(arg.count, sizeof(*addresses));
	if (!addresses)
		die("no memory");
	for (__u64 i = 0; i < arg.count; i++)
		addresses[i] = parse_number(from, "--start") + i * 4096;
	arg.addresses = (uintptr_t)addresses;
	request(open_device(), RFORK_IOC_MIGRATE, &arg);
	record_begin();
	record_number("migrated", arg.migrated);
	record_end();
	return 0;
}

static int command_help(struct options *options);

static const struct {
	const char *name;
	int (*run)(struct options *options);
	const char *usage;
} commands[] = {
	{ "attach", command_attach, "--node N (--base ADDRESS --size BYTES | --dax NAME) [--machine ID]" },
	{ "detach", command_detach, "" },
	{ "format", command_format, "[--coherence hardware|software] [--nodes N] [--force]" },
	{ "info", command_info, "" },
	{ "checkpoint", command_checkpoint, "PID [--checksum-data] [--inherit-fd N]... [--timeout-ms N]" },
	{ "restore", command_restore,
	  "IMAGE [--leaves attach|local] [--placement NAME | --placements FILE] [--prefetch-pages N] "
	  "[--pid new|keep] [--inherit-fd N]... [--changed-files] [--verify-data] [--detach]" },
	{ "list", command_list, "" },
	{ "scan", command_scan, "(--image ID | --pid PID) [--clear] [--pages] [--start A] [--end A]" },
	{ "hint", command_hint, "--image ID [--cold] [--start A] [--end A]" },
	{ "migrate", command_migrate, "--pid PID --start ADDRESS [--count N] [--demote]" },
	{ "delete", command_delete, "IMAGE" },
	{ "recover", command_recover, "--node N [--fenced] [--machine ID]" },
	{ "stats", command_stats, "[--pid PID]" },
	{ "help", command_help, "" },
};

static int command_help(struct options *options)
{
	no_more(options);
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		printf("rforkctl [--json] %s %s\n", commands[i].name, commands[i].usage);
	return 0;
}

int main(int argc, char **argv)
{
	struct options options = { .argc = argc - 1, .argv = argv + 1 };
	const char *name;

	json_output = flag(&options, "--json");
	name = operand(&options, "a command");
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (!strcmp(commands[i].name, name))
			return commands[i].run(&options);
	die("no command %s; run rforkctl help", name);
}
