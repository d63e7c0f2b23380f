// SPDX-License-Identifier: GPL-2.0
/* What a process has beside its own members: whom it traces, who is told of its files, what single threads have. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>
#include "selftest.h"

static bool accepted(uint32_t drop)
{
	struct rfork_checkpoint arg = { .head.flags = drop };
	int result = call(RFORK_IOC_CHECKPOINT, &arg);

	if (result == 1)
		child_exit();
	if (result)
		return false;
	delete_image(arg.image);
	return true;
}

static int request_for(pid_t pid, const char *words)
{
	struct rfork_checkpoint arg = { .pid = pid };
	int result = call(RFORK_IOC_CHECKPOINT, &arg);

	if (!result) {
		delete_image(arg.image);
		return 0;
	}
	if (!strstr(reason, words))
		printf("# the reason has no \"%s\"\n", words);
	check(strstr(reason, words));
	return result;
}

/* Of a process that is not its child. */
static void tracer_is_refused(void)
{
	pid_t tracee = fork(), tracer;

	if (!tracee) {
		for (;;)
			pause();
	}
	tracer = fork();
	if (!tracer) {
		if (ptrace(PTRACE_SEIZE, tracee, NULL, NULL))
			_exit(1);
		for (;;)
			pause();
	}
	usleep(100000);
	check_equal(request_for(tracer, "ptrace"), -EOPNOTSUPP);
	kill(tracer, SIGKILL);
	wait_status(tracer);
	kill(tracee, SIGKILL);
	wait_status(tracee);
}

static void owners_of_files_are_refused(void)
{
	int ends[2], directory;

	check_equal(pipe(ends), 0);
	check(accepted(0));
	check_equal(fcntl(ends[0], F_SETSIG, SIGRTMIN), 0);
	refused("signals to");
	check_equal(fcntl(ends[0], F_SETSIG, 0), 0);
	check_equal(fcntl(ends[0], F_SETOWN, getpid()), 0);
	refused("signals to");
	check(accepted(RFORK_CHECKPOINT_DROP_LOCKS));
	check_equal(fcntl(ends[0], F_SETOWN, 0), 0);
	check(accepted(0));
	mkdir("/tmp/watched", 0700);
	directory = open("/tmp/watched", O_RDONLY | O_DIRECTORY);
	if (fcntl(directory, F_NOTIFY, DN_CREATE | DN_MULTISHOT))
		printf("# no F_NOTIFY here\n");
	else
		refused("signals to");
	close(directory);
	check(accepted(0));
}

/* It watches for nothing until it is armed again; a new watch would tell of errors and ends. */
static void fired_one_shot_watch_is_refused(void)
{
	struct epoll_event event = { .events = EPOLLIN | EPOLLONESHOT }, found;
	int counter = eventfd(0, 0), epoll = epoll_create1(0);

	check_equal(epoll_ctl(epoll, EPOLL_CTL_ADD, counter, &event), 0);
	check(accepted(0));
	check_equal(write(counter, &(uint64_t){ 1 }, 8), 8);
	check_equal(epoll_wait(epoll, &found, 1, 1000), 1);
	refused("one-shot");
	check_equal(epoll_ctl(epoll, EPOLL_CTL_MOD, counter, &event), 0);
	check(accepted(0));
}

static struct iovec range_of(const char *name)
{
	FILE *maps = fopen("/proc/self/maps", "r");
	unsigned long start = 0, end = 0;
	char line[512];

	while (fgets(line, sizeof(line), maps))
		if (strstr(line, name))
			check_equal(sscanf(line, "%lx-%lx", &start, &end), 2);
	fclose(maps);
	return (struct iovec){ (void *)start, end - start };
}

/* A copy of this process lets both go, where they have any bytes, and asks for a checkpoint. */
static void without(struct iovec code, struct iovec data, bool accepted_so)
{
	pid_t pid = fork();

	if (!pid) {
		check(!data.iov_len || !munmap(data.iov_base, data.iov_len));
		check(!code.iov_len || !munmap(code.iov_base, code.iov_len));
		if (accepted_so)
			check(accepted(0));
		else
			refused("vDSO");
		_exit(0);
	}
	wait_child(pid);
}

static void moved_vdso_is_refused(void)
{
	static const struct iovec nothing;
	char *place = mmap(NULL, 16 * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct iovec code = range_of("[vdso]"), data = range_of("[vvar]");

	check(code.iov_len && data.iov_len);
	without(code, nothing, false);
	without(nothing, data, false);
	/* Without both: no calls of it, and none in the child. */
	without(code, data, true);
	check(syscall(SYS_mremap, code.iov_base, code.iov_len, code.iov_len,
		      MREMAP_MAYMOVE | MREMAP_FIXED, place) == (long)place);
	refused("vDSO");
}

static void directory_that_was_read_is_refused(void)
{
	char entries[64];
	int directory;

	mkdir("/tmp/read-through", 0700);
	close(open("/tmp/read-through/one", O_CREAT | O_RDWR, 0600));
	close(open("/tmp/read-through/two", O_CREAT | O_RDWR, 0600));
	directory = open("/tmp/read-through", O_RDONLY | O_DIRECTORY);
	check(accepted(0));
	check(syscall(SYS_getdents64, directory, entries, sizeof(entries)) > 0);
	refused("directory");
	check_equal(lseek(directory, 0, SEEK_SET), 0);
	check(accepted(0));
}

static void *idle(void *unused)
{
	(void)unused;
	for (;;)
		pause();
	return NULL;
}

static void process_without_main_thread_is_refused(void)
{
	pid_t pid = fork();

	if (!pid) {
		pthread_t thread;

		check_equal(pthread_create(&thread, NULL, idle, NULL), 0);
		usleep(20000);
		syscall(SYS_exit, 0);
	}
	usleep(200000);
	/* A request that never ends, ends this case. */
	alarm(60);
	check_equal(request_for(pid, "main thread"), -EOPNOTSUPP);
	kill(pid, SIGKILL);
	wait_status(pid);
}

#define CHANGED "/tmp/has-changed"
static void *(*change)(void *);

static void *change_and_idle(void *unused)
{
	change(unused);
	close(open(CHANGED, O_RDWR | O_CREAT, 0600));
	return idle(unused);
}

static void *other_user(void *unused)
{
	check_equal(syscall(SYS_setresuid, 65534, 65534, 65534), 0);
	return unused;
}

static void *other_host(void *unused)
{
	check_equal(unshare(CLONE_NEWUTS), 0);
	return unused;
}

static void *other_capabilities(void *unused)
{
	check_equal(prctl(PR_CAPBSET_DROP, 16 /* CAP_SYS_MODULE */, 0, 0, 0), 0);
	return unused;
}

static void write_word(const char *path, const char *word)
{
	int fd = open(path, O_WRONLY);

	check_equal(write(fd, word, strlen(word)), (long)strlen(word));
	close(fd);
}

#define GROUP "/sys/fs/cgroup/of-a-thread"

static void *other_group(void *unused)
{
	mkdir(GROUP, 0755);
	write_word(GROUP "/cgroup.type", "threaded");
	write_word(GROUP "/cgroup.threads", "0");
	return unused;
}

static void threads_that_differ_are_refused(void)
{
	static const struct { void *(*change)(void *); const char *word; } kinds[] = {
		{ other_user, "credentials" }, { other_capabilities, "credentials" },
		{ other_host, "namespaces" }, { other_group, "control groups" },
	};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		pid_t pid;

		unlink(CHANGED);
		pid = fork();
		if (!pid) {
			pthread_t thread;

			change = kinds[i].change;
			check_equal(pthread_create(&thread, NULL, change_and_idle, NULL), 0);
			for (;;)
				pause();
		}
		while (access(CHANGED, F_OK))
			usleep(1000);
		usleep(20000);
		check_equal(request_for(pid, kinds[i].word), -EOPNOTSUPP);
		kill(pid, SIGKILL);
		wait_status(pid);
	}
}

const struct test_case unsaid_cases[] = {
	{ "tracer-is-refused", tracer_is_refused },
	{ "owners-of-files-are-refused", owners_of_files_are_refused },
	{ "fired-one-shot-watch-is-refused", fired_one_shot_watch_is_refused },
	{ "moved-vdso-is-refused", moved_vdso_is_refused },
	{ "directory-that-was-read-is-refused", directory_that_was_read_is_refused },
	{ "process-without-main-thread-is-refused", process_without_main_thread_is_refused },
	{ "threads-that-differ-are-refused", threads_that_differ_are_refused },
	{ }
};
