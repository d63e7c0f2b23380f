// SPDX-License-Identifier: GPL-2.0
/*
 * rfork-selftest: checks that run inside a guest with the module loaded and a formatted region attached.
 *
 *   rfork-selftest --list        names of all cases
 *   rfork-selftest NAME...       runs them (all, if none is named); TAP on standard output
 *   rfork-selftest --serve PAGES THREADS   a program to be checkpointed; see serve.c
 *   rfork-selftest --failing-restores IMAGE   of such a program; see failing-moves.c
 *
 * Exits 0 when all passed, 4 when all were skipped, 1 otherwise.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include "selftest.h"

int device = -1;
char reason[RFORK_REASON_BYTES];

static const struct test_case *const tables[] = {
	right_cases, identity_cases, log_cases, surface_cases, fuzz_cases, killed_cases,
	memory_cases, program_cases, life_cases, refusal_cases, tiering_cases, remote_cases, failing_move_cases,
	allocation_cases,
	restored_cases, caller_cases, descriptor_cases, state_refusal_cases, after_restore_cases,
	interrupted_restore_cases, last_step_cases,
};

void fail(const char *file, int line, const char *what)
{
	printf("# %s:%d: %s does not hold%s%s\n", file, line, what, reason[0] ? "; reason: " : "",
	       reason);
	fflush(stdout);
	_exit(1);
}

void equal(const char *file, int line, const char *what, int64_t got, int64_t wanted)
{
	if (got == wanted)
		return;
	printf("# %s:%d: %s is %lld, not %lld%s%s\n", file, line, what, (long long)got,
	       (long long)wanted, reason[0] ? "; reason: " : "", reason);
	fflush(stdout);
	_exit(1);
}

void skip(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	printf("# skipped: ");
	vprintf(fmt, args);
	printf("\n");
	va_end(args);
	fflush(stdout);
	_exit(4);
}

int call(unsigned long command, void *argument)
{
	struct rfork_head *head = argument;
	int result;

	head->size = _IOC_SIZE(command);
	head->version = RFORK_UAPI_VERSION;
	result = ioctl(device, command, argument);
	result = result < 0 ? -errno : result;
	memcpy(reason, head->reason, sizeof(reason));
	return result;
}

void make_arena(size_t pages)
{
	char *at = mmap(ARENA, pages * PAGE, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);

	check(at == ARENA);
	for (size_t i = 0; i < pages; i++)
		write_page(i, 0);
}

void write_page(size_t page, uint64_t salt)
{
	uint64_t *words = (uint64_t *)(ARENA + page * PAGE);

	words[0] = page * 0x9e3779b97f4a7c15ULL + salt;
	words[PAGE / 8 - 1] = ~words[0];
}

bool page_is(size_t page, uint64_t salt)
{
	const volatile uint64_t *words = (const uint64_t *)(ARENA + page * PAGE);

	return words[0] == page * 0x9e3779b97f4a7c15ULL + salt && words[PAGE / 8 - 1] == ~words[0];
}

bool checkpoint_self(uint64_t *image)
{
	struct rfork_checkpoint arg = { };
	int result = call(RFORK_IOC_CHECKPOINT, &arg);

	if (result == 1) {
		/* Descriptor and memory of the restored process are of the restorer and the image. */
		reason[0] = 0;
		return true;
	}
	check_equal(result, 0);
	*image = arg.image;
	return false;
}

pid_t restore_image(uint64_t image, struct rfork_restore *options)
{
	struct rfork_restore arg = { };
	pid_t pid;

	if (options)
		arg = *options;
	arg.image = image;
	arg.threads = arg.threads ?: 1;
	/* The device stays for the child's own checks. */
	arg.inherit_fds |= 1ULL << device;
	fflush(stdout);
	pid = fork();
	check(pid >= 0);
	if (!pid) {
		check_equal(call(RFORK_IOC_RESTORE, &arg), 0);
		_exit(1);
	}
	return pid;
}

int wait_status(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		check(errno == EINTR);
	return status;
}

void wait_child(pid_t pid)
{
	int status = wait_status(pid);

	if (WIFSIGNALED(status))
		printf("# child ended by signal %d\n", WTERMSIG(status));
	check(WIFEXITED(status));
	check_equal(WEXITSTATUS(status), 0);
}

void child_exit(void)
{
	fflush(stdout);
	_exit(0);
}

void delete_image(uint64_t image)
{
	struct rfork_delete arg = { .image = image };

	check_equal(call(RFORK_IOC_DELETE, &arg), 0);
	check(arg.bytes_freed > 0);
}

struct rfork_counters counters(pid_t pid)
{
	struct rfork_stats arg = { .pid = pid };

	check_equal(call(RFORK_IOC_STATS, &arg), 0);
	return arg.counters;
}

uint64_t free_bytes(void)
{
	struct rfork_info arg = { };

	check_equal(call(RFORK_IOC_INFO, &arg), 0);
	return arg.free_bytes;
}

/* No warning, oops or complaint in the kernel's log so far. */
bool kernel_is_clean(void)
{
	static const char *const complaints[] = { "WARNING:", "BUG:", "Oops", "bad pmd", "Bad rss",
						  "non-zero pgtables", "Bad page", "general protection" };
	int log = open("/dev/kmsg", O_RDONLY | O_NONBLOCK);
	char line[8192];
	ssize_t bytes;
	bool clean = true;

	while (log >= 0 && ((bytes = read(log, line, sizeof(line) - 1)) > 0 || errno == EPIPE)) {
		line[bytes > 0 ? bytes : 0] = 0;
		for (size_t i = 0; i < sizeof(complaints) / sizeof(complaints[0]); i++) {
			if (strstr(line, complaints[i])) {
				printf("# kernel: %s", strchr(line, ';') ?: line);
				clean = false;
			}
		}
	}
	close(log);
	return clean;
}

/* Each case in a process of its own, so that a crash is a failure of that case. */
static int run_case(const struct test_case *test, int number)
{
	static const char *const verdicts[] = { "ok", "not ok" };
	int status;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (!pid) {
		device = open(RFORK_DEVICE, O_RDWR);
		if (device < 0)
			skip("%s cannot be opened: %s", RFORK_DEVICE, strerror(errno));
		dup2(device, 10);
		close(device);
		device = 10;
		alarm(0);
		test->run();
		fflush(stdout);
		_exit(0);
	}
	waitpid(pid, &status, 0);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 4) {
		printf("ok %d %s # SKIP\n", number, test->name);
		return 4;
	}
	status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	if (!status && !kernel_is_clean())
		status = 1;
	printf("%s %d %s\n", verdicts[!!status], number, test->name);
	return !!status;
}

static bool wanted(const char *name, int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (!strcmp(argv[i], name))
			return true;
	return argc == 1;
}

int main(int argc, char **argv)
{
	bool list = argc == 2 && !strcmp(argv[1], "--list");
	int number = 0, failed = 0, skipped = 0;

	setvbuf(stdout, NULL, _IONBF, 0);
	if (argc == 4 && !strcmp(argv[1], "--serve"))
		return serve(strtoul(argv[2], NULL, 0), atoi(argv[3]));
	if (argc == 3 && !strcmp(argv[1], "--failing-restores"))
		return failing_restores(strtoull(argv[2], NULL, 0));
	if (argc == 4 && !strcmp(argv[1], "--program"))
		return run_program(argv[2]);
	for (size_t t = 0; t < sizeof(tables) / sizeof(tables[0]); t++) {
		for (const struct test_case *test = tables[t]; test->name; test++) {
			if (list) {
				printf("%s\n", test->name);
				continue;
			}
			if (!wanted(test->name, argc, argv))
				continue;
			switch (run_case(test, ++number)) {
			case 1: failed++; break;
			case 4: skipped++; break;
			}
		}
	}
	if (list)
		return 0;
	if (!number) {
		printf("Bail out! no such case; see --list\n");
		return 1;
	}
	printf("1..%d\n", number);
	return failed ? 1 : skipped == number ? 4 : 0;
}
