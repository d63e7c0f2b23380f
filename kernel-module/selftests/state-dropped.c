// SPDX-License-Identifier: GPL-2.0
/* What a child would silently lack or have wrong: refused by its name, some of it dropped when asked. */
#define _GNU_SOURCE
#include <asm/prctl.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/prctl.h>
#include <sys/sem.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "selftest.h"

/* The same with @drop, where the child may lack it. */
static void dropped(uint32_t drop)
{
	struct rfork_checkpoint arg = { .head.flags = drop };
	int result = call(RFORK_IOC_CHECKPOINT, &arg);

	if (result == 1)
		child_exit();
	check_equal(result, 0);
	delete_image(arg.image);
}

/* Of a process of its own, as most settings are for good. */
static void setting_is_refused(bool (*set)(void), const char *words)
{
	pid_t pid = fork();

	if (!pid) {
		if (!set()) {
			printf("# %s: not on this processor or kernel\n", words);
			_exit(0);
		}
		refused(words);
		dropped(RFORK_CHECKPOINT_DROP_SETTINGS);
		_exit(0);
	}
	wait_child(pid);
}

static bool deny_writable_code(void)
{
	return !prctl(65 /* PR_SET_MDWE */, 1, 0, 0, 0);
}

static bool deny_time_stamps(void)
{
	return !prctl(PR_SET_TSC, PR_TSC_SIGSEGV, 0, 0, 0);
}

static bool deny_cpuid(void)
{
	return !syscall(SYS_arch_prctl, 0x1012 /* ARCH_SET_CPUID */, 0);
}

static bool restrict_speculation(void)
{
	return !prctl(PR_SET_SPECULATION_CTRL, PR_SPEC_STORE_BYPASS, PR_SPEC_DISABLE, 0, 0) ||
	       !prctl(PR_SET_SPECULATION_CTRL, PR_SPEC_INDIRECT_BRANCH, PR_SPEC_DISABLE, 0, 0);
}

static bool flush_io(void)
{
	return !prctl(57 /* PR_SET_IO_FLUSHER */, 1, 0, 0, 0);
}

static bool join_barriers_of_all(void)
{
	return !syscall(SYS_membarrier, 1 << 2 /* REGISTER_GLOBAL_EXPEDITED */, 0, 0);
}

static void settings_are_refused(void)
{
	setting_is_refused(deny_writable_code, "PR_SET_MDWE");
	setting_is_refused(deny_time_stamps, "PR_SET_TSC");
	setting_is_refused(deny_cpuid, "ARCH_SET_CPUID");
	setting_is_refused(restrict_speculation, "PR_SET_SPECULATION_CTRL");
	setting_is_refused(flush_io, "PR_SET_IO_FLUSHER");
	setting_is_refused(join_barriers_of_all, "MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED");
}

static void semaphores_are_refused(void)
{
	struct sembuf up = { .sem_op = 1, .sem_flg = SEM_UNDO };
	int semaphore = semget(IPC_PRIVATE, 1, 0600);

	if (semaphore < 0)
		skip("no System V semaphores");
	check_equal(semop(semaphore, &up, 1), 0);
	refused("semaphores");
	dropped(RFORK_CHECKPOINT_DROP_SEMAPHORES);
	semctl(semaphore, 0, IPC_RMID);
}

/* Nothing of a process says that it uses them by their numbers, unless by SEM_UNDO. */
static void semaphores_and_queues_are_the_nodes(void)
{
	int semaphore = semget(IPC_PRIVATE, 1, 0600), queue = msgget(IPC_PRIVATE, 0600);
	struct { long type; char text[8]; } message = { 1, "queued" };
	uint64_t image;

	if (semaphore < 0 || queue < 0)
		skip("no System V semaphores or queues");
	check_equal(semctl(semaphore, 0, SETVAL, 5), 0);
	check_equal(msgsnd(queue, &message, sizeof(message.text), 0), 0);
	if (checkpoint_self(&image)) {
		check_equal(semctl(semaphore, 0, GETVAL), 6);
		check_equal(semctl(semaphore, 0, SETVAL, 7), 0);
		check_equal(msgrcv(queue, &message, sizeof(message.text), 0, IPC_NOWAIT),
			    sizeof(message.text));
		child_exit();
	}
	check_equal(semctl(semaphore, 0, SETVAL, 6), 0);
	wait_child(restore_image(image, NULL));
	check_equal(semctl(semaphore, 0, GETVAL), 7);
	check(msgrcv(queue, &message, sizeof(message.text), 0, IPC_NOWAIT) < 0 && errno == ENOMSG);
	check_equal(semctl(semaphore, 0, IPC_RMID), 0);
	check_equal(msgctl(queue, IPC_RMID, NULL), 0);
	delete_image(image);
}

static void locks_are_refused(void)
{
	struct flock range = { .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_len = 10 };
	int file = open("/tmp/locked", O_RDWR | O_CREAT, 0600), other;

	if (flock(file, LOCK_EX))
		skip("this kernel has no file locks");
	refused("file lock");
	dropped(RFORK_CHECKPOINT_DROP_LOCKS);
	check_equal(flock(file, LOCK_UN), 0);
	check_equal(fcntl(file, F_SETLK, &range), 0);
	refused("file lock");
	range.l_type = F_UNLCK;
	check_equal(fcntl(file, F_SETLK, &range), 0);
	close(file);
	other = open("/tmp/locked", O_RDONLY);
	check_equal(fcntl(other, F_SETLEASE, F_RDLCK), 0);
	refused("lease");
	check_equal(fcntl(other, F_SETLEASE, F_UNLCK), 0);
	dropped(0);
	unlink("/tmp/locked");
}

static void deleted_places_are_refused(void)
{
	check_equal(mkdir("/tmp/deleted-place", 0700), 0);
	check_equal(chdir("/tmp/deleted-place"), 0);
	check_equal(rmdir("/tmp/deleted-place"), 0);
	refused("working directory");
	check_equal(chdir("/proc/self"), 0);
	refused("working directory");
	check_equal(chdir("/"), 0);
	check(open("/proc/self/maps", O_RDONLY) >= 0);
	refused("file of a process");
}

/* The number of a descriptor that is watched may be another's by now, of the same kind and inode. */
static void epoll_of_what_was_a_descriptor_is_refused(void)
{
	struct epoll_event event = { .events = EPOLLIN };
	int first = eventfd(1, 0), epoll = epoll_create1(0);

	check(dup(first) >= 0);
	check_equal(epoll_ctl(epoll, EPOLL_CTL_ADD, first, &event), 0);
	close(first);
	check_equal(eventfd(0, 0), first);
	refused("watches what was descriptor");
}

static void asynchronous_io_is_refused(void)
{
	unsigned long context = 0;

	if (syscall(SYS_io_setup, 4, &context))
		skip("no asynchronous I/O");
	refused("asynchronous I/O");
}

const struct test_case dropped_state_cases[] = {
	{ "settings-of-the-process-are-refused", settings_are_refused },
	{ "semaphores-with-undo-are-refused", semaphores_are_refused },
	{ "semaphores-and-queues-are-the-nodes", semaphores_and_queues_are_the_nodes },
	{ "locks-and-leases-are-refused", locks_are_refused },
	{ "deleted-places-and-files-of-processes-are-refused", deleted_places_are_refused },
	{ "epoll-of-what-was-a-descriptor-is-refused", epoll_of_what_was_a_descriptor_is_refused },
	{ "asynchronous-io-is-refused", asynchronous_io_is_refused },
	{ }
};
