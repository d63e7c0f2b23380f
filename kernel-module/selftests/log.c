// SPDX-License-Identifier: GPL-2.0
/* The kernel's log of refusals: one line each with what and why, and no flood of them. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
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

static long now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000L + now.tv_nsec;
}

/* The status of a restore during which, so long after its begin, the kernel's promise of memory is withdrawn. */
static int restore_withdrawn(uint64_t image, long after_ns, pid_t *pid)
{
	struct rfork_restore arg = { .image = image, .threads = 1 };
	int go[2], status;
	long begin_ns;
	char byte = 0;

	check_equal(pipe(go), 0);
	*pid = fork();
	if (!*pid) {
		check_equal(read(go[0], &byte, 1), 1);
		call(RFORK_IOC_RESTORE, &arg);
		_exit(1);
	}
	begin_ns = now_ns();
	check_equal(write(go[1], &byte, 1), 1);
	while (now_ns() < begin_ns + after_ns)
		;
	write_to(OVERCOMMIT "memory", "2");
	status = wait_status(*pid);
	write_to(OVERCOMMIT "memory", "0");
	close(go[0]);
	close(go[1]);
	return status;
}

/*
 * What has no room is refused before the old memory is gone. After that something can still fail: here it is what the
 * kernel promises, withdrawn just then. Too early it is a refusal, too late it changes nothing: a try halves the time between.
 */
static bool fails_half_way(uint64_t image, long longest_ns, pid_t *pid)
{
	long early_ns = 0, late_ns = longest_ns;

	/* Fewer refusals than are logged. */
	for (int tries = 0; tries < 8; tries++) {
		long middle_ns = (early_ns + late_ns) / 2;
		int status = restore_withdrawn(image, middle_ns, pid);

		if (WIFSIGNALED(status)) {
			check_equal(WTERMSIG(status), SIGKILL);
			return true;
		}
		*(WEXITSTATUS(status) ? &early_ns : &late_ns) = middle_ns;
	}
	return false;
}

static void half_way_failure_is_told(void)
{
	uint64_t image, killed = counters(0).children_killed;
	char line[1024] = "", words[64];
	long begin_ns, longest_ns;
	bool failed = false;
	pid_t pid;
	int log;

	make_arena(512);
	/* Many mappings, so that most of a restore is making them. */
	for (size_t i = 0; i < 512; i += 2)
		check_equal(mprotect(ARENA + i * 4096, 4096, PROT_READ), 0);
	if (checkpoint_self(&image))
		child_exit();
	begin_ns = now_ns();
	wait_child(restore_image(image, NULL));
	longest_ns = now_ns() - begin_ns;

	log = open_log();
	write_to(OVERCOMMIT "kbytes", "1");
	for (int round = 0; !failed && round < 10; round++) {
		wait_for_a_fresh_limit();
		failed = fails_half_way(image, longest_ns, &pid);
	}
	write_to(OVERCOMMIT "kbytes", "0");
	check(failed);
	check_equal(counters(0).children_killed - killed, 1);
	check(lines(log, line) > 0);
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
