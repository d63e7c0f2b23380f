// SPDX-License-Identifier: GPL-2.0
/* Signals that come while a process restores: they are handled, and the restore is made all the same. */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>
#include "selftest.h"

static volatile int *handled;

static void on_usr1(int number)
{
	(void)number;
	++*handled;
}

/* Lets the traced process run to where it has just asked for a restore. */
static void stop_at_restore(pid_t pid)
{
	struct user_regs_struct regs;

	check(WIFSTOPPED(wait_status(pid)));
	do {
		check_equal(ptrace(PTRACE_SYSCALL, pid, 0, 0), 0);
		check(WIFSTOPPED(wait_status(pid)));
		check_equal(ptrace(PTRACE_GETREGS, pid, 0, &regs), 0);
	} while (regs.orig_rax != SYS_ioctl || (unsigned int)regs.rsi != RFORK_IOC_RESTORE ||
		 (long)regs.rax != -ENOSYS);
}

static void signal_at_the_start_of_a_restore(void)
{
	struct rfork_restore arg = { .threads = 1 };
	uint64_t image;
	pid_t pid;

	make_arena(64);
	if (checkpoint_self(&image)) {
		for (size_t i = 0; i < 64; i++)
			check(page_is(i, 0));
		child_exit();
	}
	handled = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	check(handled != MAP_FAILED);
	arg.image = image;
	pid = fork();
	if (!pid) {
		signal(SIGUSR1, on_usr1);
		ptrace(PTRACE_TRACEME, 0, 0, 0);
		raise(SIGSTOP);
		check_equal(call(RFORK_IOC_RESTORE, &arg), 0);
		_exit(1);
	}
	stop_at_restore(pid);
	/* A stopped process finds it when it goes on: in the system call, before the restore begins. */
	check_equal(kill(pid, SIGUSR1), 0);
	check_equal(ptrace(PTRACE_DETACH, pid, 0, 0), 0);
	wait_child(pid);
	check_equal(*handled, 1);
	delete_image(image);
}

const struct test_case interrupted_restore_cases[] = {
	{ "restore-goes-on-after-a-signal", signal_at_the_start_of_a_restore },
	{ }
};
