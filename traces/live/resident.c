// SPDX-License-Identifier: Apache-2.0
/*
 * A function with a working set known by construction: initialises 16 MiB; each invocation reads every second
 * page, writes every twentieth, and takes 64 new pages for a while. Served as invocations.py serves.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PAGE 4096
#define PAGES 4096
#define NEW_PAGES 64

static uint64_t now_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static uint64_t invoke(unsigned char *arena)
{
	unsigned char *room = mmap(NULL, NEW_PAGES * PAGE, PROT_READ | PROT_WRITE,
				   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	uint64_t sum = 0;

	for (size_t i = 0; i < PAGES; i += 2)
		sum += arena[i * PAGE];
	for (size_t i = 0; i < PAGES; i += 20)
		arena[i * PAGE + 1] += 1;
	for (size_t i = 0; i < NEW_PAGES; i++)
		sum += room[i * PAGE] = (unsigned char)i;
	munmap(room, NEW_PAGES * PAGE);
	return sum;
}

int main(void)
{
	unsigned char *arena;
	sigset_t signals;
	unsigned int count = 0;
	int signal_number;
	uint64_t begin_ns, sum;

	sigemptyset(&signals);
	sigaddset(&signals, SIGUSR1);
	sigaddset(&signals, SIGUSR2);
	sigaddset(&signals, SIGTERM);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	signal(SIGCHLD, SIG_IGN);
	setvbuf(stdout, NULL, _IONBF, 0);
	arena = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	for (size_t i = 0; i < PAGES; i++)
		memset(arena + i * PAGE, (int)i, PAGE);
	printf("ready %d %llu\n", getpid(), (unsigned long long)now_ns(CLOCK_BOOTTIME));
	for (;;) {
		sigwait(&signals, &signal_number);
		begin_ns = now_ns(CLOCK_MONOTONIC);
		if (signal_number == SIGTERM)
			return 0;
		if (signal_number == SIGUSR2) {
			pid_t child = fork();

			if (child)
				printf("forked %d %020llu %020llu\n", child, (unsigned long long)begin_ns,
				       (unsigned long long)now_ns(CLOCK_MONOTONIC));
			continue;
		}
		sum = invoke(arena);
		printf("done %u %020llu %020llu %llx\n", ++count, (unsigned long long)begin_ns,
		       (unsigned long long)now_ns(CLOCK_MONOTONIC), (unsigned long long)sum);
	}
}
