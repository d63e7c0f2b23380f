// SPDX-License-Identifier: GPL-2.0
/* The kernel's log of refusals: one line each with what and why, and no flood of them. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "selftest.h"

static int open_log(void)
{
	int log = open("/dev/kmsg", O_RDONLY | O_NONBLOCK);

	check(log >= 0);
	lseek(log, 0, SEEK_END);
	return log;
}

/* The module's lines since the log was opened or read; the last one in @line. */
static int lines(int log, char line[1024])
{
	char record[8192];
	int count = 0;
	ssize_t bytes;

	while ((bytes = read(log, record, sizeof(record) - 1)) > 0) {
		char *text;

		record[bytes] = 0;
		text = strstr(record, ";rfork: ");
		if (!text)
			continue;
		count++;
		strncpy(line, text + strlen(";rfork: "), 1023);
	}
	return count;
}

/* The module prints ten refusals in five seconds; earlier ones count. */
static void wait_for_a_fresh_limit(void)
{
	struct timespec pause = { .tv_sec = 6 };

	while (nanosleep(&pause, &pause))
		;
}

static void logged(int log, unsigned long command, void *request, int error, const char *words)
{
	char line[1024] = "", user[32];

	check_equal(call(command, request), -error);
	check_equal(lines(log, line), 1);
	snprintf(user, sizeof(user), "process %d of user 0", getpid());
	if (!strstr(line, words) || !strstr(line, user))
		printf("# %s", line);
	check(strstr(line, words));
	check(strstr(line, user));
	/* The reply says the same. */
	check(reason[0] && strstr(line, reason));
}

static void refusals_are_logged(void)
{
	struct rfork_restore restore = { .image = 12345, .threads = 1 };
	struct rfork_attach attach = { .boot_id = { 1 } };
	struct rfork_format format = { .nodes = 99 };
	struct rfork_migrate move = { .direction = 3 };
	struct rfork_delete delete = { .image = 1 };
	struct rfork_checkpoint checkpoint = { };
	char line[1024];
	int log, file;

	wait_for_a_fresh_limit();
	log = open_log();
	logged(log, RFORK_IOC_RESTORE, &restore, ENOENT, "restore refused");
	logged(log, RFORK_IOC_ATTACH, &attach, EBUSY, "attached already");
	logged(log, RFORK_IOC_FORMAT, &format, EINVAL, "format refused");
	logged(log, RFORK_IOC_MIGRATE, &move, EINVAL, "direction 3");
	logged(log, RFORK_IOC_DELETE, &delete, ENOENT, "there is no checkpoint 1");
	/* Names are anybody's: control characters of theirs reach neither log nor terminal. */
	file = open("/tmp/\033[31mred\nrfork: forged", O_RDWR | O_CREAT | O_TRUNC, 0600);
	check(file >= 0);
	checkpoint.inherit_fds = 1ULL << log;
	if (call(RFORK_IOC_CHECKPOINT, &checkpoint) == 1)
		child_exit();
	restore.image = checkpoint.image;
	check_equal(unlink("/tmp/\033[31mred\nrfork: forged"), 0);
	check_equal(call(RFORK_IOC_RESTORE, &restore), -ENOENT);
	check(strstr(reason, "/tmp/?[31mred?rfork: forged"));
	check_equal(lines(log, line), 1);
	check(strstr(line, "/tmp/?[31mred?rfork: forged"));
	delete_image(checkpoint.image);
}

static void refusals_do_not_flood(void)
{
	struct rfork_restore restore = { .image = 12345, .threads = 1 };
	struct timespec begin, end;
	char line[1024];
	int log, count;

	wait_for_a_fresh_limit();
	log = open_log();
	clock_gettime(CLOCK_MONOTONIC, &begin);
	for (int i = 0; i < 2000; i++)
		check_equal(call(RFORK_IOC_RESTORE, &restore), -ENOENT);
	clock_gettime(CLOCK_MONOTONIC, &end);
	count = lines(log, line);
	/* Ten in each window of five seconds that was begun, and a line each that tells of the rest. */
	check(count >= 10 && count <= 11 * (2 + (end.tv_sec - begin.tv_sec) / 5));
}

#define OVERCOMMIT "/proc/sys/vm/overcommit_"

/* Of what can fail once the old memory is gone, the kernel's promise of memory is easily withdrawn. */
static void half_way_failure_is_told(void)
{
	uint64_t image, killed = counters(0).children_killed;
	struct rfork_restore arg = { .threads = 1 };
	char line[1024] = "", words[64];
	int log, status;
	pid_t pid;

	make_arena(64);
	if (checkpoint_self(&image))
		child_exit();
	log = open_log();
	arg.image = image;
	pid = fork();
	if (!pid) {
		write_to(OVERCOMMIT "kbytes", "1");
		write_to(OVERCOMMIT "memory", "2");
		call(RFORK_IOC_RESTORE, &arg);
		_exit(1);
	}
	status = wait_status(pid);
	write_to(OVERCOMMIT "memory", "0");
	write_to(OVERCOMMIT "kbytes", "0");
	check(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	check_equal(counters(0).children_killed - killed, 1);
	check_equal(lines(log, line), 1);
	snprintf(words, sizeof(words), "killed process %d", pid);
	check(strstr(line, words) && strstr(line, "cannot be mapped") && strstr(line, "-12"));
	wait_child(restore_image(image, NULL));
	delete_image(image);
}

const struct test_case log_cases[] = {
	{ "refusals-are-logged-in-one-line", refusals_are_logged },
	{ "restore-that-fails-half-way-ends-with-a-reason", half_way_failure_is_told },
	{ "refusals-do-not-flood-the-log", refusals_do_not_flood },
	{ }
};
