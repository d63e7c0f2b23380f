// SPDX-License-Identifier: GPL-2.0
/* Checkpoints of another process, stopped wherever it is. */
#define _GNU_SOURCE
#include <sched.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "selftest.h"

/* What parent, child and this process share in a file, as no memory of theirs is shared. */
struct board {
	volatile int phase;		/* set by the test: 0 wait, 1 go on and verify */
	volatile int ready;
	volatile int failed;
	volatile int finished;
};
static struct board *board;

static void make_board(void)
{
	int file = open("/tmp/board", O_RDWR | O_CREAT | O_TRUNC, 0600);

	check(file >= 0 && ftruncate(file, PAGE) == 0);
	board = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
	check(board != MAP_FAILED);
	close(file);
}

static uint64_t checkpoint(pid_t pid)
{
	struct rfork_checkpoint arg = { .pid = pid, .inherit_fds = 1ULL << device };

	check_equal(call(RFORK_IOC_CHECKPOINT, &arg), 0);
	return arg.image;
}

static pid_t start(void (*program)(void))
{
	pid_t pid;

	board->ready = board->finished = board->phase = board->failed = 0;
	pid = fork();
	if (!pid) {
		program();
		_exit(0);
	}
	for (int i = 0; !board->ready && i < 5000; i++)
		usleep(1000);
	check(board->ready);
	usleep(50000);
	return pid;
}

/* Until the process at @pid sleeps in the kernel again. */
static void moves_on(pid_t parent, uint64_t image)
{
	pid_t child = restore_image(image, NULL);

	usleep(50000);
	check_equal(waitpid(parent, NULL, WNOHANG), 0);
	check_equal(waitpid(child, NULL, WNOHANG), 0);
	board->phase = 1;
	wait_child(parent);
	wait_child(child);
	check_equal(board->finished, 2);
	delete_image(image);
}

static void computes(void)
{
	volatile double x = 1.0;
	uint64_t sum = 0;

	make_arena(1024);
	board->ready = 1;
	while (!board->phase) {
		x = x * 1.000001 + 0.5 / x;
		for (size_t i = 0; i < 1024; i += 64)
			sum += page_is(i, 0);
	}
	if (x != x || !sum)
		_exit(1);
	for (size_t i = 0; i < 1024; i++)
		if (!page_is(i, 0))
			_exit(2);
	__atomic_add_fetch(&board->finished, 1, __ATOMIC_SEQ_CST);
}

static void running_process(void)
{
	pid_t pid;

	make_board();
	pid = start(computes);
	moves_on(pid, checkpoint(pid));
}

static void in_nanosleep(void)
{
	struct timespec begin, end;

	board->ready = 1;
	clock_gettime(CLOCK_MONOTONIC, &begin);
	if (nanosleep(&(struct timespec){ .tv_nsec = 400000000 }, NULL))
		_exit(1);
	clock_gettime(CLOCK_MONOTONIC, &end);
	if ((end.tv_sec - begin.tv_sec) * 1000000000 + end.tv_nsec - begin.tv_nsec < 400000000)
		_exit(2);
	__atomic_add_fetch(&board->finished, 1, __ATOMIC_SEQ_CST);
}

/* Parent and child end by themselves, each having slept its whole time. */
static void ends_by_itself(void (*program)(void))
{
	pid_t pid, child;
	uint64_t image;

	make_board();
	pid = start(program);
	image = checkpoint(pid);
	child = restore_image(image, NULL);
	wait_child(pid);
	wait_child(child);
	check_equal(board->finished, 2);
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

	board->ready = 1;
	if (syscall(SYS_futex, &futex_word, FUTEX_WAIT_PRIVATE, 0, &limit, NULL, 0) != -1 ||
	    errno != ETIMEDOUT)
		_exit(1);
	__atomic_add_fetch(&board->finished, 1, __ATOMIC_SEQ_CST);
}

static void futex_process(void)
{
	ends_by_itself(in_futex);
}

static void in_read(void)
{
	char byte = 0;

	/* Descriptor 0 is a pipe of the test, the caller's in the child. */
	board->ready = 1;
	if (read(0, &byte, 1) != 1 || byte != 'x')
		_exit(1);
	__atomic_add_fetch(&board->finished, 1, __ATOMIC_SEQ_CST);
}

static void reading_process(void)
{
	int pipes[2];
	pid_t pid, child;
	uint64_t image;

	make_board();
	check_equal(pipe(pipes), 0);
	dup2(pipes[0], 0);
	close(pipes[0]);
	fcntl(pipes[1], F_SETFD, FD_CLOEXEC);
	dup2(pipes[1], 11);
	close(pipes[1]);
	board->ready = board->finished = 0;
	pid = fork();
	if (!pid) {
		close(11);
		in_read();
		_exit(0);
	}
	while (!board->ready)
		usleep(1000);
	usleep(50000);
	image = checkpoint(pid);
	child = restore_image(image, NULL);
	usleep(50000);
	check_equal(write(11, "xx", 2), 2);
	wait_child(pid);
	wait_child(child);
	check_equal(board->finished, 2);
	delete_image(image);
}

static void in_epoll(void)
{
	struct epoll_event event = { .events = EPOLLIN };
	int epoll = epoll_create1(0);

	board->ready = 1;
	/* Without any descriptor it only ends by its timeout, or by a signal that never was. */
	if (epoll_wait(epoll, &event, 1, 300) != 0)
		_exit(1);
	__atomic_add_fetch(&board->finished, 1, __ATOMIC_SEQ_CST);
}

static void epoll_process(void)
{
	pid_t pid, child;
	uint64_t image;

	make_board();
	pid = start(in_epoll);
	image = checkpoint(pid);
	child = restore_image(image, NULL);
	wait_child(pid);
	wait_child(child);
	check_equal(board->finished, 2);
	delete_image(image);
}

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
	board->ready = 1;
	while (!board->phase)
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
	__atomic_add_fetch(&board->finished, 1, __ATOMIC_SEQ_CST);
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

	make_board();
	pid = start(threaded);
	image = checkpoint(pid);
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
	board->phase = 1;
	wait_child(pid);
	wait_child(child);
	check_equal(board->finished, 2);
	delete_image(image);
}

static volatile sig_atomic_t usr1;

static void on_usr1(int number)
{
	(void)number;
	usr1++;
}

/* One process with much state of the table; verifies all of it when told. */
static void has_state(void)
{
	static char alternate[65536];
	stack_t stack = { .ss_sp = alternate, .ss_size = sizeof(alternate) }, now;
	struct sigaction action = { .sa_handler = on_usr1, .sa_flags = SA_ONSTACK }, found;
	char *wiped = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *unreadable = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
				-1, 0);
	char name[16], path[256], content[8] = "";
	sigset_t set, blocked;
	struct stat about;
	int file;

	mkdir("/tmp/place", 0700);
	if (chdir("/tmp/place"))
		_exit(20);
	umask(031);
	prctl(PR_SET_NAME, "stateful");
	setenv("RFORK_TEST", "kept", 1);
	sigaltstack(&stack, NULL);
	sigaction(SIGUSR1, &action, NULL);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	sigprocmask(SIG_BLOCK, &set, NULL);
	file = open("/tmp/place/file", O_RDWR | O_CREAT | O_TRUNC, 0600);
	if (write(file, "abcdefgh", 8) != 8 || lseek(file, 3, SEEK_SET) != 3)
		_exit(21);
	fcntl(file, F_SETFD, FD_CLOEXEC);
	memset(wiped, 7, PAGE);
	madvise(wiped, PAGE, MADV_WIPEONFORK);
	memset(unreadable, 5, 2 * PAGE);
	mprotect(unreadable, 2 * PAGE, PROT_NONE);
	board->ready = 1;
	while (!board->phase)
		usleep(1000);
	if (!getcwd(path, sizeof(path)) || strcmp(path, "/tmp/place"))
		_exit(1);
	if (umask(0) != 031)
		_exit(2);
	prctl(PR_GET_NAME, name);
	if (strcmp(name, "stateful"))
		_exit(3);
	if (!getenv("RFORK_TEST") || strcmp(getenv("RFORK_TEST"), "kept"))
		_exit(4);
	sigaltstack(NULL, &now);
	if (now.ss_sp != alternate || now.ss_size != sizeof(alternate))
		_exit(5);
	sigaction(SIGUSR1, NULL, &found);
	if (found.sa_handler != on_usr1 || !(found.sa_flags & SA_ONSTACK))
		_exit(6);
	raise(SIGUSR1);
	if (usr1 != 1)
		_exit(7);
	sigprocmask(SIG_BLOCK, NULL, &blocked);
	if (!sigismember(&blocked, SIGUSR2) || sigismember(&blocked, SIGUSR1))
		_exit(8);
	if (!(fcntl(file, F_GETFD) & FD_CLOEXEC) || fstat(file, &about) || about.st_size != 8)
		_exit(9);
	/* Parent and child each have an offset of their own. */
	if (read(file, content, 2) != 2 || memcmp(content, "de", 2))
		_exit(10);
	mprotect(unreadable, 2 * PAGE, PROT_READ);
	for (size_t i = 0; i < 2 * PAGE; i++)
		if (unreadable[i] != 5)
			_exit(11);
	/* The parent was not forked, the child was: 7 in one, 0 in the other. */
	if (wiped[0] != 7 && wiped[0] != 0)
		_exit(12);
	__atomic_add_fetch(&board->failed, wiped[0], __ATOMIC_SEQ_CST);
	__atomic_add_fetch(&board->finished, 1, __ATOMIC_SEQ_CST);
}

static void stateful_process(void)
{
	pid_t pid;

	make_board();
	pid = start(has_state);
	moves_on(pid, checkpoint(pid));
	check_equal(board->failed, 7);
}

static void stopped_process(void)
{
	struct rfork_checkpoint arg = { .timeout_ms = 300 };
	uint64_t before;
	pid_t pid;

	make_board();
	pid = start(computes);
	kill(pid, SIGSTOP);
	usleep(50000);
	before = free_bytes();
	arg.pid = pid;
	check_equal(call(RFORK_IOC_CHECKPOINT, &arg), -ETIMEDOUT);
	check_equal(free_bytes(), before);
	kill(pid, SIGCONT);
	board->phase = 1;
	wait_child(pid);
	check_equal(board->finished, 1);
}

static void killed_while_checkpointed(void)
{
	uint64_t before;

	make_board();
	before = free_bytes();
	for (int i = 0; i < 6; i++) {
		pid_t pid = start(computes), killer = fork();
		struct rfork_checkpoint arg = { .pid = pid, .inherit_fds = 1ULL << device };

		if (!killer) {
			usleep(i * 700);
			kill(pid, SIGKILL);
			_exit(0);
		}
		if (call(RFORK_IOC_CHECKPOINT, &arg) == 0)
			delete_image(arg.image);
		wait_status(pid);
		wait_status(killer);
	}
	check_equal(free_bytes(), before);
}

const struct test_case remote_cases[] = {
	{ "running-process-is-checkpointed", running_process },
	{ "interrupted-nanosleep-is-made-again", sleeping_process },
	{ "interrupted-futex-wait-is-made-again", futex_process },
	{ "interrupted-read-is-made-again", reading_process },
	{ "interrupted-epoll-wait-is-made-again", epoll_process },
	{ "threads-go-on-in-the-child", threaded_process },
	{ "state-of-the-table-is-restored", stateful_process },
	{ "stopped-process-times-out", stopped_process },
	{ "killed-process-leaves-no-image", killed_while_checkpointed },
	{ }
};
