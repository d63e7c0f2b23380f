// SPDX-License-Identifier: GPL-2.0
/*
 * Children killed at any moment: while they are restored, while their threads write, fork, map and unmap,
 * while another process moves their pages, scans or checkpoints them. Nothing of them stays behind.
 *
 * RFORK_SEED and RFORK_SECONDS in the environment repeat a run and make it longer.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "selftest.h"

#define PAGES 1200
#define BUSY 3

/* Changes the address space in every way, for ever. */
static void *hammer(void *seed)
{
	uint64_t state = (uintptr_t)seed * 7919 + 1;

	for (;;) {
		char *page = ARENA + random_word(&state) % PAGES * PAGE;

		switch (random_word(&state) % 8) {
		case 0:
			if (!fork())
				_exit(0);
			while (waitpid(-1, NULL, WNOHANG) > 0)
				;
			break;
		case 1:
			mprotect(page, PAGE, PROT_READ);
			mprotect(page, PAGE, PROT_READ | PROT_WRITE);
			break;
		case 2:
			madvise(page, PAGE, MADV_DONTNEED);
			break;
		case 3:
			mmap(page, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED,
			     -1, 0);
			break;
		default:
			*(volatile char *)page = 1;
		}
	}
	return NULL;
}

/* Waits as a parent; hammers with three threads as a child. */
static void program(void)
{
	const struct timespec moment = { .tv_nsec = 10000000 };
	pid_t original = getpid();
	pthread_t thread;

	while (getpid() == original)
		nanosleep(&moment, NULL);
	signal(SIGSEGV, SIG_DFL);
	for (uintptr_t i = 1; i < 3; i++)
		pthread_create(&thread, NULL, hammer, (void *)i);
	hammer(NULL);
}

/* What another process may do to a child meanwhile. Every answer is right but a crash. */
static void disturb(pid_t pid, uint64_t seed)
{
	uint64_t state = seed, addresses[16];

	for (int i = 0; i < 4; i++) {
		struct rfork_checkpoint checkpoint = { .pid = pid, .timeout_ms = 300 };
		struct rfork_scan scan = { .head.flags = RFORK_SCAN_CLEAR, .pid = pid, .end = 1ULL << 47 };
		struct rfork_migrate migrate = { .pid = pid, .direction = 1 + random_word(&state) % 2,
						 .addresses = (uintptr_t)addresses, .count = 16 };
		struct rfork_stats stats = { .pid = pid };

		for (int a = 0; a < 16; a++)
			addresses[a] = (uintptr_t)ARENA + random_word(&state) % PAGES * PAGE;
		switch (random_word(&state) % 4) {
		case 0:
			if (!call(RFORK_IOC_CHECKPOINT, &checkpoint))
				delete_image(checkpoint.image);
			break;
		case 1:
			call(RFORK_IOC_SCAN, &scan);
			break;
		case 2:
			call(RFORK_IOC_MIGRATE, &migrate);
			break;
		case 3:
			call(RFORK_IOC_STATS, &stats);
			break;
		}
	}
}

static uint64_t live_children(void)
{
	struct rfork_stats stats = { };

	check_equal(call(RFORK_IOC_STATS, &stats), 0);
	return stats.children;
}

static void children_killed_at_any_moment_leave_nothing(void)
{
	uint64_t seed = setting("RFORK_SEED", 20250331), state = seed, before;
	time_t end = time(NULL) + setting("RFORK_SECONDS", 8);
	struct rfork_checkpoint arg = { };
	pid_t parent;
	int kills = 0;

	make_arena(PAGES);
	parent = fork();
	if (!parent)
		program();
	usleep(50000);
	arg.pid = parent;
	check_equal(call(RFORK_IOC_CHECKPOINT, &arg), 0);
	before = free_bytes();
	do {
		pid_t pid = fork(), other;
		int status, result;

		if (!pid) {
			struct rfork_restore restore = { .image = arg.image, .threads = 1 };

			setpgid(0, 0);
			/*
			 * Whoever looks at the process at this moment keeps it from dropping its memory.
			 * Whoever asks for its checkpoint interrupts it, and it starts anew.
			 */
			result = call(RFORK_IOC_RESTORE, &restore);
			if (result != -EBUSY)
				printf("# restore: %d, %s\n", result, reason);
			_exit(result == -EBUSY ? BUSY : 1);
		}
		setpgid(pid, pid);
		usleep(random_word(&state) % 20000);
		other = fork();
		if (!other) {
			disturb(pid, random_word(&state));
			_exit(0);
		}
		usleep(random_word(&state) % 60000);
		kill(-pid, SIGKILL);
		status = wait_status(pid);
		/* Killed, or crashed as what it unmapped was needed. */
		if (WIFSIGNALED(status))
			kills++;
		else
			check_equal(WEXITSTATUS(status), BUSY);
		check_equal(wait_status(other), 0);
	} while (time(NULL) < end || kills < 20);
	for (int i = 0; i < 1000 && live_children(); i++)
		usleep(10000);
	printf("# seed %llu: %d children killed\n", (unsigned long long)seed, kills);
	check_equal(live_children(), 0);
	check_equal(free_bytes(), before);
	kill(parent, SIGKILL);
	wait_status(parent);
	delete_image(arg.image);
}

/* Of a checkpoint that was done when who asked for it was killed: nobody else knows of it. */
static void delete_images_left(void)
{
	static struct rfork_image_info left[4];
	struct rfork_list arg = { .images = (uintptr_t)left, .capacity = 4 };

	check_equal(call(RFORK_IOC_LIST, &arg), 0);
	check(arg.count <= 1);
	for (uint32_t i = 0; i < arg.count; i++)
		delete_image(left[i].image);
}

/* The one that asks or, every other time, the one that is asked goes while the other works. */
static void killed_checkpoints_leave_nothing(void)
{
	uint64_t seed = setting("RFORK_SEED", 20250331), state = seed, before;
	time_t end = time(NULL) + setting("RFORK_SECONDS", 5);
	int made = 0, ended = 0;

	make_arena(PAGES);
	before = free_bytes();
	do {
		pid_t parent = fork(), asker;
		int status;

		if (!parent)
			program();
		asker = fork();
		if (!asker) {
			struct rfork_checkpoint arg = { .pid = parent };

			if (call(RFORK_IOC_CHECKPOINT, &arg))
				_exit(2);
			delete_image(arg.image);
			_exit(0);
		}
		usleep(random_word(&state) % 30000);
		kill(ended % 2 ? asker : parent, SIGKILL);
		status = wait_status(asker);
		check(WIFEXITED(status) || ended % 2);
		made += !status;
		delete_images_left();
		/* Goes on as if nobody had asked. */
		if (ended % 2)
			check_equal(waitpid(parent, NULL, WNOHANG), 0);
		kill(parent, SIGKILL);
		wait_status(parent);
		check_equal(free_bytes(), before);
		ended++;
	} while (time(NULL) < end || ended < 20);
	printf("# seed %llu: %d of %d checkpoints were made\n", (unsigned long long)seed, made, ended);
}

/* Its end may come between any two looks at it. Half of those asked are gone before they park. */
static void processes_that_end_while_asked(void)
{
	uint64_t state = setting("RFORK_SEED", 20250331);
	time_t end = time(NULL) + setting("RFORK_SECONDS", 3);
	int asked = 0;

	do {
		uint64_t moment = random_word(&state) % 3000;
		struct rfork_checkpoint arg = { .pid = fork() };

		if (!arg.pid) {
			usleep(moment);
			_exit(0);
		}
		while (!call(RFORK_IOC_CHECKPOINT, &arg))
			delete_image(arg.image);
		check_equal(wait_status(arg.pid), 0);
		asked++;
	} while (time(NULL) < end);
	printf("# %d processes were asked until they ended\n", asked);
}

const struct test_case killed_cases[] = {
	{ "children-killed-at-any-moment-leave-nothing", children_killed_at_any_moment_leave_nothing },
	{ "killed-checkpoints-leave-nothing", killed_checkpoints_leave_nothing },
	{ "processes-that-end-while-asked-harm-nothing", processes_that_end_while_asked },
	{ }
};
