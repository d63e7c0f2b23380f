// SPDX-License-Identifier: GPL-2.0
/* Every operation with every kind of wrong request: a specific errno, a reason, nothing changed. */
#define _GNU_SOURCE
#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include "selftest.h"

struct wrong {
	unsigned long command;
	int error;
	const char *words;		/* in the reason */
	const void *request;		/* of the command's size */
};

/* Of any operation; the number of its image comes first in those that have one. */
struct request {
	struct rfork_head head;
	uint64_t image;
	char rest[8192];
};

static const unsigned long commands[] = {
	RFORK_IOC_ATTACH, RFORK_IOC_DETACH, RFORK_IOC_FORMAT, RFORK_IOC_INFO, RFORK_IOC_CHECKPOINT,
	RFORK_IOC_RESTORE, RFORK_IOC_ADOPT, RFORK_IOC_LIST, RFORK_IOC_IMAGE, RFORK_IOC_DELETE,
	RFORK_IOC_SCAN, RFORK_IOC_HINT, RFORK_IOC_MIGRATE, RFORK_IOC_RECOVER, RFORK_IOC_STATS,
	RFORK_IOC_RESTRICT, RFORK_IOC_VERIFY,
};
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define NO_IMAGE	((12345ULL << 8) | 3)
#define NO_SLOT		((1ULL << 8) | 200)
#define NO_PROCESS	4000000
#define THREAD_OF_KERNEL 2
#define IMAGE		0x4547414d49ULL		/* stands for one that is there */
#define NOT_MAPPED	4096ULL
#define OF_KERNEL	0xffff888000000000ULL

/* What the head's checks refuse, whatever the operation. */
static const struct { struct rfork_head head; int error; const char *words; } heads[] = {
	{ { .version = 0 }, EPROTONOSUPPORT, "version 0" },
	{ { .version = 2 }, EPROTONOSUPPORT, "version 2" },
	{ { .version = ~0U }, EPROTONOSUPPORT, "version" },
	{ { .version = 1, .size = 1 }, EINVAL, "says it has" },
	{ { .version = 1, .size = -1 }, EINVAL, "says it has" },
	{ { .version = 1, .flags = 1U << 31 }, EINVAL, "flags" },
	{ { .version = 1, .flags = 1U << 16 }, EINVAL, "flags" },
	{ { .version = 1, .reserved = 1 }, EINVAL, "reserved" },
};

#define REQUEST(name, code, type, words, ...)						\
	{ RFORK_IOC_##name, code, words, &(const struct rfork_##type){ __VA_ARGS__ } }

/* With a region attached, as node 0 of 2, that holds one image of this process with one thread. */
static const struct wrong wrongs[] = {
	REQUEST(ATTACH, EBUSY, attach, "attached already", .boot_id = { 1 }),
	REQUEST(FORMAT, EINVAL, format, "coherence 0", .nodes = 2),
	REQUEST(FORMAT, EINVAL, format, "coherence 3", .nodes = 2, .coherence = 3),
	REQUEST(FORMAT, EINVAL, format, "0 nodes", .coherence = 1),
	REQUEST(FORMAT, EINVAL, format, "17 nodes", .coherence = 1, .nodes = 17),
	REQUEST(CHECKPOINT, EINVAL, checkpoint, "process -1", .pid = -1),
	REQUEST(CHECKPOINT, EINVAL, checkpoint, "process -2147483648", .pid = -2147483647 - 1),
	REQUEST(CHECKPOINT, ESRCH, checkpoint, "no process", .pid = NO_PROCESS),
	REQUEST(CHECKPOINT, EINVAL, checkpoint, "kernel thread", .pid = THREAD_OF_KERNEL),
	REQUEST(RESTORE, ENOENT, restore, "no checkpoint 0", .threads = 1),
	REQUEST(RESTORE, ENOENT, restore, "no checkpoint", .threads = 1, .image = NO_IMAGE),
	REQUEST(RESTORE, ENOENT, restore, "no checkpoint", .threads = 1, .image = NO_SLOT),
	REQUEST(RESTORE, ENOENT, restore, "no checkpoint", .threads = 1, .image = ~0ULL),
	REQUEST(RESTORE, EINVAL, restore, "1 threads", .image = IMAGE),
	REQUEST(RESTORE, EINVAL, restore, "1 threads", .image = IMAGE, .threads = 2),
	REQUEST(RESTORE, EINVAL, restore, "placements", .image = IMAGE, .threads = 1,
		.placements = NOT_MAPPED),
	REQUEST(RESTORE, EINVAL, restore, "placements", .image = IMAGE, .threads = 1,
		.placement_bytes = 1),
	REQUEST(RESTORE, EINVAL, restore, "placements", .image = IMAGE, .threads = 1,
		.placements = NOT_MAPPED, .placement_bytes = ~0ULL),
	REQUEST(RESTORE, EINVAL, restore, "result", .image = IMAGE, .threads = 1, .result = 12),
	REQUEST(RESTORE, EINVAL, restore, "result", .image = IMAGE, .threads = 1,
		.result = 2 * NOT_MAPPED - 8),
	REQUEST(RESTORE, EFAULT, restore, "result", .image = IMAGE, .threads = 1,
		.result = NOT_MAPPED),
	REQUEST(RESTORE, EFAULT, restore, "result", .image = IMAGE, .threads = 1,
		.result = OF_KERNEL),
	REQUEST(ADOPT, EINVAL, adopt, "thread 0", .image = IMAGE),
	REQUEST(ADOPT, EINVAL, adopt, "thread 64", .image = IMAGE, .index = 64),
	REQUEST(ADOPT, EINVAL, adopt, "thread 4294967295", .image = IMAGE, .index = ~0U),
	REQUEST(ADOPT, EINVAL, adopt, "reserved", .image = IMAGE, .index = 1, .reserved = 1),
	REQUEST(LIST, EFAULT, list, "list", .images = NOT_MAPPED, .capacity = 1),
	REQUEST(LIST, EFAULT, list, "list", .images = OF_KERNEL, .capacity = 1),
	REQUEST(IMAGE, ENOENT, image, "no checkpoint 0", .image = 0),
	REQUEST(IMAGE, ENOENT, image, "no checkpoint", .image = NO_IMAGE),
	REQUEST(IMAGE, ENOENT, image, "no checkpoint", .image = NO_SLOT),
	REQUEST(VERIFY, ENOENT, verify, "no checkpoint", .image = NO_IMAGE),
	REQUEST(VERIFY, ENOENT, verify, "no checkpoint", .image = NO_SLOT),
	REQUEST(DELETE, ENOENT, delete, "no checkpoint 0", .image = 0),
	REQUEST(DELETE, ENOENT, delete, "no checkpoint", .image = NO_IMAGE),
	REQUEST(DELETE, ENOENT, delete, "no checkpoint", .image = NO_SLOT),
	REQUEST(SCAN, EINVAL, scan, "a checkpoint or of a process", .end = 1),
	REQUEST(SCAN, EINVAL, scan, "a checkpoint or of a process", .image = IMAGE, .pid = 1, .end = 1),
	REQUEST(SCAN, EINVAL, scan, "empty", .image = IMAGE, .start = 5, .end = 5),
	REQUEST(SCAN, EINVAL, scan, "empty", .image = IMAGE, .start = 6, .end = 5),
	REQUEST(SCAN, EINVAL, scan, "reserved", .image = IMAGE, .end = ~0ULL, .reserved = 1),
	REQUEST(SCAN, EINVAL, scan, "capacity", .image = IMAGE, .end = ~0ULL, .pages = NOT_MAPPED),
	REQUEST(SCAN, EFAULT, scan, "pages", .image = IMAGE, .end = ~0ULL, .pages = NOT_MAPPED,
		.capacity = 1),
	REQUEST(SCAN, ENOENT, scan, "no checkpoint", .image = NO_IMAGE, .end = 1),
	REQUEST(SCAN, ESRCH, scan, "process -1", .pid = -1, .end = 1),
	REQUEST(SCAN, ESRCH, scan, "process", .pid = NO_PROCESS, .end = 1),
	REQUEST(SCAN, ESRCH, scan, "process", .pid = THREAD_OF_KERNEL, .end = 1),
	REQUEST(HINT, EINVAL, hint, "hint is 2", .image = IMAGE, .end = 1, .hot = 2),
	REQUEST(HINT, EINVAL, hint, "reserved", .image = IMAGE, .end = 1, .reserved = 1),
	REQUEST(HINT, EINVAL, hint, "empty", .image = IMAGE),
	REQUEST(HINT, ENOENT, hint, "no checkpoint", .image = NO_IMAGE, .end = 1),
	REQUEST(MIGRATE, EINVAL, migrate, "direction 0", .pid = 1, .count = 1),
	REQUEST(MIGRATE, EINVAL, migrate, "direction 3", .pid = 1, .direction = 3, .count = 1),
	REQUEST(MIGRATE, EINVAL, migrate, "0 pages", .pid = 1, .direction = 1),
	REQUEST(MIGRATE, EINVAL, migrate, "65537 pages", .pid = 1, .direction = 1, .count = 65537),
	REQUEST(MIGRATE, EINVAL, migrate, "pages", .pid = 1, .direction = 1, .count = ~0ULL),
	REQUEST(MIGRATE, EFAULT, migrate, "addresses", .pid = 1, .direction = 2, .count = 1,
		.addresses = NOT_MAPPED),
	REQUEST(RECOVER, EINVAL, recover, "node 99", .node = 99),
	REQUEST(RECOVER, EINVAL, recover, "this node", .node = 0),
	REQUEST(RECOVER, EINVAL, recover, "reserved", .node = 1, .reserved = 1),
	REQUEST(RECOVER, EPERM, recover, "fenced", .node = 1),
	REQUEST(RECOVER, EPERM, recover, "fenced", .node = 1, .machine_id = { 1 }),
	REQUEST(STATS, ESRCH, stats, "process -1", .pid = -1),
	REQUEST(STATS, ESRCH, stats, "no child", .pid = NO_PROCESS),
	REQUEST(STATS, ESRCH, stats, "no child", .pid = 1),
	REQUEST(RESTRICT, ENOENT, restrict, "no checkpoint", .image = NO_IMAGE),
	REQUEST(RESTRICT, ENOENT, restrict, "no checkpoint", .image = NO_SLOT),
};

#define BASE	0x100000000ULL
#define MIB	(1ULL << 20)

/* With none attached. */
static const struct wrong attachments[] = {
	REQUEST(ATTACH, EINVAL, attach, "nodes are", .node = 16, .base = BASE, .bytes = 64 * MIB),
	REQUEST(ATTACH, EINVAL, attach, "boot", .base = BASE, .bytes = 64 * MIB),
	REQUEST(ATTACH, EINVAL, attach, "2 MiB", .boot_id = { 1 }),
	REQUEST(ATTACH, EINVAL, attach, "2 MiB", .boot_id = { 1 }, .base = BASE),
	REQUEST(ATTACH, EINVAL, attach, "2 MiB", .boot_id = { 1 }, .bytes = 64 * MIB),
	REQUEST(ATTACH, EINVAL, attach, "2 MiB", .boot_id = { 1 }, .base = BASE + MIB, .bytes = 64 * MIB),
	REQUEST(ATTACH, EINVAL, attach, "2 MiB", .boot_id = { 1 }, .base = BASE, .bytes = 63 * MIB),
	REQUEST(ATTACH, EINVAL, attach, "2 MiB", .boot_id = { 1 }, .base = -2 * MIB, .bytes = 64 * MIB),
	REQUEST(ATTACH, EINVAL, attach, "16 MiB", .boot_id = { 1 }, .base = BASE, .bytes = 2 * MIB),
	REQUEST(ATTACH, EINVAL, attach, "beyond", .boot_id = { 1 }, .base = 1ULL << 60, .bytes = 64 * MIB),
	REQUEST(ATTACH, EBUSY, attach, "own memory", .boot_id = { 1 }, .base = 32 * MIB, .bytes = 64 * MIB),
	REQUEST(ATTACH, EINVAL, attach, "either", .boot_id = { 1 }, .base = BASE, .dax = "dax0.0"),
	REQUEST(ATTACH, ENODEV, attach, "dax9.9", .boot_id = { 1 }, .dax = "dax9.9"),
	REQUEST(ATTACH, EINVAL, attach, "either", .boot_id = { 1 },
		.dax = { [0 ... 31] = 'x' }),
	REQUEST(DETACH, ENODEV, detach, "no region"),
	REQUEST(FORMAT, ENODEV, format, "no region", .coherence = 1, .nodes = 2),
	REQUEST(CHECKPOINT, ENODEV, checkpoint, "no region", .pid = 1),
	REQUEST(RESTORE, ENODEV, restore, "no region", .image = 256, .threads = 1),
	REQUEST(ADOPT, ENODEV, adopt, "no region", .image = 256, .index = 1),
	REQUEST(LIST, ENODEV, list, "no region", .capacity = 0),
	REQUEST(IMAGE, ENODEV, image, "no region", .image = 256),
	REQUEST(DELETE, ENODEV, delete, "no region", .image = 256),
	REQUEST(SCAN, ENODEV, scan, "no region", .image = 256, .end = 1),
	REQUEST(HINT, ENODEV, hint, "no region", .image = 256, .end = 1),
	REQUEST(MIGRATE, ENODEV, migrate, "no region", .pid = 1, .direction = 1, .count = 1),
	REQUEST(RECOVER, ENODEV, recover, "no region", .node = 1),
	REQUEST(RESTRICT, ENODEV, restrict, "no region", .image = 256),
};

/* All rows are tried, so that a run tells all that is amiss. */
static int differs(const char *name, size_t row, int result, int error, const char *words)
{
	if (result == -error && strstr(reason, words))
		return 0;
	printf("# %s %zu: %d instead of %d, \"%s\" without \"%s\"\n", name, row, result, -error, reason,
	       words);
	return 1;
}

static int try_all(const char *name, const struct wrong *rows, size_t count, uint64_t image)
{
	int failures = 0;

	for (size_t i = 0; i < count; i++) {
		struct request request = { };

		memcpy(&request, rows[i].request, _IOC_SIZE(rows[i].command));
		if (request.image == IMAGE)
			request.image = image;
		failures += differs(name, i, call(rows[i].command, &request), rows[i].error,
				    rows[i].words);
	}
	return failures;
}

static void wrong_heads(void)
{
	int failures = 0;

	for (size_t i = 0; i < COUNT(commands); i++) {
		unsigned int size = _IOC_SIZE(commands[i]);

		for (size_t h = 0; h < COUNT(heads); h++) {
			struct request request = { .head = heads[h].head };
			int result;

			request.head.size += size;
			result = ioctl(device, commands[i], &request) < 0 ? -errno : 0;
			memcpy(reason, request.head.reason, sizeof(reason));
			failures += differs("head of", i * 100 + h, result, heads[h].error,
					    heads[h].words);
		}
		check(ioctl(device, commands[i], NULL) < 0 && errno == EFAULT);
		check(ioctl(device, commands[i], OF_KERNEL) < 0 && errno == EFAULT);
		check(ioctl(device, commands[i], NOT_MAPPED - 8) < 0 && errno == EFAULT);
		/* Another size is another command. */
		check(ioctl(device, commands[i] + (1UL << _IOC_SIZESHIFT), NULL) < 0 && errno == ENOTTY);
	}
	for (unsigned int number = 0; number < 256; number++) {
		bool known = number >= 1 && number <= COUNT(commands);

		check(known || (ioctl(device, _IOWR(RFORK_IOC_MAGIC, number, struct rfork_head), NULL) < 0 &&
				errno == ENOTTY));
	}
	check_equal(failures, 0);
}

static void wrong_fields(void)
{
	uint64_t image, before;
	int failures;

	make_arena(64);
	if (checkpoint_self(&image))
		child_exit();
	before = free_bytes();
	failures = try_all("request", wrongs, COUNT(wrongs), image);
	check_equal(failures, 0);
	check_equal(free_bytes(), before);
	/* And this process is what it was. */
	for (size_t i = 0; i < 64; i++)
		check(page_is(i, 0));
	wait_child(restore_image(image, NULL));
	delete_image(image);
}

static void wrong_addresses_of_pages(void)
{
	uint64_t addresses[] = { 0x1001, 1ULL << 56, ~0xfffULL, OF_KERNEL };
	struct rfork_migrate move = { .pid = getpid(), .direction = 1, .count = 1 };

	for (size_t i = 0; i < COUNT(addresses); i++) {
		move.addresses = (uintptr_t)&addresses[i];
		check_equal(call(RFORK_IOC_MIGRATE, &move), -EINVAL);
		check(strstr(reason, "no page address"));
	}
	addresses[0] = 0x1000;
	move.addresses = (uintptr_t)addresses;
	check_equal(call(RFORK_IOC_MIGRATE, &move), -ESRCH);
	check(strstr(reason, "no child"));
}

static void without_a_region(void)
{
	struct rfork_info info = { };
	struct rfork_detach detach = { };
	struct rfork_attach attach = { };
	int failures;

	check_equal(call(RFORK_IOC_INFO, &info), 0);
	check_equal(call(RFORK_IOC_DETACH, &detach), 0);
	failures = try_all("request", attachments, COUNT(attachments), 0);
	attach.base = info.base;
	attach.bytes = info.bytes;
	attach.node = info.node;
	memcpy(attach.boot_id, info.node_info[info.node].boot_id, RFORK_ID_BYTES);
	memcpy(attach.machine_id, info.node_info[info.node].machine_id, RFORK_ID_BYTES);
	check_equal(call(RFORK_IOC_ATTACH, &attach), 0);
	check_equal(attach.formatted, 1);
	check_equal(failures, 0);
}

const struct test_case surface_cases[] = {
	{ "wrong-heads-are-refused", wrong_heads },
	{ "wrong-fields-are-refused-one-by-one", wrong_fields },
	{ "addresses-that-are-no-pages-are-refused", wrong_addresses_of_pages },
	{ "without-a-region-nothing-is-done", without_a_region },
	{ }
};
