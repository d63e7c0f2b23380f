// SPDX-License-Identifier: GPL-2.0
/*
 * Checkpoints and restores in which one allocation after the other fails.
 *
 *   rfork-selftest --failing-restores IMAGE   of a --serve program without threads, on any node
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/wait.h>
#include <unistd.h>
#include "fault-injection.h"
#include "selftest.h"

#define PAGES 600
/* So many restores in a row that run through were not reached by the failure. */
#define UNTOUCHED 20
#define COUNTER 20
#define READ_END 21
#define WRITE_END 22
#define LOOP 23

static void hold_objects(void)
{
	struct epoll_event event = { .events = EPOLLIN };
	int ends[2];

	check_equal(pipe(ends), 0);
	check(dup2(ends[0], READ_END) == READ_END && dup2(ends[1], WRITE_END) == WRITE_END);
	check_equal(dup2(eventfd(5, EFD_NONBLOCK), COUNTER), COUNTER);
	check_equal(dup2(epoll_create1(0), LOOP), LOOP);
	for (int fd = device + 1; fd < COUNTER; fd++)
		close(fd);
	for (int fd = 3; fd < device; fd++)
		close(fd);
	check_equal(write(WRITE_END, "held", 4), 4);
	check_equal(epoll_ctl(LOOP, EPOLL_CTL_ADD, COUNTER, &event), 0);
	check_equal(epoll_ctl(LOOP, EPOLL_CTL_ADD, READ_END, &event), 0);
}

static void check_objects(void)
{
	struct epoll_event found[3];
	char bytes[5];
	uint64_t count;

	check_equal(epoll_wait(LOOP, found, 3, 0), 2);
	check(read(COUNTER, &count, 8) == 8 && count == 5);
	check(read(READ_END, bytes, 5) == 4 && !memcmp(bytes, "held", 4));
	check_equal(epoll_wait(LOOP, found, 3, 0), 0);
	close(WRITE_END);
	check_equal(read(READ_END, bytes, 5), 0);
}

static void check_pages(void)
{
	for (size_t i = 0; i < PAGES; i++)
		check(page_is(i, 0));
}

static void checkpoint_survives_each_failure(void)
{
	uint64_t before;
	int n, failures = 0;

	needs_injection();
	make_arena(PAGES);
	hold_objects();
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
	check_pages();
	check_objects();
	printf("# %d failures injected, %d refused\n", n - 1, failures);
}

/* Until the failure is not reached. A restore is refused, with nothing changed, or kills, or its child is right. */
static void restores_survive_each_failure(const char *name, const struct rfork_restore *options, bool ends)
{
	int refused = 0, killed = 0, run = 0, n;

	for (n = 1; n < MOST && run <= UNTOUCHED; n++) {
		int status;
		pid_t pid = fork();

		if (!pid) {
			struct rfork_restore arg = *options;
			sigset_t set;
			int error;

			if (ends) {
				/* What ends the child, and waits until it takes signals. */
				sigemptyset(&set);
				sigaddset(&set, SIGTERM);
				sigprocmask(SIG_BLOCK, &set, NULL);
				kill(getpid(), SIGTERM);
			}
			check(arm(n));
			error = call(RFORK_IOC_RESTORE, &arg);
			arm(0);
			check_pages();
			/* A lack of memory is no difference from the parent. */
			_exit(error == -EOPNOTSUPP ? 3 : 2);
		}
		status = wait_status(pid);
		if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
			run++;
			continue;
		}
		run = 0;
		if (WIFEXITED(status)) {
			check_equal(WEXITSTATUS(status), 2);
			refused++;
		} else {
			check(WTERMSIG(status) == SIGKILL || WTERMSIG(status) == SIGBUS ||
			      WTERMSIG(status) == SIGSEGV);
			killed++;
		}
	}
	printf("# %s: %d failures injected, %d refused, %d killed\n", name, n - 1 - run, refused, killed);
	check(refused > 5 && killed > 0 && run > UNTOUCHED);
}

/* Attached; and built, with some pages copied at once and the others when they are touched. */
static void each_way_survives(uint64_t image, bool ends)
{
	struct rfork_restore options = { .image = image, .threads = 1, .inherit_fds = 1ULL << device };
	struct rfork_image info = { .image = image };
	unsigned char *placements;

	/* Who forked from the parent is like it. */
	options.head.flags = ends ? 0 : RFORK_RESTORE_ALIKE;
	restores_survive_each_failure("attached", &options, ends);
	check_equal(call(RFORK_IOC_IMAGE, &info), 0);
	options.placement_bytes = (info.info.pages + 3) / 4;
	placements = malloc(options.placement_bytes);
	memset(placements, 0x55 * RFORK_MIGRATE_ON_ACCESS, options.placement_bytes);
	memset(placements, 0x55 * RFORK_MIGRATE_NOW, 4);
	options.placements = (uintptr_t)placements;
	restores_survive_each_failure("built", &options, ends);
	free(placements);
}

static void restore_survives_each_failure(void)
{
	uint64_t image;

	needs_injection();
	make_arena(PAGES);
	hold_objects();
	if (checkpoint_self(&image)) {
		/* In the middle of its first faults the failure may come; its own calls must not be hit. */
		check_pages();
		happened();
		check_objects();
		child_exit();
	}
	each_way_survives(image, false);
	wait_child(restore_image(image, NULL));
	delete_image(image);
}

int failing_restores(uint64_t image)
{
	device = open(RFORK_DEVICE, O_RDWR);
	check(device >= 0);
	needs_injection();
	make_arena(PAGES);
	each_way_survives(image, true);
	return 0;
}

const struct test_case failing_move_cases[] = {
	{ "checkpoint-survives-each-failed-allocation", checkpoint_survives_each_failure },
	{ "restore-survives-each-failed-allocation", restore_survives_each_failure },
	{ }
};
