// SPDX-License-Identifier: GPL-2.0
/* The frame of tests that checkpoint a forked process; see forked-program.h. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include "forked-program.h"

struct forked *forked;

void make_forked_board(void)
{
	int file = open("/tmp/board", O_RDWR | O_CREAT | O_TRUNC, 0600);

	check(file >= 0 && ftruncate(file, PAGE) == 0);
	forked = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
	check(forked != MAP_FAILED);
	close(file);
}

uint64_t checkpoint_forked(pid_t pid)
{
	struct rfork_checkpoint arg = { .pid = pid, .inherit_fds = 1ULL << device };

	check_equal(call(RFORK_IOC_CHECKPOINT, &arg), 0);
	return arg.image;
}

pid_t start_forked(void (*program)(void))
{
	pid_t pid;

	forked->ready = forked->finished = forked->phase = forked->failed = 0;
	pid = fork();
	if (!pid) {
		program();
		_exit(0);
	}
	for (int i = 0; !forked->ready && i < 5000; i++)
		usleep(1000);
	check(forked->ready);
	usleep(50000);
	return pid;
}

/* Until the process at @pid sleeps in the kernel again. */
void moves_on(pid_t parent, uint64_t image)
{
	pid_t child = restore_image(image, NULL);

	usleep(50000);
	check_equal(waitpid(parent, NULL, WNOHANG), 0);
	check_equal(waitpid(child, NULL, WNOHANG), 0);
	forked->phase = 1;
	wait_child(parent);
	wait_child(child);
	check_equal(forked->finished, 2);
	delete_image(image);
}

void finished(void)
{
	__atomic_add_fetch(&forked->finished, 1, __ATOMIC_SEQ_CST);
}
