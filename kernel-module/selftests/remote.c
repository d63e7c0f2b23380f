// SPDX-License-Identifier: GPL-2.0
/* Checkpoints of another process: running, with much state, stopped, killed meanwhile. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "forked-program.h"

static void computes(void)
{
	volatile double x = 1.0;
	uint64_t sum = 0;

	make_arena(1024);
	forked->ready = 1;
	while (!forked->phase) {
		x = x * 1.000001 + 0.5 / x;
		for (size_t i = 0; i < 1024; i += 64)
			sum += page_is(i, 0);
	}
	if (x != x || !sum)
		_exit(1);
	for (size_t i = 0; i < 1024; i++)
		if (!page_is(i, 0))
			_exit(2);
	finished();
}

static void running_process(void)
{
	pid_t pid;

	make_forked_board();
	pid = start_forked(computes);
	moves_on(pid, checkpoint_forked(pid));
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
	forked->ready = 1;
	while (!forked->phase)
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
	__atomic_add_fetch(&forked->failed, wiped[0], __ATOMIC_SEQ_CST);
	finished();
}

static void stateful_process(void)
{
	pid_t pid;

	make_forked_board();
	pid = start_forked(has_state);
	moves_on(pid, checkpoint_forked(pid));
	check_equal(forked->failed, 7);
}

static void stopped_process(void)
{
	struct rfork_checkpoint arg = { .timeout_ms = 300 };
	uint64_t before;
	pid_t pid;

	make_forked_board();
	pid = start_forked(computes);
	kill(pid, SIGSTOP);
	usleep(50000);
	before = free_bytes();
	arg.pid = pid;
	check_equal(call(RFORK_IOC_CHECKPOINT, &arg), -EOPNOTSUPP);
	check(strstr(reason, "stopped"));
	check_equal(free_bytes(), before);
	kill(pid, SIGCONT);
	forked->phase = 1;
	wait_child(pid);
	check_equal(forked->finished, 1);
}

static void killed_while_checkpointed(void)
{
	uint64_t before;

	make_forked_board();
	before = free_bytes();
	for (int i = 0; i < 6; i++) {
		pid_t pid = start_forked(computes), killer = fork();
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
	{ "state-of-the-table-is-restored", stateful_process },
	{ "stopped-process-is-refused", stopped_process },
	{ "killed-process-leaves-no-image", killed_while_checkpointed },
	{ }
};
