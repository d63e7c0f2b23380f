// SPDX-License-Identifier: GPL-2.0
/* What a program may do after its restore: everything. Each case runs its body in a restored child. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <linux/userfaultfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "selftest.h"

#define PAGES 2048

/* Mapped memory without pages, in the arena's leaves. */
#define HOLE (ARENA + (PAGES + 8) * PAGE)
#define BEHIND (ARENA + (PAGES + 32) * PAGE)

/* Checkpoints here, runs @body in two children one after the other, and looks at this process again. */
static void in_children(void (*body)(void))
{
	uint64_t image;

	make_arena(PAGES + 1);
	check(mmap(HOLE, 8 * PAGE, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0) == HOLE);
	if (checkpoint_self(&image)) {
		body();
		child_exit();
	}
	wait_child(restore_image(image, NULL));
	wait_child(restore_image(image, NULL));
	for (size_t i = 0; i < PAGES; i++)
		check(page_is(i, 0));
	delete_image(image);
}

static void fork_isolates(void)
{
	pid_t pid = fork();

	if (!pid) {
		for (size_t i = 0; i < PAGES; i += 3)
			write_page(i, 1);
		for (size_t i = 0; i < PAGES; i++)
			check(page_is(i, i % 3 ? 0 : 1));
		_exit(0);
	}
	for (size_t i = 0; i < PAGES; i += 5)
		write_page(i, 2);
	wait_child(pid);
	for (size_t i = 0; i < PAGES; i++)
		check(page_is(i, i % 5 ? 0 : 2));
}

static void changing_protections(void)
{
	check_equal(mprotect(ARENA, 16 * PAGE, PROT_READ), 0);
	check(page_is(3, 0));
	check_equal(mprotect(ARENA, 16 * PAGE, PROT_READ | PROT_WRITE), 0);
	write_page(3, 4);
	check(page_is(3, 4));
	check_equal(mprotect(ARENA + 512 * PAGE, 512 * PAGE, PROT_NONE), 0);
	check_equal(mprotect(ARENA + 512 * PAGE, 512 * PAGE, PROT_READ | PROT_WRITE), 0);
	for (size_t i = 512; i < 1024; i++)
		check(page_is(i, 0));
}

static void unmapping_and_mapping(void)
{
	char *beside;

	check_equal(munmap(ARENA + 64 * PAGE, 64 * PAGE), 0);
	check(page_is(63, 0) && page_is(128, 0));
	check_equal(munmap(ARENA + 512 * PAGE, 1024 * PAGE), 0);
	check(page_is(511, 0) && page_is(1536, 0));
	check(mmap(ARENA + 64 * PAGE, 8 * PAGE, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == ARENA + 64 * PAGE);
	check(!ARENA[64 * PAGE]);
	ARENA[64 * PAGE] = 1;
	beside = mmap(ARENA + (PAGES + 1) * PAGE, 4 * PAGE, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
	check(beside == ARENA + (PAGES + 1) * PAGE && !beside[0]);
	beside[0] = 1;
}

/* A driver could fill the mapping while it is made, so the leaf must be local by then. */
static void mapping_makes_the_leaf_local(void)
{
	struct rfork_counters before = counters(getpid()), after;

	check(mmap(BEHIND, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0) ==
	      BEHIND);
	after = counters(getpid());
	check_equal(after.leaves_unshared - before.leaves_unshared, 1);
	check_equal(after.pages_copied - before.pages_copied, 0);
}

static void filling_by_userfaultfd(void)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register range = { .mode = UFFDIO_REGISTER_MODE_MISSING };
	struct uffdio_copy copy = { };
	int fd = syscall(SYS_userfaultfd, O_CLOEXEC);

	if (fd < 0)
		skip("no userfaultfd");
	check_equal(ioctl(fd, UFFDIO_API, &api), 0);
	range.range.start = (uintptr_t)HOLE;
	range.range.len = 8 * PAGE;
	check_equal(ioctl(fd, UFFDIO_REGISTER, &range), 0);
	copy.dst = (uintptr_t)HOLE;
	copy.src = (uintptr_t)ARENA;
	copy.len = PAGE;
	check_equal(ioctl(fd, UFFDIO_COPY, &copy), 0);
	check(!memcmp(HOLE, ARENA, PAGE));
}

static void moving(void)
{
	char *to = ARENA + (1UL << 32);
	char *moved = mremap(ARENA, 8 * PAGE, 8 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, to);

	check(moved == to);
	check(!memcmp(moved + 3 * PAGE, &(uint64_t){ 3 * 0x9e3779b97f4a7c15ULL }, 8));
	moved[0] = 9;
	/* A whole leaf, which the kernel would move by its pmd. */
	moved = mremap(ARENA + 512 * PAGE, 512 * PAGE, 512 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED,
		       to + (1UL << 30));
	check(moved == to + (1UL << 30));
	for (size_t i = 0; i < 512; i++)
		check(*(uint64_t *)(moved + i * PAGE) == (512 + i) * 0x9e3779b97f4a7c15ULL);
	/* Into a leaf that is attached. */
	moved = mremap(moved, 4 * PAGE, 4 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, ARENA + 1100 * PAGE);
	check(moved == ARENA + 1100 * PAGE);
	check(*(uint64_t *)moved == 512 * 0x9e3779b97f4a7c15ULL);
	check(page_is(1099, 0) && page_is(1104, 0));
	/* Growing. */
	moved = mremap(ARENA + 1536 * PAGE, 512 * PAGE, 1024 * PAGE, MREMAP_MAYMOVE);
	check(moved != MAP_FAILED && !moved[1023 * PAGE]);
}

static void advising(void)
{
	check_equal(madvise(ARENA, 64 * PAGE, MADV_DONTNEED), 0);
	check(!ARENA[0] && !ARENA[63 * PAGE] && page_is(64, 0));
	check_equal(madvise(ARENA + 128 * PAGE, 64 * PAGE, MADV_FREE), 0);
	check_equal(madvise(ARENA + 512 * PAGE, 512 * PAGE, MADV_HUGEPAGE), 0);
	check_equal(madvise(ARENA + 512 * PAGE, 512 * PAGE, MADV_COLD), 0);
	check_equal(madvise(ARENA + 512 * PAGE, 512 * PAGE, MADV_PAGEOUT), 0);
	madvise(ARENA + 1024 * PAGE, 512 * PAGE, MADV_MERGEABLE);
	for (size_t i = 512; i < PAGES; i++)
		check(page_is(i, 0));
}

static void __attribute__((noinline)) deep(int frames)
{
	volatile char frame[64 * 1024];

	frame[0] = frames;
	if (frames)
		deep(frames - 1);
	check(frame[0] == (char)frames);
}

static void heap_and_stack(void)
{
	char *before = sbrk(0), *p;

	check(sbrk(1 << 20) == before);
	before[0] = before[(1 << 20) - 1] = 1;
	p = malloc(3 << 20);
	memset(p, 1, 3 << 20);
	free(p);
	deep(40);
}

static void *count_up(void *counter)
{
	for (int i = 0; i < 1000; i++)
		__atomic_add_fetch((int *)counter, 1, __ATOMIC_RELAXED);
	return NULL;
}

static void threads_and_exec(void)
{
	pthread_t threads[4];
	int counter = 0, status;
	pid_t pid;

	for (int i = 0; i < 4; i++)
		check_equal(pthread_create(&threads[i], NULL, count_up, &counter), 0);
	for (int i = 0; i < 4; i++)
		check_equal(pthread_join(threads[i], NULL), 0);
	check_equal(counter, 4000);
	pid = vfork();
	if (!pid) {
		execl("/bin/true", "true", NULL);
		_exit(99);
	}
	check(waitpid(pid, &status, 0) == pid && WIFEXITED(status));
	check(WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == 99);
}

static void system_calls_on_pages(void)
{
	struct iovec local, remote;
	char buffer[64];
	int pipes[2], memory;

	check_equal(pipe(pipes), 0);
	check_equal(write(pipes[1], ARENA + 5 * PAGE, 8), 8);
	check_equal(read(pipes[0], ARENA + 6 * PAGE, 8), 8);
	check(!memcmp(ARENA + 5 * PAGE, ARENA + 6 * PAGE, 8));
	local = (struct iovec){ ARENA + 600 * PAGE, PAGE };
	check_equal(vmsplice(pipes[1], &local, 1, 0), PAGE);
	check_equal(read(pipes[0], buffer, 8), 8);
	check(!memcmp(buffer, ARENA + 600 * PAGE, 8));
	local = (struct iovec){ buffer, sizeof(buffer) };
	remote = (struct iovec){ ARENA + 601 * PAGE, sizeof(buffer) };
	check_equal(process_vm_readv(getpid(), &local, 1, &remote, 1, 0), sizeof(buffer));
	check(!memcmp(buffer, ARENA + 601 * PAGE, sizeof(buffer)));
	memory = open("/proc/self/mem", O_RDWR);
	check(memory >= 0);
	check_equal(pwrite(memory, "x", 1, (uintptr_t)ARENA + 602 * PAGE), 1);
	check(ARENA[602 * PAGE] == 'x');
	check(!memcmp(ARENA + 602 * PAGE + 1, (char *)&(uint64_t){ 602 * 0x9e3779b97f4a7c15ULL } + 1, 7));
	close(memory);
	check_equal(syscall(SYS_futex, ARENA + 700 * PAGE, FUTEX_WAKE, 1, NULL, NULL, 0), 0);
	check(page_is(700, 0));
	/* Leaves buffers of the pipe pinned until the process ends. */
}

static volatile sig_atomic_t signals;

static void on_signal(int number)
{
	(void)number;
	signals++;
}

static void signals_and_time(void)
{
	struct timespec before, after;
	struct sigaction action = { .sa_handler = on_signal };

	sigaction(SIGUSR1, &action, NULL);
	raise(SIGUSR1);
	kill(getpid(), SIGUSR1);
	check_equal(signals, 2);
	clock_gettime(CLOCK_MONOTONIC, &before);
	usleep(1000);
	clock_gettime(CLOCK_MONOTONIC, &after);
	check((after.tv_sec - before.tv_sec) * 1000000000 + after.tv_nsec - before.tv_nsec >= 1000000);
	check(fabs(sin(1.0) - 0.8414709848078965) < 1e-15);
}

static void proc_files(void)
{
	static const char *const names[] = { "/proc/self/maps", "/proc/self/smaps",
		"/proc/self/smaps_rollup", "/proc/self/numa_maps", "/proc/self/status",
		"/proc/self/pagemap" };
	char buffer[65536];
	int clear;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		int file = open(names[i], O_RDONLY);

		if (file < 0)
			continue;
		if (i == 5)
			check(pread(file, buffer, 512 * 8, (uintptr_t)ARENA / PAGE * 8) == 512 * 8);
		else
			while (read(file, buffer, sizeof(buffer)) > 0)
				;
		close(file);
	}
	clear = open("/proc/self/clear_refs", O_WRONLY);
	check_equal(write(clear, "1", 1), 1);
	check_equal(write(clear, "4", 1), 1);
	close(clear);
	for (size_t i = 0; i < PAGES; i++)
		check(page_is(i, 0));
}

static void written_by_another_process(void)
{
	pid_t pid = fork(), parent = getppid();
	long word;
	int status;

	(void)parent;
	if (!pid) {
		ptrace(PTRACE_TRACEME);
		raise(SIGSTOP);
		check(ARENA[800 * PAGE + 8] == 0x55);
		check(*(uint64_t *)(ARENA + 800 * PAGE) == 800 * 0x9e3779b97f4a7c15ULL);
		check(*(uint64_t *)(ARENA + 801 * PAGE) == 801 * 0x9e3779b97f4a7c15ULL);
		_exit(0);
	}
	check_equal(waitpid(pid, &status, 0), pid);
	check(WIFSTOPPED(status));
	errno = 0;
	word = ptrace(PTRACE_PEEKDATA, pid, ARENA + 800 * PAGE, 0);
	check_equal(errno, 0);
	check((uint64_t)word == 800 * 0x9e3779b97f4a7c15ULL);
	check_equal(ptrace(PTRACE_POKEDATA, pid, ARENA + 800 * PAGE + 8, 0x55), 0);
	check(process_vm_writev(pid, &(struct iovec){ "y", 1 }, 1,
				&(struct iovec){ ARENA + 801 * PAGE + 8, 1 }, 1, 0) == 1);
	check(page_is(800, 0));
	check_equal(ptrace(PTRACE_CONT, pid, 0, 0), 0);
	wait_child(pid);
}

static void killed_at_once(void)
{
	for (int i = 0; i < 10; i++) {
		pid_t pid = fork();

		if (!pid) {
			for (size_t p = 0; ; p = (p + 1) % PAGES)
				write_page(p, 1);
		}
		usleep(i * 300);
		kill(pid, SIGKILL);
		check(WIFSIGNALED(wait_status(pid)));
	}
}

static void dumped(void)
{
	struct rlimit limit = { 1 << 30, 1 << 30 };
	pid_t pid;
	int status;

	setrlimit(RLIMIT_CORE, &limit);
	pid = fork();
	if (!pid) {
		check_equal(chdir("/tmp"), 0);
		abort();
	}
	status = wait_status(pid);
	check(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
}

#define BODY(name) static void case_##name(void) { in_children(name); }
BODY(fork_isolates)
BODY(changing_protections)
BODY(unmapping_and_mapping)
BODY(mapping_makes_the_leaf_local)
BODY(filling_by_userfaultfd)
BODY(moving)
BODY(advising)
BODY(heap_and_stack)
BODY(threads_and_exec)
BODY(system_calls_on_pages)
BODY(signals_and_time)
BODY(proc_files)
BODY(written_by_another_process)
BODY(killed_at_once)
BODY(dumped)

const struct test_case program_cases[] = {
	{ "child-may-fork", case_fork_isolates },
	{ "child-may-mprotect", case_changing_protections },
	{ "child-may-munmap-and-mmap", case_unmapping_and_mapping },
	{ "mapping-makes-the-leaf-local", case_mapping_makes_the_leaf_local },
	{ "child-may-use-userfaultfd", case_filling_by_userfaultfd },
	{ "child-may-mremap", case_moving },
	{ "child-may-madvise", case_advising },
	{ "child-may-grow-heap-and-stack", case_heap_and_stack },
	{ "child-may-make-threads-and-exec", case_threads_and_exec },
	{ "child-may-pass-pages-to-system-calls", case_system_calls_on_pages },
	{ "child-gets-signals-and-time", case_signals_and_time },
	{ "child-may-be-looked-at-in-proc", case_proc_files },
	{ "child-may-be-written-by-another-process", case_written_by_another_process },
	{ "child-may-be-killed-at-any-moment", case_killed_at_once },
	{ "child-may-dump-core", case_dumped },
	{ }
};
