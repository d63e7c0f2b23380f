// SPDX-License-Identifier: GPL-2.0
/*
 * Requests that are nearly right, by the thousand: for each operation one that would do, with some of its
 * words replaced. Whatever comes back, nobody is harmed: not the kernel, not the image, not the child that
 * runs of it, not the process that waits to be checkpointed; and no space and no memory is lost.
 *
 * RFORK_SEED and RFORK_SECONDS in the environment repeat a run and make it longer.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "random-request.h"

#define BATCH 100
#define MOST_ERRNO 134

/* Of the workers together, in memory they share. */
struct tally {
	unsigned long requests, counted_from, succeeded, killed, unexplained;
	unsigned long errors[MOST_ERRNO];
	unsigned int last_command;
};
static struct tally *tally;

/* Another worker's request may use the image for a moment. */
static void drop(uint64_t made)
{
	struct rfork_delete arg = { };
	int result;

	do {
		arg.image = made;
		result = call(RFORK_IOC_DELETE, &arg);
	} while (result == -EBUSY && !usleep(1000));
	check_equal(result, 0);
}

static void try_request(unsigned int command, union request *r)
{
	void *where = r;
	int result;

	tally->last_command = _IOC_NR(command);
	result = ioctl(device, command, where);
	__sync_fetch_and_add(&tally->requests, 1);
	if (result == 1) {
		/* This is the copy of an image that this process made of itself. */
		_exit(0);
	}
	if (result == 0) {
		__sync_fetch_and_add(&tally->succeeded, 1);
		if (command == RFORK_IOC_CHECKPOINT)
			drop(r->checkpoint.image);
		return;
	}
	if (errno < MOST_ERRNO)
		__sync_fetch_and_add(&tally->errors[errno], 1);
	if (!r->head.reason[0] && errno != EFAULT && errno != ENOMEM && errno != EINTR)
		__sync_fetch_and_add(&tally->unexplained, 1);
}

/* Adopting sleeps until the main thread restores, so it is tried in a process that is killed. */
static void try_adoption(union request *r)
{
	pid_t pid = fork();

	if (!pid) {
		try_request(RFORK_IOC_ADOPT, r);
		_exit(0);
	}
	usleep(2000);
	kill(pid, SIGKILL);
	wait_status(pid);
}

static const unsigned int commands[] = {
	RFORK_IOC_INFO, RFORK_IOC_CHECKPOINT, RFORK_IOC_RESTORE, RFORK_IOC_ADOPT, RFORK_IOC_LIST,
	RFORK_IOC_IMAGE, RFORK_IOC_DELETE, RFORK_IOC_SCAN, RFORK_IOC_SCAN, RFORK_IOC_HINT,
	RFORK_IOC_MIGRATE, RFORK_IOC_MIGRATE, RFORK_IOC_RECOVER, RFORK_IOC_STATS,
	RFORK_IOC_VERIFY,
	/* With a child alive these are refused, whatever they say. */
	RFORK_IOC_ATTACH, RFORK_IOC_DETACH, RFORK_IOC_FORMAT,
};

/* A process of its own: it may become the image's. */
static pid_t start_batch(uint64_t seed)
{
	pid_t pid = fork();
	uint64_t state = seed;

	if (pid)
		return pid;
	for (int i = 0; i < BATCH; i++) {
		unsigned int command = commands[random_word(&state) %
						(sizeof(commands) / sizeof(commands[0]))];
		union request r;

		make_request(command, &r, &state);
		mutate(command, &r, &state);
		if (command == RFORK_IOC_DELETE && r.delete.image != about.image)
			continue;	/* may be another worker's */
		if (command == RFORK_IOC_ADOPT)
			try_adoption(&r);
		else
			try_request(command, &r);
	}
	_exit(0);
}

static void end_batch(pid_t pid, uint64_t seed)
{
	int status = wait_status(pid);

	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) {
		/* A restore that failed after the point of no return. */
		__sync_fetch_and_add(&tally->killed, 1);
		return;
	}
	if (!WIFEXITED(status) || WEXITSTATUS(status))
		printf("# seed %llu, operation %u: status %#x\n", (unsigned long long)seed,
		       tally->last_command, status);
	check(WIFEXITED(status));
	check_equal(WEXITSTATUS(status), 0);
}

/* Objects in use of the kernel's general caches, from which the module allocates. */
static long kernel_objects(void)
{
	FILE *file = fopen("/proc/slabinfo", "r");
	char line[512];
	long sum = 0, active;

	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "kmalloc-%*s %ld", &active) == 1)
			sum += active;
	if (file)
		fclose(file);
	return sum;
}

/*
 * The program of the image. The child that is kept leads a process group; a worker that a request turned into
 * another one checks its memory and ends.
 */
static void run_parent(void)
{
	const struct timespec moment = { .tv_nsec = 20000000 };
	pid_t original = getpid();
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	while (sigtimedwait(&set, NULL, &moment) != SIGTERM)
		if (getpid() != original && getpgrp() != getpid())
			break;
	for (size_t i = 0; i < PAGES; i++)
		check(page_is(i, 0));
	child_exit();
}

/* Shared anonymous memory would keep workers from being checkpointed. */
static void prepare_tally(void)
{
	int file = open("/tmp/fuzz-tally", O_RDWR | O_CREAT | O_TRUNC, 0600);

	check(file >= 0 && ftruncate(file, sizeof(*tally)) == 0);
	tally = mmap(NULL, sizeof(*tally), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
	check(tally != MAP_FAILED);
	close(file);
	check_equal(call(RFORK_IOC_INFO, &about.region), 0);
}

static void prepare(void)
{
	struct rfork_checkpoint arg = { };

	prepare_tally();
	make_arena(PAGES);
	/* What is written past its end must not land in what happens to lie there. */
	about.buffer = mmap(NULL, (BUFFER_PAGES + 2) * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	check(about.buffer != MAP_FAILED);
	about.buffer += PAGE;
	check_equal(mprotect(about.buffer, BUFFER_PAGES * PAGE, PROT_READ | PROT_WRITE), 0);
	about.read_only = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	about.waiting = fork();
	if (!about.waiting) {
		run_parent();
	}
	usleep(100000);
	arg.pid = about.waiting;
	check_equal(call(RFORK_IOC_CHECKPOINT, &arg), 0);
	about.image = arg.image;
	about.child = fork();
	if (!about.child) {
		struct rfork_restore restore = { .image = about.image, .threads = 1,
						 .inherit_fds = 1ULL << device };

		setpgid(0, 0);
		check_equal(call(RFORK_IOC_RESTORE, &restore), 0);
	}
	usleep(100000);
}

static void report(uint64_t seed)
{
	printf("# seed %llu: %lu requests, %lu did something, %lu processes killed;",
	       (unsigned long long)seed, tally->requests, tally->succeeded, tally->killed);
	for (int i = 0; i < MOST_ERRNO; i++)
		if (tally->errors[i])
			printf(" %s %lu", strerrorname_np(i), tally->errors[i]);
	printf("\n");
}

static void mutated_requests_harm_nothing(void)
{
	uint64_t seed = setting("RFORK_SEED", 20250331), before, state = seed;
	time_t end = time(NULL) + setting("RFORK_SECONDS", 8);
	long objects = 0;

	prepare();
	before = free_bytes();
	do {
		uint64_t one = random_word(&state), other = random_word(&state);
		pid_t first = start_batch(one), second = start_batch(other);

		end_batch(first, one);
		end_batch(second, other);
		/* What is allocated once and kept is there by now. */
		if (!objects && tally->requests > 1000) {
			objects = kernel_objects();
			tally->counted_from = tally->requests;
		}
	} while (time(NULL) < end || tally->requests < 2000);
	report(seed);
	check_equal(tally->unexplained, 0);
	check_equal(free_bytes(), before);
	check(kernel_objects() - objects < (long)(tally->requests - tally->counted_from) / 4 + 4000);
	kill(about.child, SIGTERM);
	wait_child(about.child);
	kill(about.waiting, SIGTERM);
	wait_child(about.waiting);
	drop(about.image);
	check(free_bytes() > before);
}

/* Ranges where no memory is, formats of regions that are none: whatever was attached can be left again. */
static void mutated_regions_harm_nothing(void)
{
	static const unsigned int operations[] = { RFORK_IOC_ATTACH, RFORK_IOC_DETACH, RFORK_IOC_FORMAT };
	uint64_t seed = setting("RFORK_SEED", 20250331), state = seed, image_after;
	union request r;

	prepare_tally();
	for (int i = 0; i < 60; i++) {
		unsigned int command = operations[random_word(&state) % 3];

		make_request(command, &r, &state);
		mutate(command, &r, &state);
		try_request(command, &r);
	}
	report(seed);
	check_equal(tally->unexplained, 0);
	make_request(RFORK_IOC_DETACH, &r, &state);
	ioctl(device, RFORK_IOC_DETACH, &r);
	make_request(RFORK_IOC_ATTACH, &r, &state);
	ioctl(device, RFORK_IOC_ATTACH, &r);
	make_request(RFORK_IOC_FORMAT, &r, &state);
	r.head.flags = RFORK_FORMAT_FORCE;
	check_equal(call(RFORK_IOC_FORMAT, &r), 0);
	make_arena(64);
	if (checkpoint_self(&image_after)) {
		for (size_t i = 0; i < 64; i++)
			check(page_is(i, 0));
		child_exit();
	}
	wait_child(restore_image(image_after, NULL));
	delete_image(image_after);
}

const struct test_case fuzz_cases[] = {
	{ "mutated-requests-harm-nothing", mutated_requests_harm_nothing },
	{ "mutated-regions-harm-nothing", mutated_regions_harm_nothing },
	{ }
};
