// SPDX-License-Identifier: GPL-2.0
/* What becomes of a child after its restore: exec, a kill, scanners of memory, bits that tell of it. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "phases.h"
#include "selftest.h"

#define PAGES 1024
#define WORD(page) ((page) * 0x9e3779b97f4a7c15ULL)

static void child_execs(void)
{
	uint64_t image;

	make_arena(PAGES);
	if (checkpoint_self(&image)) {
		write_page(1, 1);
		execl("/proc/self/exe", "rfork-selftest", "--list", NULL);
		_exit(9);
	}
	fflush(stdout);
	for (int i = 0; i < 3; i++) {
		pid_t pid;
		int out = dup(1), null = open("/dev/null", O_WRONLY);

		dup2(null, 1);
		pid = restore_image(image, NULL);
		dup2(out, 1);
		close(out);
		close(null);
		wait_child(pid);
	}
	delete_image(image);
}

/* From before the restore begins to well after it. */
static void killed_while_restored(void)
{
	uint64_t image, before;

	make_arena(PAGES);
	before = free_bytes();
	if (checkpoint_self(&image)) {
		for (size_t i = 0; ; i = (i + 1) % PAGES)
			write_page(i, 1);
	}
	for (int i = 0; i < 40; i++) {
		pid_t pid = restore_image(image, NULL);

		usleep(i * 250);
		check_equal(kill(pid, SIGKILL), 0);
		check(WIFSIGNALED(wait_status(pid)));
	}
	for (struct rfork_delete arg = { .image = image }; call(RFORK_IOC_DELETE, &arg) == -EBUSY; )
		usleep(10000);
	check_equal(free_bytes(), before);
}

/* What the image's leaves collect is of the children since they were cleared, page by page. */
static void cleared_bits_are_exact_for_later_children(void)
{
	struct rfork_page *pages = calloc(PAGES, sizeof(*pages));
	struct rfork_scan arg = { .start = (uintptr_t)ARENA, .end = (uintptr_t)ARENA + PAGES * PAGE,
				  .pages = (uintptr_t)pages, .capacity = PAGES };
	static const size_t steps[] = { 7, 3, 64 };
	uint64_t image;

	make_arena(PAGES);
	if (checkpoint_self(&image)) {
		/* Which pages it reads, it is told. */
		int step = wait_for(1);

		for (size_t i = 0; i < PAGES; i += step)
			check(page_is(i, 0));
		child_exit();
	}
	arg.image = image;
	for (size_t s = 0; s < 3; s++) {
		pid_t pid = restore_image(image, NULL);
		int step = steps[s];

		wait_restored(pid);
		arg.head.flags = RFORK_SCAN_CLEAR;
		check_equal(call(RFORK_IOC_SCAN, &arg), 0);
		tell(pid, step);
		wait_child(pid);
		arg.head.flags = 0;
		check_equal(call(RFORK_IOC_SCAN, &arg), 0);
		check_equal(arg.count, PAGES);
		for (size_t i = 0; i < PAGES; i++)
			check_equal(!!(pages[i].flags & RFORK_PAGE_ACCESSED_LIVE), i % step == 0);
	}
	delete_image(image);
}

static uint64_t number_in(const char *path)
{
	unsigned long long number = 0;
	FILE *file = fopen(path, "r");

	if (file) {
		check_equal(fscanf(file, "%llu", &number), 1);
		fclose(file);
	}
	return number;
}

static void write_if_there(const char *path, const char *text)
{
	if (!access(path, W_OK))
		write_to(path, text);
}

#define SCANNERS "/sys/kernel/mm/transparent_hugepage/khugepaged/"

/* Merging of equal pages, collapse into huge ones and NUMA balancing all at work on the child. */
static void child_among_scanners(void)
{
	uint64_t image, collapses = number_in(SCANNERS "full_scans");
	pid_t pid;

	make_arena(PAGES);
	if (checkpoint_self(&image)) {
		char *equal = mmap(NULL, 4096 * PAGE, PROT_READ | PROT_WRITE,
				   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		time_t end;

		/* Some pages of the arena are the image's, some of its own, and all may be merged. */
		for (size_t i = 0; i < PAGES; i += 5)
			write_page(i, 4);
		memset(equal, 3, 4096 * PAGE);
		madvise(equal, 2048 * PAGE, MADV_MERGEABLE);
		madvise(ARENA, PAGES * PAGE, MADV_MERGEABLE);
		madvise(ARENA, PAGES * PAGE, MADV_HUGEPAGE);
		madvise(equal + 2048 * PAGE, 2048 * PAGE, MADV_HUGEPAGE);
		for (end = time(NULL) + 8; time(NULL) < end; ) {
			for (size_t i = 0; i < PAGES; i++)
				check(page_is(i, i % 5 ? 0 : 4));
			for (size_t i = 0; i < 4096; i++)
				check(equal[i * PAGE + i % PAGE] == 3);
		}
		for (size_t i = 0; i < 4096; i += 3)
			equal[i * PAGE] = 4;
		for (size_t i = 0; i < 4096; i++)
			check(equal[i * PAGE] == (i % 3 ? 3 : 4));
		child_exit();
	}
	write_if_there(SCANNERS "scan_sleep_millisecs", "1");
	write_if_there(SCANNERS "alloc_sleep_millisecs", "1");
	write_if_there("/proc/sys/kernel/numa_balancing", "1");
	write_if_there("/sys/kernel/debug/sched/numa_balancing/scan_delay_ms", "10");
	write_if_there("/sys/kernel/mm/ksm/sleep_millisecs", "1");
	write_if_there("/sys/kernel/mm/ksm/pages_to_scan", "10000");
	write_if_there("/sys/kernel/mm/ksm/run", "1");
	pid = restore_image(image, NULL);
	wait_restored(pid);
	for (int i = 0; i < 80 && (!number_in("/sys/kernel/mm/ksm/pages_sharing") ||
				   number_in(SCANNERS "full_scans") < collapses + 2); i++)
		usleep(100000);
	check(number_in("/sys/kernel/mm/ksm/pages_sharing") > 0);
	check(number_in(SCANNERS "full_scans") > collapses);
	wait_child(pid);
	write_if_there("/sys/kernel/mm/ksm/run", "0");
	delete_image(image);
}

/* The page frame that maps @address in the process. */
static uint64_t frame_of(pid_t pid, const void *address)
{
	uint64_t entry = 0;
	char path[64];
	int map;

	snprintf(path, sizeof(path), "/proc/%d/pagemap", pid);
	map = open(path, O_RDONLY);
	check(map >= 0);
	check_equal(pread(map, &entry, 8, (uintptr_t)address / PAGE * 8), 8);
	close(map);
	return entry & ((1ULL << 55) - 1);
}

#define CORRUPT_FRAME "/sys/kernel/debug/hwpoison/corrupt-pfn"

static void memory_error_ends_the_children_of_its_image(void)
{
	uint64_t bad, good;
	char frame[32];
	pid_t ends, stays;

	mount("debugfs", "/sys/kernel/debug", "debugfs", 0, NULL);
	if (access(CORRUPT_FRAME, W_OK) && system("modprobe hwpoison_inject 2>/dev/null"))
		skip("no memory errors can be injected");
	make_arena(64);
	if (checkpoint_self(&bad)) {
		wait_for(1);
		child_exit();
	}
	if (checkpoint_self(&good)) {
		wait_for(1);
		child_exit();
	}
	ends = restore_image(bad, NULL);
	stays = restore_image(good, NULL);
	wait_restored(ends);
	wait_restored(stays);
	snprintf(frame, sizeof(frame), "0x%llx", (unsigned long long)frame_of(ends, ARENA + 9 * PAGE));
	write_to(CORRUPT_FRAME, frame);
	check(WIFSIGNALED(wait_status(ends)));
	tell(stays, 1);
	wait_child(stays);
	delete_image(bad);
	delete_image(good);
}

const struct test_case after_restore_cases[] = {
	{ "child-may-exec", child_execs },
	{ "child-may-be-killed-while-it-is-restored", killed_while_restored },
	{ "child-lives-among-scanners", child_among_scanners },
	{ "memory-error-ends-the-children-of-its-image", memory_error_ends_the_children_of_its_image },
	{ "cleared-bits-are-exact-for-later-children", cleared_bits_are_exact_for_later_children },
	{ }
};
