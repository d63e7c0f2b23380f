// SPDX-License-Identifier: GPL-2.0
/* The frame of tests that move a program; see moved-program.h. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "moved-program.h"

#define BOARD_FILE "/tmp/moved-program.board"

struct board *board;
uint64_t differences;

static void open_board(int flags)
{
	int file = open(BOARD_FILE, O_RDWR | flags, 0666);

	check(file >= 0);
	check_equal(fchmod(file, 0666), 0);
	check_equal(ftruncate(file, sizeof(struct board)), 0);
	board = mmap(NULL, sizeof(*board), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
	check(board != MAP_FAILED);
	close(file);
}

void join_board(void)
{
	open_board(0);
}

static volatile sig_atomic_t told;

static void on_term(int number)
{
	(void)number;
	told = 1;
}

bool await_move(void)
{
	struct sigaction action = { .sa_handler = on_term };
	sigset_t term, old;

	sigemptyset(&term);
	sigaddset(&term, SIGTERM);
	sigprocmask(SIG_BLOCK, &term, &old);
	sigaction(SIGTERM, &action, NULL);
	sigdelset(&old, SIGTERM);
	board->parent = getpid();
	board->ready = 1;
	while (!told)
		sigsuspend(&old);
	/* The mask of the call that was interrupted is the call's alone. */
	sigprocmask(SIG_UNBLOCK, &term, &old);
	check(sigismember(&old, SIGTERM));
	return getpid() != board->parent;
}

/* A file of its own, so that what names the program is seen to come from the parent. */
static void copy_program(void)
{
	int from = open("/proc/self/exe", O_RDONLY), to;
	struct stat about;

	check(from >= 0 && fstat(from, &about) == 0);
	unlink(PROGRAM_FILE);
	to = open(PROGRAM_FILE, O_WRONLY | O_CREAT | O_EXCL, 0755);
	check(to >= 0);
	for (off_t copied = 0; copied < about.st_size; )
		check(sendfile(to, from, &copied, about.st_size - copied) > 0);
	close(from);
	close(to);
}

pid_t start_program(const char *program)
{
	char *const words[] = { PROGRAM_NAME, "--program", (char *)program, PROGRAM_LAST_WORD, NULL };
	char *const environment[] = { PROGRAM_VARIABLE, "PATH=/sbin:/usr/sbin:/bin:/usr/bin", NULL };
	pid_t pid;

	copy_program();
	unlink(BOARD_FILE);
	open_board(O_CREAT);
	fflush(stdout);
	pid = fork();
	if (!pid) {
		close(device);
		execve(PROGRAM_FILE, words, environment);
		_exit(127);
	}
	for (int i = 0; !board->ready && i < 20000; i++) {
		int status;

		/* One that cannot be set up here ends the case with its own word. */
		if (waitpid(pid, &status, WNOHANG) == pid)
			_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 1);
		usleep(1000);
	}
	check(board->ready);
	usleep(20000);
	return pid;
}

uint64_t checkpoint_program(pid_t pid, uint32_t flags)
{
	struct rfork_checkpoint arg = { .pid = pid, .head.flags = flags };

	check_equal(call(RFORK_IOC_CHECKPOINT, &arg), 0);
	return arg.image;
}

/* Resolves when the child runs: before, a signal would end the process that is to become it. */
pid_t restore_prepared(uint64_t image, void (*prepare)(void))
{
	struct rfork_restore_result *result = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
						   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct rfork_restore arg = { .image = image, .threads = 1, .result = (uintptr_t)result };
	pid_t pid;

	check(result != MAP_FAILED);
	fflush(stdout);
	pid = fork();
	check(pid >= 0);
	if (!pid) {
		if (prepare)
			prepare();
		check_equal(call(RFORK_IOC_RESTORE, &arg), 0);
		_exit(1);
	}
	while (!__atomic_load_n(&result->done, __ATOMIC_ACQUIRE)) {
		int status;

		if (waitpid(pid, &status, WNOHANG) == pid)
			_exit(WIFEXITED(status) && WEXITSTATUS(status) ? WEXITSTATUS(status) : 1);
		usleep(1000);
	}
	differences = result->differs;
	munmap(result, PAGE);
	return pid;
}

void tell_to_go_on(pid_t pid)
{
	board->go = 1;
	check_equal(kill(pid, SIGTERM), 0);
}

void move_without(const char *program, void (*prepare)(void), uint32_t drop)
{
	pid_t parent = start_program(program), child;
	uint64_t image = checkpoint_program(parent, drop);

	child = restore_prepared(image, prepare);
	/* The child first: what it holds is not let go by the parent's end. */
	tell_to_go_on(child);
	wait_child(child);
	tell_to_go_on(parent);
	wait_child(parent);
	delete_image(image);
}

void move(const char *program, void (*prepare)(void))
{
	move_without(program, prepare, 0);
}
