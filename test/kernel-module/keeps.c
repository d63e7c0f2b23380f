// SPDX-License-Identifier: Apache-2.0
/*
 * A function that notices whoever else writes its memory: each invocation finds every page as the one before left
 * it, writes a number of chance to all of them, slowly, and finds that. Served as invocations.py serves.
 */
#define _GNU_SOURCE
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#define WORDS_PER_PAGE 512
#define PAGES 256

static uint64_t now_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void expect(const volatile uint64_t *arena, uint64_t token)
{
	for (size_t i = 0; i < PAGES; i++)
		if (arena[i * WORDS_PER_PAGE] != token)
			abort();
}

static uint64_t invoke(volatile uint64_t *arena, uint64_t before)
{
	uint64_t token;

	expect(arena, before);
	if (getrandom(&token, sizeof(token), 0) != sizeof(token))
		abort();
	for (size_t i = 0; i < PAGES; i++) {
		arena[i * WORDS_PER_PAGE] = token;
		sched_yield();
	}
	expect(arena, token);
	return token;
}

int main(void)
{
	volatile uint64_t *arena;
	sigset_t signals;
	unsigned int count = 0;
	int signal_number;
	uint64_t begin_ns, token = 1;

	sigemptyset(&signals);
	sigaddset(&signals, SIGUSR1);
	sigaddset(&signals, SIGUSR2);
	sigaddset(&signals, SIGTERM);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	signal(SIGCHLD, SIG_IGN);
	setvbuf(stdout, NULL, _IONBF, 0);
	arena = mmap(NULL, PAGES * WORDS_PER_PAGE * 8, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	for (size_t i = 0; i < PAGES; i++)
		arena[i * WORDS_PER_PAGE] = token;
	printf("ready %d %llu\n", getpid(), (unsigned long long)now_ns(CLOCK_BOOTTIME));
	for (;;) {
		sigwait(&signals, &signal_number);
		begin_ns = now_ns(CLOCK_MONOTONIC);
		if (signal_number == SIGTERM) {
			expect(arena, token);
			return 0;
		}
		if (signal_number == SIGUSR2) {
			pid_t child = fork();

			if (child)
				printf("forked %d %020llu %020llu\n", child, (unsigned long long)begin_ns,
				       (unsigned long long)now_ns(CLOCK_MONOTONIC));
			continue;
		}
		token = invoke(arena, token);
		printf("done %u %020llu %020llu\n", ++count, (unsigned long long)begin_ns,
		       (unsigned long long)now_ns(CLOCK_MONOTONIC));
	}
}
