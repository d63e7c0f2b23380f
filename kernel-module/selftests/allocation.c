// SPDX-License-Identifier: GPL-2.0
/* Allocation failures, injected one after the other into every operation. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "selftest.h"

#define PAGES 600
#define MOST 2000
#define ATTACH_ALLOCATIONS 6

/* The n-th allocation of this thread fails. Returns false where the kernel cannot do this. */
static bool arm(int nth)
{
	char text[16];
	int file = open("/proc/thread-self/fail-nth", O_RDWR);
	bool done;

	if (file < 0)
		return false;
	snprintf(text, sizeof(text), "%d", nth);
	done = write(file, text, strlen(text)) > 0;
	close(file);
	return done;
}

/* Whether the failure that was asked for has happened. It may also hit the very calls that ask. */
static bool happened(void)
{
	char text[16] = "";
	int file, left = -1;

	while ((file = open("/proc/thread-self/fail-nth", O_RDWR)) < 0)
		left = 1;
	if (left < 0) {
		if (read(file, text, sizeof(text) - 1) > 0)
			left = atoi(text);
		else
			left = 1;
	}
	while (write(file, "0", 1) != 1)
		left = 1;
	close(file);
	return left == 0;
}

static void write_setting(const char *path, const char *value)
{
	int file = open(path, O_WRONLY);

	if (file < 0)
		return;
	check(write(file, value, strlen(value)) > 0);
	close(file);
}

static void needs_injection(void)
{
	if (access("/proc/thread-self/fail-nth", W_OK))
		skip("this kernel injects no faults");
	/* Also those that may sleep, which are nearly all of ours. */
	write_setting("/sys/kernel/debug/failslab/ignore-gfp-wait", "N");
	write_setting("/sys/kernel/debug/fail_page_alloc/ignore-gfp-wait", "N");
	write_setting("/sys/kernel/debug/fail_page_alloc/min-order", "0");
	write_setting("/sys/kernel/debug/failslab/verbose", "0");
	write_setting("/sys/kernel/debug/fail_page_alloc/verbose", "0");
	write_setting("/sys/kernel/debug/fail_usercopy/verbose", "0");
}

static void checkpoint_survives_each_failure(void)
{
	uint64_t before;
	int n, failures = 0;

	needs_injection();
	make_arena(PAGES);
	before = free_bytes();
	for (n = 1; n < MOST; n++) {
		struct rfork_checkpoint arg = { };
		int result;

		check(arm(n));
		result = call(RFORK_IOC_CHECKPOINT, &arg);
		if (result == 1)
			child_exit();
		if (!happened()) {
			check_equal(result, 0);
			delete_image(arg.image);
			break;
		}
		if (!result)
			delete_image(arg.image);
		else
			failures++;
		check_equal(free_bytes(), before);
	}
	check(n < MOST && failures > 5);
	for (size_t i = 0; i < PAGES; i++)
		check(page_is(i, 0));
}

static void restore_survives_each_failure(void)
{
	uint64_t image, bytes;
	unsigned char *placements;
	struct rfork_image info = { };
	int refused = 0, killed = 0, run = 0;

	needs_injection();
	make_arena(PAGES);
	if (checkpoint_self(&image)) {
		/* The restored process: in the middle of its first faults the next failure may come. */
		for (size_t i = 0; i < PAGES; i++)
			check(page_is(i, 0));
		child_exit();
	}
	info.image = image;
	check_equal(call(RFORK_IOC_IMAGE, &info), 0);
	bytes = (info.info.pages + 3) / 4;
	placements = malloc(bytes);
	memset(placements, 0x55 * RFORK_MIGRATE_ON_ACCESS, bytes);
	for (int n = 1; n < MOST; n++) {
		int status;
		pid_t pid = fork();

		if (!pid) {
			struct rfork_restore arg = { .image = image, .threads = 1,
						     .inherit_fds = 1ULL << device,
						     .placements = n % 2 ? 0 : (uintptr_t)placements,
						     .placement_bytes = n % 2 ? 0 : bytes };

			check(arm(n));
			call(RFORK_IOC_RESTORE, &arg);
			/* Refused, with nothing changed. */
			arm(0);
			for (size_t i = 0; i < PAGES; i++)
				check(page_is(i, 0));
			_exit(2);
		}
		status = wait_status(pid);
		if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
			run++;
			if (run > 20)
				break;
		} else if (WIFEXITED(status)) {
			check_equal(WEXITSTATUS(status), 2);
			refused++;
			run = 0;
		} else {
			check(WTERMSIG(status) == SIGKILL || WTERMSIG(status) == SIGBUS ||
			      WTERMSIG(status) == SIGSEGV);
			killed++;
			run = 0;
		}
	}
	check(refused > 5 && run > 20);
	printf("# %d refused, %d killed\n", refused, killed);
	wait_child(restore_image(image, NULL));
	delete_image(image);
}

/* What the operations below work on. */
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
	survives_each_failure("scan of an image", scan_image, NULL);
	survives_each_failure("scan of a child", scan_child, NULL);
	survives_each_failure("hint", hint, NULL);
	survives_each_failure("promote", promote, NULL);
	survives_each_failure("demote", demote, NULL);
	survives_each_failure("recover", recover, NULL);
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
	{ "checkpoint-survives-each-failed-allocation", checkpoint_survives_each_failure },
	{ "restore-survives-each-failed-allocation", restore_survives_each_failure },
	{ "every-other-operation-survives-each-failed-allocation", everything_else_survives_each_failure },
	{ }
};
