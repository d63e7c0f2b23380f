// SPDX-License-Identifier: GPL-2.0
/* Checkpoints that are refused: by name, with a specific errno, before anything changes. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/io_uring.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <linux/userfaultfd.h>
#include <unistd.h>
#include "selftest.h"

static void socket_is_refused(void)
{
	int ends[2];

	check_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	refused("socket");
}

static void deleted_file_is_refused(void)
{
	check(open("/tmp/gone", O_RDWR | O_CREAT, 0600) >= 0);
	unlink("/tmp/gone");
	refused("deleted file");
}

static void memfd_is_refused(void)
{
	int fd = memfd_create("m", 0);

	check_equal(ftruncate(fd, PAGE), 0);
	check(mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) != MAP_FAILED);
	close(fd);
	refused("shared memory of a memfd");
}

/* Of another process: what it made itself is refused for that. */
static void sysv_memory_is_refused(void)
{
	const key_t key = 0x72666f72;
	pid_t pid = fork();
	int id;

	if (!pid)
		_exit(shmget(key, PAGE, 0600 | IPC_CREAT) < 0);
	if (wait_status(pid))
		skip("no System V shared memory");
	id = shmget(key, PAGE, 0600);
	check(id >= 0);
	check(shmat(id, NULL, 0) != (void *)-1);
	shmctl(id, IPC_RMID, NULL);
	refused("shared memory of a memfd, of System V");
}

/* Made, and mapped by nobody: only here does its number mean something. */
static void made_sysv_memory_is_refused(void)
{
	int id = shmget(IPC_PRIVATE, PAGE, 0600);

	if (id < 0)
		skip("no System V shared memory");
	refused("System V memory");
	shmctl(id, IPC_RMID, NULL);
}

static void hugetlb_is_refused(void)
{
	int file = open("/proc/sys/vm/nr_hugepages", O_WRONLY);

	if (file < 0 || write(file, "4", 1) != 1)
		skip("no huge pages");
	close(file);
	if (mmap(NULL, 2 << 20, PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB | MAP_POPULATE, -1, 0) == MAP_FAILED)
		skip("no huge pages");
	refused("hugetlb");
}

static void userfaultfd_is_refused(void)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register range = { .mode = UFFDIO_REGISTER_MODE_MISSING };
	int fd = syscall(SYS_userfaultfd, O_CLOEXEC);

	if (fd < 0)
		skip("no userfaultfd");
	check_equal(ioctl(fd, UFFDIO_API, &api), 0);
	range.range.start = (uintptr_t)mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
					    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	range.range.len = PAGE;
	check_equal(ioctl(fd, UFFDIO_REGISTER, &range), 0);
	/* The descriptor itself would be refused first. */
	check_equal(dup2(fd, 2), 2);
	close(fd);
	refused("userfaultfd");
}

static void interval_timer_is_refused(void)
{
	alarm(1000);
	refused("interval timer");
}

static void posix_timer_is_refused(void)
{
	struct sigevent event = { .sigev_notify = SIGEV_NONE };
	timer_t timer;

	check_equal(timer_create(CLOCK_MONOTONIC, &event, &timer), 0);
	refused("POSIX timers");
}

static void pending_signal_is_refused(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	raise(SIGUSR1);
	refused("signals");
}

static void children_are_refused(void)
{
	pid_t pid = fork();

	if (!pid) {
		pause();
		_exit(0);
	}
	refused("children");
	kill(pid, SIGKILL);
}

static void seccomp_is_refused(void)
{
	struct rfork_checkpoint arg = { };
	pid_t pid = fork();

	if (!pid) {
		prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT);
		for (;;)
			;
	}
	usleep(50000);
	arg.pid = pid;
	check_equal(call(RFORK_IOC_CHECKPOINT, &arg), -EOPNOTSUPP);
	check(strstr(reason, "seccomp"));
	kill(pid, SIGKILL);
	wait_status(pid);
}

static void traced_process_is_refused(void)
{
	struct rfork_checkpoint arg = { };
	pid_t pid = fork();

	if (!pid) {
		ptrace(PTRACE_TRACEME);
		for (;;)
			pause();
	}
	usleep(50000);
	arg.pid = pid;
	check_equal(call(RFORK_IOC_CHECKPOINT, &arg), -EOPNOTSUPP);
	check(strstr(reason, "ptrace"));
	kill(pid, SIGKILL);
}

static void io_uring_is_refused(void)
{
	struct io_uring_params params = { };
	int fd = syscall(SYS_io_uring_setup, 4, &params);

	if (fd < 0)
		skip("no io_uring");
	refused("io_uring");
}

static void protection_key_is_refused(void)
{
	void *page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int key = pkey_alloc(0, 0);

	if (key < 0)
		skip("this processor has no protection keys");
	check_equal(pkey_mprotect(page, PAGE, PROT_READ, key), 0);
	refused("protection key");
}

static void kernel_threads_and_nobody_are_refused(void)
{
	struct rfork_checkpoint arg = { .pid = 2 };

	check_equal(call(RFORK_IOC_CHECKPOINT, &arg), -EINVAL);
	memset(&arg, 0, sizeof(arg));
	arg.pid = 4000000;
	check_equal(call(RFORK_IOC_CHECKPOINT, &arg), -ESRCH);
	memset(&arg, 0, sizeof(arg));
	arg.pid = -1;
	check_equal(call(RFORK_IOC_CHECKPOINT, &arg), -EINVAL);
}

/* It has a number until its parent asks how it ended. */
static void dead_process_is_refused(void)
{
	struct rfork_checkpoint arg = { };
	siginfo_t info;
	pid_t pid = fork();

	if (!pid)
		_exit(0);
	check_equal(waitid(P_PID, pid, &info, WEXITED | WNOWAIT), 0);
	arg.pid = pid;
	check_equal(call(RFORK_IOC_CHECKPOINT, &arg), -ESRCH);
	check(strstr(reason, "the process exits"));
	wait_child(pid);
}

static const unsigned long commands[] = {
	RFORK_IOC_ATTACH, RFORK_IOC_DETACH, RFORK_IOC_FORMAT, RFORK_IOC_INFO, RFORK_IOC_CHECKPOINT,
	RFORK_IOC_RESTORE, RFORK_IOC_ADOPT, RFORK_IOC_LIST, RFORK_IOC_IMAGE, RFORK_IOC_DELETE,
	RFORK_IOC_SCAN, RFORK_IOC_HINT, RFORK_IOC_MIGRATE, RFORK_IOC_RECOVER, RFORK_IOC_STATS,
	RFORK_IOC_VERIFY,
};
#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

/* Random requests with a correct head. The process may be told to become an image: there is none. */
static void random_requests_harm_nothing(void)
{
	uint64_t state = 88172645463325252ULL;
	uint64_t before = free_bytes();

	for (int i = 0; i < 20000; i++) {
		union { struct rfork_head head; uint64_t words[1024]; } request;
		unsigned long command = commands[random_word(&state) % COMMANDS];

		if (command == RFORK_IOC_DETACH || command == RFORK_IOC_FORMAT ||
		    command == RFORK_IOC_CHECKPOINT || command == RFORK_IOC_ADOPT)
			continue;
		for (size_t w = 0; w < _IOC_SIZE(command) / 8; w++)
			request.words[w] = random_word(&state) >> (random_word(&state) % 64);
		request.head.size = _IOC_SIZE(command);
		request.head.version = RFORK_UAPI_VERSION;
		request.head.reserved = 0;
		request.head.flags &= 1;
		ioctl(device, command, &request);
	}
	check_equal(free_bytes(), before);
}

const struct test_case refusal_cases[] = {
	{ "socket-is-refused", socket_is_refused },
	{ "deleted-file-is-refused", deleted_file_is_refused },
	{ "memfd-memory-is-refused", memfd_is_refused },
	{ "sysv-memory-is-refused", sysv_memory_is_refused },
	{ "sysv-memory-that-it-made-is-refused", made_sysv_memory_is_refused },
	{ "hugetlb-is-refused", hugetlb_is_refused },
	{ "userfaultfd-is-refused", userfaultfd_is_refused },
	{ "interval-timer-is-refused", interval_timer_is_refused },
	{ "posix-timer-is-refused", posix_timer_is_refused },
	{ "pending-signal-is-refused", pending_signal_is_refused },
	{ "children-are-refused", children_are_refused },
	{ "seccomp-is-refused", seccomp_is_refused },
	{ "traced-process-is-refused", traced_process_is_refused },
	{ "io-uring-is-refused", io_uring_is_refused },
	{ "protection-key-is-refused", protection_key_is_refused },
	{ "kernel-threads-and-nobody-are-refused", kernel_threads_and_nobody_are_refused },
	{ "dead-process-is-refused", dead_process_is_refused },
	{ "random-requests-harm-nothing", random_requests_harm_nothing },
	{ }
};
