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

const struct test_case allocation_cases[] = {
	{ "checkpoint-survives-each-failed-allocation", checkpoint_survives_each_failure },
	{ "restore-survives-each-failed-allocation", restore_survives_each_failure },
	{ }
};
