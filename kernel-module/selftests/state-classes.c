// SPDX-License-Identifier: GPL-2.0
/* What programs rest on beside single attributes: programs that go on with it after they were moved. */
#define _GNU_SOURCE
#include <inttypes.h>
#include <linux/futex.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "moved-program.h"

struct mapping {
	uint64_t start, end, offset;
	unsigned long inode;
	char access[8], name[128];
};

/* The kernel may join neighbours that are alike, so they are joined here. */
static size_t read_mappings(struct mapping *mappings, size_t most)
{
	FILE *file = fopen("/proc/self/maps", "r");
	size_t count = 0;
	char line[512];

	check(file);
	while (fgets(line, sizeof(line), file)) {
		struct mapping *last = &mappings[count - 1], found = { };

		check(sscanf(line, "%" SCNx64 "-%" SCNx64 " %7s %" SCNx64 " %*s %lu %127s", &found.start,
			     &found.end, found.access, &found.offset, &found.inode, found.name) >= 5);
		if (count && last->end == found.start && !strcmp(last->access, found.access) &&
		    last->inode == found.inode && !strcmp(last->name, found.name) &&
		    (!found.inode || last->offset + last->end - last->start == found.offset)) {
			last->end = found.end;
			continue;
		}
		check(count < most);
		mappings[count++] = found;
	}
	fclose(file);
	return count;
}

static struct mapping before[64], after[64];

static void maps_program(void)
{
	size_t count;
	char *hole = mmap(NULL, 64 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	check(hole != MAP_FAILED);
	check_equal(munmap(hole + 8 * PAGE, 8 * PAGE), 0);
	check_equal(mprotect(hole + 32 * PAGE, 8 * PAGE, PROT_READ), 0);
	count = read_mappings(before, 64);
	await_move();
	check_equal(read_mappings(after, 64), count);
	for (size_t i = 0; i < count; i++) {
		check_equal(after[i].start, before[i].start);
		check_equal(after[i].end, before[i].end);
		check_equal(after[i].offset, before[i].offset);
		/* Its file has another number on another node. */
		check_equal(!after[i].inode, !before[i].inode);
		check(!strcmp(after[i].access, before[i].access));
		check(!strcmp(after[i].name, before[i].name));
	}
}

static bool tells(const char *memory, size_t pages)
{
	for (size_t i = 0; i < pages; i++)
		if (memory[i * PAGE] != (char)('a' + i))
			return false;
	return true;
}

static void mremap_program(void)
{
	char *first = mmap(NULL, 8 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *second = ARENA + (1UL << 32), *third = ARENA + (2UL << 32), *grown;

	for (size_t i = 0; i < 8; i++)
		first[i * PAGE] = 'a' + i;
	check(mremap(first, 8 * PAGE, 12 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, second) == second);
	await_move();
	check(tells(second, 8) && !second[11 * PAGE]);
	check_equal(msync(first, PAGE, MS_ASYNC), -1);
	check(mremap(second, 12 * PAGE, 12 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, third) == third);
	check(tells(third, 8));
	check_equal(msync(second, PAGE, MS_ASYNC), -1);
	grown = mremap(third, 12 * PAGE, 600 * PAGE, MREMAP_MAYMOVE);
	check(grown != MAP_FAILED && tells(grown, 8) && !grown[599 * PAGE]);
	check(mremap(grown, 600 * PAGE, 4 * PAGE, 0) == grown && tells(grown, 4));
}

/* An image has no timers, so a program arms its own when it has moved. */
static void timers_program(void)
{
	struct itimerspec soon = { .it_value.tv_nsec = 20000000 };
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMIN };
	uint64_t expirations = 0;
	timer_t timer;
	sigset_t set;
	int number, file;

	await_move();
	sigemptyset(&set);
	sigaddset(&set, SIGRTMIN);
	sigaddset(&set, SIGALRM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	check_equal(timer_create(CLOCK_MONOTONIC, &event, &timer), 0);
	check_equal(timer_settime(timer, 0, &soon, NULL), 0);
	check_equal(sigwait(&set, &number), 0);
	check_equal(number, SIGRTMIN);
	check_equal(timer_delete(timer), 0);
	check_equal(setitimer(ITIMER_REAL, &(struct itimerval){ .it_value.tv_usec = 20000 }, NULL), 0);
	check_equal(sigwait(&set, &number), 0);
	check_equal(number, SIGALRM);
	file = timerfd_create(CLOCK_BOOTTIME, 0);
	check(file >= 0);
	check_equal(timerfd_settime(file, 0, &soon, NULL), 0);
	check_equal(read(file, &expirations, sizeof(expirations)), sizeof(expirations));
	check_equal(expirations, 1);
}

static int64_t by_call(clockid_t clock)
{
	struct timespec now;

	check_equal(syscall(SYS_clock_gettime, clock, &now), 0);
	return now.tv_sec * 1000000000 + now.tv_nsec;
}

/* The C library reads it from the vDSO's page, without a system call. */
static int64_t by_vdso(clockid_t clock)
{
	struct timespec now;

	check_equal(clock_gettime(clock, &now), 0);
	return now.tv_sec * 1000000000 + now.tv_nsec;
}

static void vdso_program(void)
{
	/* The last two are those of the node, which may be behind another's. */
	static const clockid_t clocks[] = { CLOCK_MONOTONIC, CLOCK_BOOTTIME, CLOCK_REALTIME, CLOCK_TAI };
	int64_t parents[2];

	for (size_t i = 0; i < 2; i++)
		parents[i] = by_vdso(clocks[i]);
	await_move();
	for (size_t i = 0; i < 4; i++) {
		int64_t first = by_call(clocks[i]), second = by_vdso(clocks[i]), third = by_call(clocks[i]);

		check(i >= 2 || parents[i] <= first);
		check(first <= second && second <= third);
	}
}

static uint32_t word;

static void *wait_on_word(void *unused)
{
	while (__atomic_load_n(&word, __ATOMIC_SEQ_CST) == 1)
		syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, 1, NULL, NULL, 0);
	return unused;
}

/* The word of a shared one is found by its file, that of a private one by its address space. */
static void futex_program(void)
{
	volatile uint32_t *shared = (uint32_t *)&board->numbers[0];
	pthread_mutexattr_t attributes;
	pthread_mutex_t inheriting;
	pthread_t thread;
	pid_t other;

	word = 1;
	pthread_mutexattr_init(&attributes);
	pthread_mutexattr_setprotocol(&attributes, PTHREAD_PRIO_INHERIT);
	pthread_mutex_init(&inheriting, &attributes);
	await_move();
	check_equal(pthread_create(&thread, NULL, wait_on_word, NULL), 0);
	usleep(20000);
	__atomic_store_n(&word, 2, __ATOMIC_SEQ_CST);
	check(syscall(SYS_futex, &word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0) >= 0);
	check_equal(pthread_join(thread, NULL), 0);
	check_equal(pthread_mutex_lock(&inheriting), 0);
	check_equal(pthread_mutex_unlock(&inheriting), 0);
	*shared = 7;
	other = fork();
	if (!other) {
		usleep(20000);
		*shared = 8;
		syscall(SYS_futex, shared, FUTEX_WAKE, 1, NULL, NULL, 0);
		_exit(0);
	}
	while (*shared == 7)
		syscall(SYS_futex, shared, FUTEX_WAIT, 7, NULL, NULL, 0);
	check_equal(wait_status(other), 0);
}

const struct program class_programs[] = {
	{ "maps", maps_program },
	{ "mremap", mremap_program },
	{ "timers", timers_program },
	{ "vdso", vdso_program },
	{ "futex", futex_program },
	{ }
};

MOVES(maps_stay, "maps")
MOVES(moved_memory_stays, "mremap")
MOVES(timers_go, "timers")
MOVES(vdso_tells_time, "vdso")
MOVES(futexes_wake, "futex")

const struct test_case class_cases[] = {
	{ "mappings-of-a-moved-program-are-the-same", maps_stay },
	{ "moved-program-may-mremap-what-it-had-moved", moved_memory_stays },
	{ "moved-program-may-arm-timers", timers_go },
	{ "moved-program-gets-time-from-the-vdso", vdso_tells_time },
	{ "moved-program-may-wait-on-futexes", futexes_wake },
	{ }
};
