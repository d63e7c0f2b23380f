// SPDX-License-Identifier: GPL-2.0
/*
 * rfork-selftest --serve PAGES THREADS [SHARED]: a program to fork across nodes; SHARED are pages of shared memory.
 *
 * Says "ready", then waits. SIGUSR1: reads every second page, writes every twentieth, says "touched".
 * SIGUSR2: its first thread ends, and the others keep the process. SIGHUP: waits in the kernel, where only SIGKILL
 * reaches it, until the process has ended of which it says "held by PID". SIGTERM: checks every page it has, joins its
 * threads, says "verified" and ends. Each thread holds a thread-local value and waits for the end.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "selftest.h"

static volatile sig_atomic_t touch, leave, hold, end;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t ending = PTHREAD_COND_INITIALIZER;
static bool ended;
static __thread intptr_t own;

static void on_signal(int number)
{
	if (number == SIGUSR1)
		touch = 1;
	else if (number == SIGUSR2)
		leave = 1;
	else if (number == SIGHUP)
		hold = 1;
	else
		end = 1;
}

static void *wait_for_end(void *index)
{
	own = (intptr_t)index * 3;
	pthread_mutex_lock(&lock);
	while (!ended)
		pthread_cond_wait(&ending, &lock);
	pthread_mutex_unlock(&lock);
	return (void *)own;
}

/* As vfork has it, but with memory of its own and as a sibling: a process with children is not checkpointed. */
static void be_held(void)
{
	if (syscall(SYS_clone, CLONE_VFORK | CLONE_PARENT | SIGCHLD, NULL, NULL, NULL, NULL))
		return;
	printf("held by %d\n", (int)syscall(SYS_getpid));
	for (;;)
		pause();
}

static char *make_shared(size_t pages)
{
	char *shared = mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	for (size_t i = 0; i < pages; i++)
		shared[i * PAGE] = i + 1;
	return shared;
}

int serve(size_t pages, int threads, size_t shared_pages)
{
	struct sigaction action = { .sa_handler = on_signal };
	pthread_t *workers = calloc(threads, sizeof(*workers));
	sigset_t told, none;
	bool touched = false;
	char *shared = NULL;
	void *result;

	sigemptyset(&none);
	sigemptyset(&told);
	sigaddset(&told, SIGUSR1);
	sigaddset(&told, SIGUSR2);
	sigaddset(&told, SIGHUP);
	sigaddset(&told, SIGTERM);
	sigprocmask(SIG_BLOCK, &told, NULL);
	sigaction(SIGUSR1, &action, NULL);
	sigaction(SIGUSR2, &action, NULL);
	sigaction(SIGHUP, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	make_arena(pages);
	if (shared_pages)
		shared = make_shared(shared_pages);
	for (intptr_t i = 0; i < threads; i++)
		pthread_create(&workers[i], NULL, wait_for_end, (void *)i);
	printf("ready %d\n", getpid());
	while (!end) {
		sigsuspend(&none);
		if (leave)
			pthread_exit(NULL);
		if (hold) {
			hold = 0;
			be_held();
		}
		if (touch) {
			for (size_t i = 0; i < pages; i += 2)
				check(page_is(i, touched && i % 20 == 0));
			for (size_t i = 0; i < pages; i += 20)
				write_page(i, 1);
			touched = true;
			touch = 0;
			printf("touched\n");
		}
	}
	for (size_t i = 0; i < pages; i++)
		check(page_is(i, touched && i % 20 == 0));
	for (size_t i = 0; i < shared_pages; i++)
		check_equal(shared[i * PAGE], (char)(i + 1));
	pthread_mutex_lock(&lock);
	ended = true;
	pthread_cond_broadcast(&ending);
	pthread_mutex_unlock(&lock);
	for (intptr_t i = 0; i < threads; i++) {
		check_equal(pthread_join(workers[i], &result), 0);
		check_equal((intptr_t)result, i * 3);
	}
	printf("verified\n");
	return 0;
}
