// SPDX-License-Identifier: GPL-2.0
/* A program of several threads, each adopted by a thread of the restoring process. */
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "fault-injection.h"
#include "forked-program.h"

#define WORKERS 3
/* So many children in a row that run through were not reached by the failure. */
#define UNTOUCHED 20
/* How a process ends whose adoption was refused. */
#define REFUSED 4
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t go = PTHREAD_COND_INITIALIZER;
static int released, sum;
static __thread int own;

static void *work(void *index)
{
	own = (int)(intptr_t)index + 1;
	pthread_mutex_lock(&lock);
	while (!released)
		pthread_cond_wait(&go, &lock);
	sum += own;
	pthread_mutex_unlock(&lock);
	return index;
}

static void threaded(void)
{
	pthread_t threads[WORKERS];
	pthread_mutex_t recursive;
	pthread_mutexattr_t attributes;
	void *result;

	pthread_mutexattr_init(&attributes);
	pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_ERRORCHECK);
	pthread_mutex_init(&recursive, &attributes);
	for (intptr_t i = 0; i < WORKERS; i++)
		pthread_create(&threads[i], NULL, work, (void *)i);
	forked->ready = 1;
	while (!forked->phase)
		usleep(1000);
	/* Takes and checks by the thread's own id, which is a new one in the child. */
	if (pthread_mutex_lock(&recursive) || pthread_mutex_unlock(&recursive))
		_exit(3);
	pthread_mutex_lock(&lock);
	released = 1;
	pthread_cond_broadcast(&go);
	pthread_mutex_unlock(&lock);
	for (intptr_t i = 0; i < WORKERS; i++)
		if (pthread_join(threads[i], &result) || result != (void *)i)
			_exit(1);
	if (sum != WORKERS * (WORKERS + 1) / 2)
		_exit(2);
	finished();
}

struct adopter {
	struct rfork_adopt request;
	int failing;		/* which of its allocations; 0: none */
};

static int adopt(void *arg)
{
	/* The C library's errno is another thread's here. */
	struct adopter *adopter = arg;
	struct rfork_adopt *request = &adopter->request;

	request->head.size = sizeof(*request);
	request->head.version = RFORK_UAPI_VERSION;
	if (adopter->failing)
		arm(adopter->failing);
	syscall(SYS_ioctl, device, RFORK_IOC_ADOPT, request);
	syscall(SYS_exit_group, REFUSED);
	return 1;
}

static uint64_t threaded_image(pid_t *pid)
{
	make_forked_board();
	*pid = start_forked(threaded);
	return checkpoint_forked(*pid);
}

/* An adopter that waits for the others is not to be interrupted but by death. */
static void wait_asleep(pid_t thread)
{
	char path[64], state = 0;

	snprintf(path, sizeof(path), "/proc/self/task/%d/stat", thread);
	while (state != 'D') {
		FILE *file = fopen(path, "r");

		usleep(1000);
		check(file && fscanf(file, "%*d (%*[^)]) %c", &state) == 1);
		fclose(file);
	}
}

/*
 * In its first worker the given allocation fails. That one comes first, since whoever does allocates what all share;
 * a refusal ends the process.
 */
static pid_t threaded_child(uint64_t image, int failing)
{
	struct rfork_restore arg = { .image = image, .threads = WORKERS + 1,
				     .inherit_fds = 1ULL << device };
	pid_t pid = fork(), thread;

	if (pid)
		return pid;
	for (int i = 1; i <= WORKERS; i++) {
		struct adopter *adopter = calloc(1, sizeof(*adopter));
		char *stack = mmap(NULL, 65536, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		adopter->request.image = image;
		adopter->request.index = i;
		adopter->failing = i == 1 ? failing : 0;
		thread = clone(adopt, stack + 65536, CLONE_VM | CLONE_FS | CLONE_FILES |
			       CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM, adopter);
		check(thread > 0);
		if (adopter->failing)
			wait_asleep(thread);
	}
	check_equal(call(RFORK_IOC_RESTORE, &arg), 0);
	_exit(1);
}

static void threaded_process(void)
{
	struct rfork_image info = { };
	pid_t pid, child;

	info.image = threaded_image(&pid);
	check_equal(call(RFORK_IOC_IMAGE, &info), 0);
	check_equal(info.info.threads, WORKERS + 1);
	child = threaded_child(info.image, 0);
	usleep(50000);
	forked->phase = 1;
	wait_child(pid);
	wait_child(child);
	check_equal(forked->finished, 2);
	delete_image(info.image);
}

/* An adoption is refused, or ends all threads, or the child is right. */
static void adoption_survives_each_failure(void)
{
	int refused = 0, ended = 0, run = 0, n;
	uint64_t image;
	pid_t pid;

	needs_injection();
	image = threaded_image(&pid);
	forked->phase = 1;
	wait_child(pid);
	for (n = 1; n < MOST && run <= UNTOUCHED; n++) {
		uint32_t before = forked->finished;
		int status = wait_status(threaded_child(image, n));

		if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
			check_equal(forked->finished, before + 1);
			run++;
			continue;
		}
		run = 0;
		check_equal(forked->finished, before);
		if (WIFEXITED(status)) {
			check_equal(WEXITSTATUS(status), REFUSED);
			refused++;
		} else {
			/* A C library whose futex fails aborts. */
			check(WTERMSIG(status) == SIGKILL || WTERMSIG(status) == SIGBUS ||
			      WTERMSIG(status) == SIGSEGV || WTERMSIG(status) == SIGABRT);
			ended++;
		}
	}
	printf("# %d failures injected, %d refused, %d ended\n", n - 1 - run, refused, ended);
	check(refused > 2 && run > UNTOUCHED);
	delete_image(image);
}

const struct test_case thread_cases[] = {
	{ "threads-go-on-in-the-child", threaded_process },
	{ "adoption-survives-each-failed-allocation", adoption_survives_each_failure },
	{ }
};
