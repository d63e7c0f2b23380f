// SPDX-License-Identifier: GPL-2.0
/* What every case does: checks, requests, memory whose pages tell their index, checkpoints, children. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include "fault-injection.h"
#include "selftest.h"

int device = -1;
char reason[RFORK_REASON_BYTES];

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

void wait_restored(pid_t pid)
{
	struct rfork_stats arg = { .pid = pid };

	for (int i = 0; call(RFORK_IOC_STATS, &arg) || !arg.counters.children_restored; i++) {
		check(i < 5000);
		usleep(1000);
	}
}

void child_exit(void)
{
	fflush(stdout);
	_exit(0);
}

void verify_images(void)
{
	struct rfork_verify arg = { };

	check_equal(call(RFORK_IOC_VERIFY, &arg), 0);
}

void delete_image(uint64_t image)
{
	struct rfork_delete arg = { .image = image };

	verify_images();
	check_equal(call(RFORK_IOC_DELETE, &arg), 0);
	check(arg.bytes_freed > 0);
}

static void has_reason(const char *words)
{
	if (!strstr(reason, words)) {
		printf("# the reason is \"%s\", without \"%s\"\n", reason, words);
		_exit(1);
	}
}

static int checkpoint_again(const void *unused)
{
	struct rfork_checkpoint arg = { };

	(void)unused;
	return call(RFORK_IOC_CHECKPOINT, &arg);
}

static int restore_again(const void *request)
{
	struct rfork_restore arg = *(const struct rfork_restore *)request;

	return call(RFORK_IOC_RESTORE, &arg);
}

/* With each allocation on the way to the refusal failing, too, where the kernel can do that. */
static void stays_refused(int (*again)(const void *request), const void *request, int error, const char *words)
{
	uint64_t before = free_bytes();

	check_equal(again(request), -error);
	has_reason(words);
	check_equal(free_bytes(), before);
	for (int n = 1; can_inject(); n++) {
		int result;

		check(n < MOST);
		check(arm(n));
		result = again(request);
		if (!happened()) {
			check_equal(result, -error);
			break;
		}
		if (result != -ENOMEM && result != -EFAULT && result != -EAGAIN)
			check_equal(result, -error);
		check_equal(free_bytes(), before);
	}
	check_equal(again(request), -error);
	has_reason(words);
}

void refused(const char *words)
{
	stays_refused(checkpoint_again, NULL, EOPNOTSUPP, words);
}

void restore_refused(const struct rfork_restore *request, int error, const char *words)
{
	stays_refused(restore_again, request, error, words);
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

void write_to(const char *path, const char *text)
{
	int file = open(path, O_WRONLY);

	check(file >= 0);
	check_equal(write(file, text, strlen(text)), strlen(text));
	close(file);
}

/* No warning, oops or complaint in the kernel's log so far. */
bool kernel_is_clean(void)
{
	static const char *const complaints[] = { "WARNING:", "BUG:", "Oops", "bad pmd", "Bad rss",
						  "non-zero pgtables", "Bad page", "general protection",
						  "was changed" };
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
