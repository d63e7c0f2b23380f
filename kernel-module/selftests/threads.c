// SPDX-License-Identifier: GPL-2.0
/* A program of several threads, each adopted by a thread of the restoring process. */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "forked-program.h"

#define WORKERS 3
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

static int adopt(void *arg)
{
	/* The C library's errno is another thread's here. */
	struct rfork_adopt *adoption = arg;

	adoption->head.size = sizeof(*adoption);
	adoption->head.version = RFORK_UAPI_VERSION;
	syscall(SYS_ioctl, device, RFORK_IOC_ADOPT, adoption);
	syscall(SYS_exit_group, 1);
	return 1;
}

static void threaded_process(void)
{
	struct rfork_image info = { };
	uint64_t image;
	pid_t pid, child;

	make_forked_board();
	pid = start_forked(threaded);
	image = checkpoint_forked(pid);
	info.image = image;
	check_equal(call(RFORK_IOC_IMAGE, &info), 0);
	check_equal(info.info.threads, WORKERS + 1);
	child = fork();
	if (!child) {
		struct rfork_restore arg = { .image = image, .threads = WORKERS + 1,
					     .inherit_fds = 1ULL << device };

		for (int i = 1; i <= WORKERS; i++) {
			struct rfork_adopt *adoption = calloc(1, sizeof(*adoption));
			char *stack = mmap(NULL, 65536, PROT_READ | PROT_WRITE,
					   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

			adoption->image = image;
			adoption->index = i;
			check(clone(adopt, stack + 65536, CLONE_VM | CLONE_FS | CLONE_FILES |
				    CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM, adoption) > 0);
		}
		check_equal(call(RFORK_IOC_RESTORE, &arg), 0);
		_exit(1);
	}
	usleep(50000);
	forked->phase = 1;
	wait_child(pid);
	wait_child(child);
	check_equal(forked->finished, 2);
	delete_image(image);
}

const struct test_case thread_cases[] = {
	{ "threads-go-on-in-the-child", threaded_process },
	{ }
};
