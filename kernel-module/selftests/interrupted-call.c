// SPDX-License-Identifier: GPL-2.0
/* Processes checkpointed in a system call, which is made again: in the parent, too if it was refused, and in the child. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <sys/epoll.h>
#include <sys/sem.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "forked-program.h"

static void in_nanosleep(void)
{
	struct timespec begin, end;

	forked->ready = 1;
	clock_gettime(CLOCK_MONOTONIC, &begin);
	if (nanosleep(&(struct timespec){ .tv_nsec = 400000000 }, NULL))
		_exit(1);
	clock_gettime(CLOCK_MONOTONIC, &end);
	if ((end.tv_sec - begin.tv_sec) * 1000000000 + end.tv_nsec - begin.tv_nsec < 400000000)
		_exit(2);
	finished();
}

/* Parent and child end by themselves, each having slept its whole time. */
static void ends_by_itself(void (*program)(void))
{
	pid_t pid, child;
	uint64_t image;

	make_forked_board();
	pid = start_forked(program);
	image = checkpoint_forked(pid);
	child = restore_image(image, NULL);
	wait_child(pid);
	wait_child(child);
	check_equal(forked->finished, 2);
	delete_image(image);
}

static void sleeping_process(void)
{
	ends_by_itself(in_nanosleep);
}

static int futex_word;

static void in_futex(void)
{
	/* Times out by itself; an interrupted wait would end with EINTR. */
	struct timespec limit = { .tv_nsec = 300000000 };

	forked->ready = 1;
	if (syscall(SYS_futex, &futex_word, FUTEX_WAIT_PRIVATE, 0, &limit, NULL, 0) != -1 ||
	    errno != ETIMEDOUT)
		_exit(1);
	finished();
}

static void futex_process(void)
{
	ends_by_itself(in_futex);
}

/* Each with a limit of its own, which the kernel keeps where a call goes on after a stop. */
static int sleep_relative(void)
{
	return nanosleep(&(struct timespec){ .tv_sec = 1, .tv_nsec = 500000000 }, NULL);
}

static int sleep_on_a_clock(void)
{
	return syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC, 0,
		       &(struct timespec){ .tv_sec = 1, .tv_nsec = 500000000 }, NULL);
}

static int poll_nothing(void)
{
	return syscall(SYS_poll, NULL, 0, 1500);
}

static int wait_for_futex(void)
{
	struct timespec limit = { .tv_sec = 1, .tv_nsec = 500000000 };

	return syscall(SYS_futex, &futex_word, FUTEX_WAIT_PRIVATE, 0, &limit, NULL, 0) == -1 &&
	       errno == ETIMEDOUT ? 0 : 1;
}

static int (*waiting)(void);

static void in_waiting(void)
{
	forked->ready = 1;
	if (waiting())
		_exit(1);
	finished();
}

/* The second finds the call going on after the first, where only the kernel knows which it was. */
static void waiting_process_is_checkpointed_twice(void)
{
	static int (*const calls[])(void) = { sleep_relative, sleep_on_a_clock, poll_nothing,
					      wait_for_futex };

	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		uint64_t first, second;
		pid_t pid, child;

		make_forked_board();
		waiting = calls[i];
		pid = start_forked(in_waiting);
		first = checkpoint_forked(pid);
		usleep(100000);
		second = checkpoint_forked(pid);
		child = restore_image(second, NULL);
		wait_child(pid);
		wait_child(child);
		check_equal(forked->finished, 2);
		delete_image(first);
		delete_image(second);
	}
}

static void in_read(void)
{
	char byte = 0;

	/* Descriptor 0 is a pipe of the test, the caller's in the child. */
	forked->ready = 1;
	if (read(0, &byte, 1) != 1 || byte != 'x')
		_exit(1);
	finished();
}

static void reading_process(void)
{
	int pipes[2];
	pid_t pid, child;
	uint64_t image;

	make_forked_board();
	check_equal(pipe(pipes), 0);
	dup2(pipes[0], 0);
	close(pipes[0]);
	fcntl(pipes[1], F_SETFD, FD_CLOEXEC);
	dup2(pipes[1], 11);
	close(pipes[1]);
	forked->ready = forked->finished = 0;
	pid = fork();
	if (!pid) {
		close(11);
		in_read();
		_exit(0);
	}
	while (!forked->ready)
		usleep(1000);
	usleep(50000);
	image = checkpoint_forked(pid);
	child = restore_image(image, NULL);
	usleep(50000);
	check_equal(write(11, "xx", 2), 2);
	wait_child(pid);
	wait_child(child);
	check_equal(forked->finished, 2);
	delete_image(image);
}

static void in_epoll(void)
{
	struct epoll_event event = { .events = EPOLLIN };
	int epoll = epoll_create1(0);

	forked->ready = 1;
	/* Without any descriptor it only ends by its timeout, or by a signal that never was. */
	if (epoll_wait(epoll, &event, 1, 300) != 0)
		_exit(1);
	finished();
}

static void epoll_process(void)
{
	ends_by_itself(in_epoll);
}

/*
 * Made by the test, and there until all have ended: to a wait whose limit comes as its semaphore is removed Linux says
 * EINTR without any signal.
 */
static int semaphore;

static void make_semaphore(void)
{
	semaphore = semget(IPC_PRIVATE, 1, 0600);
	if (semaphore < 0)
		skip("no System V semaphores");
}

static void in_semop(void)
{
	struct sembuf down = { .sem_op = -1 };

	forked->ready = 1;
	/* Ends by its limit, not by a signal that never was. */
	if (semtimedop(semaphore, &down, 1, &(struct timespec){ .tv_nsec = 300000000 }) == 0)
		_exit(255);
	if (errno != EAGAIN)
		_exit(errno);
	finished();
}

static void semaphore_process(void)
{
	make_semaphore();
	ends_by_itself(in_semop);
	check_equal(semctl(semaphore, 0, IPC_RMID), 0);
}

static void *with_own_descriptors(void *unused)
{
	unshare(CLONE_FILES);
	forked->phase = 1;
	for (;;)
		pause();
	return unused;
}

static void in_semop_beside_a_thread(void)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, with_own_descriptors, NULL))
		_exit(254);
	while (!forked->phase)
		usleep(1000);
	forked->ready = 1;
	if (semop(semaphore, &(struct sembuf){ .sem_op = -1 }, 1))
		_exit(errno);
	finished();
	_exit(0);
}

/* The first thread is asked, and then the second refuses. */
static void refused_process(void)
{
	struct rfork_checkpoint arg = { .inherit_fds = 1ULL << device };

	make_semaphore();
	make_forked_board();
	arg.pid = start_forked(in_semop_beside_a_thread);
	for (int i = 0; i < 20; i++) {
		check_equal(call(RFORK_IOC_CHECKPOINT, &arg), -EOPNOTSUPP);
		usleep(5000);
	}
	check_equal(waitpid(arg.pid, NULL, WNOHANG), 0);
	check_equal(semop(semaphore, &(struct sembuf){ .sem_op = 1 }, 1), 0);
	wait_child(arg.pid);
	check_equal(forked->finished, 1);
	check_equal(semctl(semaphore, 0, IPC_RMID), 0);
}

/* Each socket has a limit of time. */
#define SOCKET	20

static void in_receive(void)
{
	char byte;

	forked->ready = 1;
	if (recv(SOCKET, &byte, 1, 0) != -1)
		_exit(255);
	if (errno != EAGAIN)
		_exit(errno);
	finished();
}

static void in_accept(void)
{
	forked->ready = 1;
	if (accept(SOCKET, NULL, NULL) != -1)
		_exit(255);
	if (errno != EAGAIN)
		_exit(errno);
	finished();
}

/* The parent alone: a socket is left to whoever restores. */
static void process_at_a_socket(void (*program)(void))
{
	struct rfork_checkpoint arg = { .inherit_fds = 1ULL << device | 3ULL << SOCKET };

	make_forked_board();
	check_equal(setsockopt(SOCKET, SOL_SOCKET, SO_RCVTIMEO,
			       &(struct timeval){ .tv_usec = 300000 }, sizeof(struct timeval)), 0);
	arg.pid = start_forked(program);
	check_equal(call(RFORK_IOC_CHECKPOINT, &arg), 0);
	wait_child(arg.pid);
	check_equal(forked->finished, 1);
	delete_image(arg.image);
}

static void receiving_process(void)
{
	int ends[2];

	check_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	check_equal(dup2(ends[0], SOCKET), SOCKET);
	check_equal(dup2(ends[1], SOCKET + 1), SOCKET + 1);
	close(ends[0]);
	close(ends[1]);
	process_at_a_socket(in_receive);
}

static void accepting_process(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = "\0nobody-connects" };
	int listening = socket(AF_UNIX, SOCK_STREAM, 0);

	check_equal(bind(listening, (struct sockaddr *)&address, sizeof(address)), 0);
	check_equal(listen(listening, 1), 0);
	check_equal(dup2(listening, SOCKET), SOCKET);
	close(listening);
	process_at_a_socket(in_accept);
}

const struct test_case interrupted_call_cases[] = {
	{ "interrupted-nanosleep-is-made-again", sleeping_process },
	{ "interrupted-futex-wait-is-made-again", futex_process },
	{ "call-that-goes-on-is-made-again", waiting_process_is_checkpointed_twice },
	{ "interrupted-read-is-made-again", reading_process },
	{ "interrupted-epoll-wait-is-made-again", epoll_process },
	{ "interrupted-semop-is-made-again", semaphore_process },
	{ "refused-checkpoint-interrupts-no-call", refused_process },
	{ "interrupted-receive-with-a-limit-is-made-again", receiving_process },
	{ "interrupted-accept-with-a-limit-is-made-again", accepting_process },
	{ }
};
