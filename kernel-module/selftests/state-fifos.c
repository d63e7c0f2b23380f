// SPDX-License-Identifier: GPL-2.0
/* Pipes that have a name, and locks on what has none. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include "selftest.h"

#define FIFO "/tmp/fifo"

static int open_fifo(int flags)
{
	int fd = open(FIFO, flags);

	check(fd >= 0);
	return fd;
}

static void in_child(int both, int reader)
{
	char found[8] = "";

	check_equal(fcntl(both, F_GETFL) & O_ACCMODE, O_RDWR);
	check_equal(fcntl(reader, F_GETFL) & O_ACCMODE, O_RDONLY);
	check(fcntl(reader, F_GETFL) & O_NONBLOCK && !(fcntl(both, F_GETFL) & O_NONBLOCK));
	check(read(reader, found, sizeof(found)) == 6 && !memcmp(found, "inside", 6));
	check(read(reader, found, 1) < 0 && errno == EAGAIN);
	/* It is the one that has this name. */
	check_equal(write(open_fifo(O_WRONLY | O_NONBLOCK), "x", 1), 1);
	check(read(both, found, 1) == 1 && found[0] == 'x');
	close(both);
}

/* By its name, with what lies in it, if nobody else has it: else that would come to them. */
static void fifos_are_restored(void)
{
	struct rfork_restore arg = { .threads = 1 };
	int both, reader;
	uint64_t image;

	unlink(FIFO);
	check_equal(mkfifo(FIFO, 0600), 0);
	both = open_fifo(O_RDWR);
	reader = open_fifo(O_RDONLY | O_NONBLOCK);
	check_equal(write(both, "inside", 6), 6);
	if (checkpoint_self(&image)) {
		in_child(both, reader);
		child_exit();
	}
	arg.image = image;
	check_equal(call(RFORK_IOC_RESTORE, &arg), -EBUSY);
	check(strstr(reason, FIFO));
	close(reader);
	check_equal(call(RFORK_IOC_RESTORE, &arg), -EBUSY);
	close(both);
	wait_child(restore_image(image, NULL));
	unlink(FIFO);
	check_equal(call(RFORK_IOC_RESTORE, &arg), -ENOENT);
	close(open(FIFO, O_RDWR | O_CREAT, 0600));
	check_equal(call(RFORK_IOC_RESTORE, &arg), -ESTALE);
	unlink(FIFO);
	delete_image(image);
}

static void deleted_fifo_is_refused(void)
{
	struct rfork_checkpoint arg = { };

	unlink(FIFO);
	check_equal(mkfifo(FIFO, 0600), 0);
	open_fifo(O_RDWR);
	unlink(FIFO);
	check_equal(call(RFORK_IOC_CHECKPOINT, &arg), -EOPNOTSUPP);
	check(strstr(reason, "is a pipe"));
}

static void locks_on_pipes_are_refused(void)
{
	struct rfork_checkpoint arg = { };
	int ends[2];

	check_equal(pipe(ends), 0);
	check_equal(flock(ends[0], LOCK_EX), 0);
	check_equal(call(RFORK_IOC_CHECKPOINT, &arg), -EOPNOTSUPP);
	check(strstr(reason, "lock"));
}

const struct test_case fifo_cases[] = {
	{ "fifos-are-restored", fifos_are_restored },
	{ "deleted-fifo-is-refused", deleted_fifo_is_refused },
	{ "locks-on-pipes-are-refused", locks_on_pipes_are_refused },
	{ }
};
