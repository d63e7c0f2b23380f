// SPDX-License-Identifier: GPL-2.0
/* Rows of the state table that are refused: each by its name, with nothing left behind. */
#define _GNU_SOURCE
#include <asm/ldt.h>
#include <asm/prctl.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/io.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <unistd.h>
#include "selftest.h"

/* Each is there alone, so that its own word is the reason. */
static void descriptors_are_refused(void)
{
	int ends[2], fd;
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
#define REFUSED(open, words) do {							\
		fd = open;								\
		check(fd >= 0);								\
		refused(words);								\
		close(fd);								\
	} while (0)
	REFUSED(timerfd_create(CLOCK_MONOTONIC, 0), "timerfd");
	REFUSED(signalfd(-1, &set, 0), "signalfd");
	REFUSED(inotify_init(), "inotify");
	REFUSED(syscall(SYS_pidfd_open, getpid(), 0), "is a ");
	REFUSED(memfd_create("m", 0), "deleted file");
	REFUSED(socket(AF_UNIX, SOCK_STREAM, 0), "socket");
	if (!access("/dev/ptmx", F_OK))
		REFUSED(posix_openpt(O_RDWR | O_NOCTTY), "device");
	REFUSED(open("/dev/kmsg", O_RDONLY), "device");
	/* One with packets; and ends that another process has, too. */
	check_equal(pipe2(ends, O_DIRECT), 0);
	refused("pipe");
	close(ends[0]);
	close(ends[1]);
}

/* Not in the process that is checkpointed, which must have no children, but in its sibling. */
static void descriptors_that_others_have_are_refused(void)
{
	for (int kind = 0; kind < 4; kind++) {
		struct rfork_checkpoint arg = { };
		int ends[2] = { -1, -1 };
		pid_t pid;

		switch (kind) {
		case 0: check_equal(pipe(ends), 0); break;
		case 1: check_equal(pipe(ends), 0); break;
		case 2: ends[0] = eventfd(0, 0); break;
		case 3: ends[0] = epoll_create1(0); break;
		}
		pid = fork();
		if (!pid) {
			if (kind == 0)
				close(ends[1]);
			for (;;)
				pause();
		}
		usleep(50000);
		arg.pid = pid;
		check_equal(call(RFORK_IOC_CHECKPOINT, &arg), -EOPNOTSUPP);
		if (!strstr(reason, "others have open"))
			printf("# %s\n", reason);
		check(strstr(reason, "others have open"));
		kill(pid, SIGKILL);
		wait_status(pid);
		close(ends[0]);
		close(ends[1]);
	}
}

static void message_queue_is_refused(void)
{
	int queue = syscall(SYS_mq_open, "rfork", O_RDWR | O_CREAT, 0600, NULL);

	if (queue < 0)
		skip("no message queues");
	refused("special file");
	syscall(SYS_mq_unlink, "rfork");
}

static void device_memory_is_refused(void)
{
	int memory = open("/dev/mem", O_RDONLY);

	/* The place of the screen in old machines, or the local interrupt controller. */
	if (memory < 0 ||
	    (mmap(NULL, PAGE, PROT_READ, MAP_SHARED, memory, 0xa0000) == MAP_FAILED &&
	     mmap(NULL, PAGE, PROT_READ, MAP_SHARED, memory, 0xfee00000) == MAP_FAILED))
		skip("no device memory to be had");
	close(memory);
	refused("device memory");
}

static void sealed_memory_is_refused(void)
{
	char *at = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (syscall(462 /* mseal */, at, PAGE, 0))
		skip("this kernel has no sealed memory");
	refused("sealed memory");
}

static void droppable_memory_is_refused(void)
{
	if (mmap(NULL, PAGE, PROT_READ | PROT_WRITE, 8 /* MAP_DROPPABLE */ | MAP_ANONYMOUS, -1, 0) ==
	    MAP_FAILED)
		skip("this kernel has no droppable memory");
	refused("droppable memory");
}

static void deleted_mapping_is_refused(void)
{
	int file = open("/tmp/deleted", O_RDWR | O_CREAT, 0600);

	check_equal(ftruncate(file, PAGE), 0);
	check(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, file, 0) != MAP_FAILED);
	close(file);
	unlink("/tmp/deleted");
	refused("mapping of a deleted file");
}

static void shadow_stack_is_refused(void)
{
	if (syscall(SYS_arch_prctl, 0x5001 /* ARCH_SHSTK_ENABLE */, 1))
		skip("this processor or kernel has no shadow stacks");
	refused("shadow stack");
}

static void address_masking_is_refused(void)
{
	if (syscall(SYS_arch_prctl, 0x4002 /* ARCH_ENABLE_TAGGED_ADDR */, 6))
		skip("this processor or kernel has no address masking");
	refused("address masking");
}

static void tiles_are_refused(void)
{
	unsigned char config[64] = { 1 };

	if (syscall(SYS_arch_prctl, 0x1023 /* ARCH_REQ_XCOMP_PERM */, 18))
		skip("this processor has no AMX tiles");
	config[16] = 64;
	config[48] = 16;
	asm volatile("ldtilecfg (%0)\n .byte 0xc4, 0xe2, 0x7b, 0x49, 0xc0" : : "r"(config) : "memory");
	refused("AMX");
}

static void every_interval_timer_is_refused(void)
{
	static const int kinds[] = { ITIMER_REAL, ITIMER_VIRTUAL, ITIMER_PROF };

	for (size_t i = 0; i < 3; i++) {
		struct itimerval timer = { .it_value.tv_sec = 1000 }, none = { };

		check_equal(setitimer(kinds[i], &timer, NULL), 0);
		refused("interval timer");
		check_equal(setitimer(kinds[i], &none, NULL), 0);
	}
}

static void ports_are_refused(void)
{
	if (ioperm(0x80, 1, 1))
		skip("no access to I/O ports");
	refused("I/O ports");
}

static void segments_are_refused(void)
{
	struct user_desc segment = { .entry_number = 0, .limit = 0xfffff, .seg_32bit = 1,
				     .limit_in_pages = 1, .useable = 1 };

	if (syscall(SYS_modify_ldt, 1, &segment, sizeof(segment)))
		skip("no local descriptor table");
	refused("LDT");
}

static void selectors_are_refused(void)
{
	struct rfork_checkpoint arg = { };
	pid_t pid = fork();

	if (!pid) {
		/* The user's data segment; its base is 0, as is what the C library leaves in gs. */
		asm volatile("movw %0, %%gs" : : "r"((short)0x2b));
		for (;;)
			pause();
	}
	usleep(50000);
	arg.pid = pid;
	check_equal(call(RFORK_IOC_CHECKPOINT, &arg), -EOPNOTSUPP);
	check(strstr(reason, "selectors"));
	kill(pid, SIGKILL);
	wait_status(pid);
}

static void syscall_dispatch_is_refused(void)
{
	static char selector;

	/* System calls from the range are let through: all of them. */
	if (prctl(59 /* PR_SET_SYSCALL_USER_DISPATCH */, 1, 0x1000UL, 1UL << 47, &selector))
		skip("this kernel has no system-call dispatch");
	refused("syscall dispatch");
}

static int wait_with_memory(void *unused)
{
	(void)unused;
	for (;;)
		syscall(SYS_pause);
	return 0;
}

/* By processes that are no threads of one another. */
static void sharing_with_another_process_is_refused(void)
{
	static const struct { int what; const char *word; } kinds[] = {
		{ CLONE_VM, "shared memory" }, { CLONE_FILES, "shared descriptors" },
		{ CLONE_FS, "shared working directory" },
	};

	for (size_t i = 0; i < 3; i++) {
		char *stack = mmap(NULL, 16 * PAGE, PROT_READ | PROT_WRITE,
				   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		pid_t pid = clone(wait_with_memory, stack + 16 * PAGE, kinds[i].what | SIGCHLD, NULL);
		struct rfork_checkpoint arg = { .pid = pid };

		check(pid > 0);
		usleep(50000);
		check_equal(call(RFORK_IOC_CHECKPOINT, &arg), -EOPNOTSUPP);
		if (!strstr(reason, kinds[i].word)) {
			printf("# \"%s\" has no \"%s\"\n", reason, kinds[i].word);
			_exit(1);
		}
		kill(pid, SIGKILL);
		wait_status(pid);
	}
}

static void *with_own_directory(void *unused)
{
	(void)unused;
	check_equal(unshare(CLONE_FS), 0);
	for (;;)
		pause();
	return NULL;
}

static void threads_of_their_own_directory_are_refused(void)
{
	pthread_t thread;

	check_equal(pthread_create(&thread, NULL, with_own_directory, NULL), 0);
	usleep(50000);
	refused("shared working directory");
}

static void *idle(void *unused)
{
	(void)unused;
	for (;;)
		pause();
	return NULL;
}

static void too_many_threads_are_refused(void)
{
	struct rfork_checkpoint arg = { };
	pthread_attr_t attributes;
	pthread_t thread;

	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, 64 * 1024);
	for (int i = 0; i < 64; i++)
		check_equal(pthread_create(&thread, &attributes, idle, NULL), 0);
	usleep(50000);
	check_equal(call(RFORK_IOC_CHECKPOINT, &arg), -E2BIG);
	check(strstr(reason, "more than 64 threads"));
}

/* Its restorer would keep locked, and so copy, what is to be attached. */
static void caller_that_locks_memory_is_refused(void)
{
	struct rfork_restore arg = { .threads = 1 };
	uint64_t image;

	make_arena(64);
	if (checkpoint_self(&image))
		child_exit();
	check_equal(mlockall(MCL_FUTURE), 0);
	arg.image = image;
	restore_refused(&arg, EBUSY, "munlockall");
	check_equal(munlockall(), 0);
	wait_child(restore_image(image, NULL));
	delete_image(image);
}

const struct test_case state_refusal_cases[] = {
	{ "descriptors-of-kernel-objects-are-refused", descriptors_are_refused },
	{ "descriptors-that-others-have-are-refused", descriptors_that_others_have_are_refused },
	{ "message-queue-is-refused", message_queue_is_refused },
	{ "device-memory-is-refused", device_memory_is_refused },
	{ "sealed-memory-is-refused", sealed_memory_is_refused },
	{ "droppable-memory-is-refused", droppable_memory_is_refused },
	{ "mapping-of-a-deleted-file-is-refused", deleted_mapping_is_refused },
	{ "shadow-stack-is-refused", shadow_stack_is_refused },
	{ "address-masking-is-refused", address_masking_is_refused },
	{ "amx-tiles-are-refused", tiles_are_refused },
	{ "every-interval-timer-is-refused", every_interval_timer_is_refused },
	{ "io-ports-are-refused", ports_are_refused },
	{ "ldt-is-refused", segments_are_refused },
	{ "segment-selectors-are-refused", selectors_are_refused },
	{ "syscall-dispatch-is-refused", syscall_dispatch_is_refused },
	{ "sharing-with-another-process-is-refused", sharing_with_another_process_is_refused },
	{ "threads-with-a-directory-of-their-own-are-refused",
	  threads_of_their_own_directory_are_refused },
	{ "more-than-64-threads-are-refused", too_many_threads_are_refused },
	{ "caller-that-locks-its-memory-is-refused", caller_that_locks_memory_is_refused },
	{ }
};
