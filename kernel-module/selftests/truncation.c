// SPDX-License-Identifier: GPL-2.0
/* A file that gets shorter under its private mappings: its pages go from children, and from no image. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "phases.h"
#include "selftest.h"

#define FILE_NAME	"/tmp/shrinks"
#define LEAVES		32UL
#define LEAF		(512 * PAGE)
#define SHRINKS		(ARENA + LEAF)
/* Exit statuses: the file is not what it was; and from which on they count the leaves that kept their page. */
#define CHANGED		7
#define KEPT		64

/* Mapped at SHRINKS, one page of each leaf written, and all of the second, so that it takes a while to go. */
static int map_file(void)
{
	int file = open(FILE_NAME, O_RDWR | O_CREAT | O_TRUNC, 0600);

	check(file >= 0);
	check_equal(ftruncate(file, LEAVES * LEAF), 0);
	check(mmap(SHRINKS, LEAVES * LEAF, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_FIXED_NOREPLACE,
		   file, 0) == SHRINKS);
	for (size_t i = 0; i < LEAVES; i++)
		SHRINKS[i * LEAF] = 'w';
	for (size_t i = 0; i < LEAF; i += PAGE)
		SHRINKS[LEAF + i] = 'w';
	return file;
}

/* Asked of the kernel, which says so where a program would get a signal. */
static int readable(const char *place)
{
	int ends[2], result;

	check_equal(pipe(ends), 0);
	result = write(ends[1], place, 1) == 1 ? 0 : errno;
	close(ends[0]);
	close(ends[1]);
	return result;
}

static void pages_of_a_shorter_file_go_from_children(void)
{
	int file = map_file();
	uint64_t image;
	pid_t pid;

	if (checkpoint_self(&image)) {
		check(counters(getpid()).leaves_attached >= LEAVES);
		wait_for(1);
		check_equal(readable(SHRINKS), 0);
		check_equal(SHRINKS[0], 'w');
		check_equal(readable(SHRINKS + LEAF), EFAULT);
		check_equal(readable(SHRINKS + (LEAVES - 1) * LEAF), EFAULT);
		child_exit();
	}
	pid = restore_image(image, NULL);
	wait_restored(pid);
	check_equal(ftruncate(file, PAGE), 0);
	tell(pid, 1);
	wait_child(pid);
	munmap(SHRINKS, LEAVES * LEAF);
	close(file);
	unlink(FILE_NAME);
	delete_image(image);
}

static uint64_t now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000ULL + now.tv_nsec / 1000;
}

/* In the child, of whose file only the first leaf is left: how many others kept their page. */
static int kept_beyond(void)
{
	int kept = 0;

	check_equal(readable(SHRINKS), 0);
	for (size_t i = 1; i < LEAVES; i++) {
		int error = readable(SHRINKS + i * LEAF);

		check(!error || error == EFAULT);
		if (error)
			continue;
		check_equal(SHRINKS[i * LEAF], 'w');
		kept++;
	}
	return kept;
}

/* A restore that finds the file of another size in time says so. */
static pid_t restore_or_say(uint64_t image)
{
	struct rfork_restore arg = { .image = image, .threads = 1, .inherit_fds = 1ULL << device };
	pid_t pid = fork();

	check(pid >= 0);
	if (!pid) {
		check_equal(call(RFORK_IOC_RESTORE, &arg), -ESTALE);
		_exit(CHANGED);
	}
	return pid;
}

/* Until @pid is a child; false if it was refused. */
static bool was_restored(pid_t pid)
{
	struct rfork_stats arg = { .pid = pid };
	siginfo_t end = { };

	while (call(RFORK_IOC_STATS, &arg) || !arg.counters.children_restored) {
		check_equal(waitid(P_PID, pid, &end, WEXITED | WNOHANG | WNOWAIT), 0);
		if (end.si_pid) {
			check_equal(wait_status(pid), CHANGED << 8);
			return false;
		}
		usleep(200);
	}
	return true;
}

/*
 * A truncation takes nothing out of the image, whenever it comes. What it leaves in a child is what a
 * restore puts into one that is restored after it, with --changed-files: the next one takes that, too.
 */
static void truncations_meet_restores(void)
{
	uint64_t seed = setting("RFORK_SEED", 1), state = seed, image, delay_us;
	uint64_t end_us = now_us() + setting("RFORK_SECONDS", 8) * 1000000ULL;
	unsigned int refused = 0, early = 0, between = 0, late = 0;
	int file = map_file();
	struct timespec times[2];
	struct stat stat;
	pid_t pid;

	check_equal(fstat(file, &stat), 0);
	times[0] = stat.st_atim;
	times[1] = stat.st_mtim;
	if (checkpoint_self(&image)) {
		int kept;

		wait_for(1);
		kept = kept_beyond();
		kill(getpid(), SIGSTOP);
		for (size_t i = 0; i < LEAVES; i++)
			check_equal(readable(SHRINKS + i * LEAF), EFAULT);
		_exit(KEPT + kept);
	}
	munmap(SHRINKS, LEAVES * LEAF);
	delay_us = now_us();
	pid = restore_or_say(image);
	check(was_restored(pid));
	delay_us = now_us() - delay_us;
	kill(pid, SIGKILL);
	wait_status(pid);

	printf("# seed %llu\n", (unsigned long long)seed);
	while (now_us() < end_us) {
		int kept;

		check_equal(ftruncate(file, LEAVES * LEAF), 0);
		check_equal(futimens(file, times), 0);
		pid = restore_or_say(image);
		/* Around the moment when leaves are attached, which is found by what comes of it. */
		usleep(delay_us * 3 / 4 + random_word(&state) % (delay_us / 2 + 1));
		check_equal(ftruncate(file, LEAF), 0);
		if (!was_restored(pid)) {
			refused++;
			delay_us += delay_us / 8 + 1;
			continue;
		}
		tell(pid, 1);
		check_equal(waitpid(pid, &kept, WUNTRACED), pid);
		check(WIFSTOPPED(kept));
		check_equal(ftruncate(file, 0), 0);
		kill(pid, SIGCONT);
		kept = wait_status(pid);
		check(WIFEXITED(kept));
		kept = WEXITSTATUS(kept) - KEPT;
		check(kept >= 0);
		early += kept == LEAVES - 1;
		late += !kept;
		between += kept && kept < (int)LEAVES - 1;
		delay_us -= kept ? 0 : delay_us / 8;
		delay_us += kept == LEAVES - 1 ? delay_us / 8 + 1 : 0;
		verify_images();
	}
	printf("# cut before a restore's look at the file: %u, then before its leaves: %u, among them: %u, after: %u\n",
	       refused, early, between, late);
	check(refused + early && late);
	close(file);
	unlink(FILE_NAME);
	delete_image(image);
}

const struct test_case truncation_cases[] = {
	{ "pages-of-a-shorter-file-go-from-children-alone", pages_of_a_shorter_file_go_from_children },
	{ "truncations-at-any-moment-of-a-restore-leave-the-image", truncations_meet_restores },
	{ }
};
