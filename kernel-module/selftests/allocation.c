// SPDX-License-Identifier: GPL-2.0
/* Allocation failures, injected one after the other into every operation but those of failing-moves.c and threads.c. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "fault-injection.h"
#include "selftest.h"

#define PAGES 600
#define ATTACH_ALLOCATIONS 6

/* What the operations work on. */
static struct rfork_info region;
static uint64_t image;
static pid_t child;
static char *buffer;

static int list(void)
{
	struct rfork_list arg = { .images = (uintptr_t)buffer, .capacity = 1 };

	return call(RFORK_IOC_LIST, &arg);
}

static int info(void)
{
	struct rfork_info arg = { };

	return call(RFORK_IOC_INFO, &arg);
}

static int image_info(void)
{
	struct rfork_image arg = { .image = image };

	return call(RFORK_IOC_IMAGE, &arg);
}

static int stats(void)
{
	struct rfork_stats arg = { .pid = child };

	return call(RFORK_IOC_STATS, &arg);
}

static int scan_image(void)
{
	struct rfork_scan arg = { .head.flags = RFORK_SCAN_CLEAR, .image = image, .end = 1ULL << 47,
				  .pages = (uintptr_t)buffer, .capacity = PAGES };

	return call(RFORK_IOC_SCAN, &arg);
}

static int scan_child(void)
{
	struct rfork_scan arg = { .head.flags = RFORK_SCAN_CLEAR, .pid = child, .end = 1ULL << 47,
				  .pages = (uintptr_t)buffer, .capacity = PAGES };

	return call(RFORK_IOC_SCAN, &arg);
}

static int hint(void)
{
	struct rfork_hint arg = { .image = image, .end = 1ULL << 47, .hot = 1 };

	return call(RFORK_IOC_HINT, &arg);
}

/* Every time other pages, over the borders of leaves, so that there is something to do. */
static int migrate(unsigned int direction)
{
	static unsigned int turn;
	uint64_t addresses[4];
	struct rfork_migrate arg = { .pid = child, .direction = direction, .count = 4,
				     .addresses = (uintptr_t)addresses };

	for (int i = 0; i < 4; i++)
		addresses[i] = (uintptr_t)ARENA + (turn * 7 + i * 150) % PAGES * PAGE;
	turn++;
	return call(RFORK_IOC_MIGRATE, &arg);
}

static int promote(void)
{
	return migrate(RFORK_PROMOTE);
}

static int demote(void)
{
	return migrate(RFORK_DEMOTE);
}

static int recover(void)
{
	struct rfork_recover arg = { .head.flags = RFORK_RECOVER_FENCED, .node = !region.node };

	return call(RFORK_IOC_RECOVER, &arg);
}

static int delete(void)
{
	struct rfork_delete arg = { .image = image };

	return call(RFORK_IOC_DELETE, &arg);
}

static int format(void)
{
	struct rfork_format arg = { .head.flags = RFORK_FORMAT_FORCE, .nodes = region.nodes,
				    .coherence = RFORK_COHERENCE_HARDWARE };

	return call(RFORK_IOC_FORMAT, &arg);
}

static int detach(void)
{
	struct rfork_detach arg = { };

	return call(RFORK_IOC_DETACH, &arg);
}

static int attach(void)
{
	struct rfork_attach arg = { .base = region.base, .bytes = region.bytes, .node = region.node };

	memcpy(arg.boot_id, region.node_info[region.node].boot_id, RFORK_ID_BYTES);
	memcpy(arg.machine_id, region.node_info[region.node].machine_id, RFORK_ID_BYTES);
	return call(RFORK_IOC_ATTACH, &arg);
}

/* Of a descriptor of its own, as it cannot be taken back. */
static int restrict_descriptor(void)
{
	struct rfork_restrict arg = { };
	int own = open(RFORK_DEVICE, O_RDWR), all = device, result;

	if (own < 0)
		return -errno;
	device = own;
	result = call(RFORK_IOC_RESTRICT, &arg);
	device = all;
	close(own);
	return result;
}

/*
 * Until it succeeds untouched. @ready makes again what it works on: an operation that was done fails all the
 * same when its reply cannot be delivered.
 */
static void survives_failures(const char *name, int (*operation)(void), void (*ready)(void), int most)
{
	int n, failed = 0;

	for (n = 1; n <= most; n++) {
		int result;

		if (ready)
			ready();
		check(arm(n));
		result = operation();
		if (!happened()) {
			if (result)
				printf("# %s, untouched after %d\n", name, n);
			check_equal(result, 0);
			break;
		}
		/* The kernel tells no lack of memory from a range that is taken. */
		if (operation == attach && result == -EBUSY)
			result = -ENOMEM;
		if (result && result != -ENOMEM && result != -EFAULT && result != -EAGAIN)
			printf("# %s, failure %d: %d\n", name, n, result);
		check(result == 0 || result == -ENOMEM || result == -EFAULT || result == -EAGAIN);
		failed += !!result;
	}
	check(n <= most || most < MOST);
	printf("# %s: %d failures injected, %d refused\n", name, n - 1, failed);
}

static void survives_each_failure(const char *name, int (*operation)(void), void (*ready)(void))
{
	survives_failures(name, operation, ready, MOST);
}

static void image_again(void)
{
	if (checkpoint_self(&image)) {
		/* A child waits, and ends when it is told; all its memory is right then. */
		sigset_t set;
		int number;

		sigemptyset(&set);
		sigaddset(&set, SIGTERM);
		sigprocmask(SIG_BLOCK, &set, NULL);
		sigwait(&set, &number);
		for (size_t i = 0; i < PAGES; i++)
			check(page_is(i, 0));
		child_exit();
	}
}

/* A child that has its signal mask back. */
static void start_child(void)
{
	child = restore_image(image, NULL);
	for (int i = 0; i < 1000 && stats(); i++)
		usleep(10000);
	usleep(200000);
}

static void end_child(void)
{
	kill(child, SIGTERM);
	wait_child(child);
	for (int i = 0; i < 1000 && delete() == -EBUSY; i++)
		usleep(10000);
}

static void image_exists(void)
{
	if (image_info())
		image_again();
}

static bool attached(void)
{
	struct rfork_info arg = { };

	check_equal(call(RFORK_IOC_INFO, &arg), 0);
	return arg.attached;
}

static void region_is_attached(void)
{
	if (!attached())
		check_equal(attach(), 0);
}

static void region_is_detached(void)
{
	if (attached())
		check_equal(detach(), 0);
}

static void everything_else_survives_each_failure(void)
{
	uint64_t before;

	needs_injection();
	check_equal(info(), 0);
	check_equal(call(RFORK_IOC_INFO, &region), 0);
	before = region.free_bytes;
	make_arena(PAGES);
	buffer = malloc(PAGES * sizeof(struct rfork_page) + sizeof(struct rfork_image_info));
	image_again();
	start_child();
	survives_each_failure("info", info, NULL);
	survives_each_failure("list", list, NULL);
	survives_each_failure("image", image_info, NULL);
	survives_each_failure("stats", stats, NULL);
	survives_each_failure("scan of a checkpoint", scan_image, NULL);
	survives_each_failure("scan of a child", scan_child, NULL);
	survives_each_failure("hint", hint, NULL);
	survives_each_failure("promote", promote, NULL);
	survives_each_failure("demote", demote, NULL);
	survives_each_failure("recover", recover, NULL);
	survives_each_failure("restrict", restrict_descriptor, NULL);
	end_child();
	survives_each_failure("delete", delete, image_exists);
	check_equal(free_bytes(), before);
	survives_each_failure("format", format, NULL);
	survives_each_failure("detach", detach, region_is_attached);
	/* The module's own. Then Linux makes a direct map, and uses the pages it asks for without a look. */
	survives_failures("attach", attach, region_is_detached, ATTACH_ALLOCATIONS);
	region_is_attached();
	check_equal(free_bytes(), before);
	image_again();
	start_child();
	end_child();
	check_equal(free_bytes(), before);
}

const struct test_case allocation_cases[] = {
	{ "every-other-operation-survives-each-failed-allocation", everything_else_survives_each_failure },
	{ }
};
