// SPDX-License-Identifier: GPL-2.0
/*
 * What the kernel puts into a child's page tables without a fault of the child: pages of a shared file, a
 * debugger's forced writes. None of it reaches the image.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "phases.h"
#include "selftest.h"

#define PAGES 64

#define SHARED_FILE_SYSTEM "/tmp/foreign"
#define SHARED (ARENA + 256 * PAGE)

/* In the 2 MiB of the arena, but of a file in memory that others map, too. */
static void map_beside_arena(void)
{
	int file;

	mkdir(SHARED_FILE_SYSTEM, 0700);
	check_equal(mount("tmpfs", SHARED_FILE_SYSTEM, "tmpfs", 0, NULL), 0);
	file = open(SHARED_FILE_SYSTEM "/file", O_RDWR | O_CREAT, 0600);
	check_equal(ftruncate(file, 8 * PAGE), 0);
	for (int i = 0; i < 8; i++)
		check_equal(pwrite(file, "s", 1, i * PAGE), 1);
	check(mmap(SHARED, 8 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED_NOREPLACE, file,
		   0) == SHARED);
	close(file);
}

/* Of pages that are there already, so that no fault brings them. */
static void map_what_is_there(char *start, size_t bytes)
{
	struct uffdio_api api = { .api = UFFD_API, .features = UFFD_FEATURE_MINOR_SHMEM };
	struct uffdio_register range = { .mode = UFFDIO_REGISTER_MODE_MINOR };
	struct uffdio_continue pages = { };
	int fd = syscall(SYS_userfaultfd, O_CLOEXEC);

	check(fd >= 0);
	check_equal(ioctl(fd, UFFDIO_API, &api), 0);
	range.range.start = pages.range.start = (uintptr_t)start;
	range.range.len = pages.range.len = bytes;
	check_equal(ioctl(fd, UFFDIO_REGISTER, &range), 0);
	check_equal(ioctl(fd, UFFDIO_CONTINUE, &pages), 0);
	check_equal(pages.mapped, bytes);
	close(fd);
}

static void shared_pages_stay_the_childs(void)
{
	uint64_t image;
	int fd = syscall(SYS_userfaultfd, O_CLOEXEC);

	if (fd < 0)
		skip("no userfaultfd");
	close(fd);
	make_arena(PAGES);
	map_beside_arena();
	if (checkpoint_self(&image)) {
		struct rfork_counters now = counters(getpid());

		/* The arena's leaf is also that of the shared mapping. */
		check_equal(now.leaves_built, 1);
		map_what_is_there(SHARED, 8 * PAGE);
		for (int i = 0; i < 8; i++)
			check_equal(SHARED[i * PAGE], 's');
		for (size_t i = 0; i < PAGES; i++)
			check(page_is(i, 0));
		write_page(5, 1);
		child_exit();
	}
	for (int i = 0; i < 2; i++)
		wait_child(restore_image(image, NULL));
	munmap(SHARED, 8 * PAGE);
	unlink(SHARED_FILE_SYSTEM "/file");
	check_equal(umount(SHARED_FILE_SYSTEM), 0);
	delete_image(image);
}

/* A page nobody may read keeps all but the byte that a debugger changes; and the debugger's own stay its own. */
static void forced_write_changes_one_byte(void)
{
	static const char poked = 'x';
	char path[64];
	uint64_t image;
	pid_t pid;
	int memory;

	make_arena(PAGES);
	check_equal(mprotect(ARENA, PAGES * PAGE, PROT_NONE), 0);
	if (checkpoint_self(&image)) {
		wait_for(1);
		memory = open("/proc/self/mem", O_RDWR);
		check_equal(pwrite(memory, "y", 1, (off_t)(ARENA + 7 * PAGE + 100)), 1);
		close(memory);
		check_equal(mprotect(ARENA, PAGES * PAGE, PROT_READ), 0);
		check_equal(ARENA[3 * PAGE + 100], poked);
		check_equal(ARENA[7 * PAGE + 100], 'y');
		for (size_t page = 0; page < PAGES; page++) {
			check(page_is(page, 0));
			for (size_t i = 8; i < PAGE - 8; i++)
				if (ARENA[page * PAGE + i])
					check(i == 100 && (page == 3 || page == 7));
		}
		child_exit();
	}
	/* What lies at the same place here must not come along. */
	check_equal(mprotect(ARENA, PAGES * PAGE, PROT_READ | PROT_WRITE), 0);
	memset(ARENA, 'd', PAGES * PAGE);
	for (int i = 0; i < 2; i++) {
		pid = restore_image(image, NULL);
		wait_restored(pid);
		snprintf(path, sizeof(path), "/proc/%d/mem", pid);
		memory = open(path, O_RDWR);
		check_equal(pwrite(memory, &poked, 1, (off_t)(ARENA + 3 * PAGE + 100)), 1);
		close(memory);
		tell(pid, 1);
		wait_child(pid);
	}
	delete_image(image);
}

const struct test_case foreign_entry_cases[] = {
	{ "shared-pages-that-userfaultfd-maps-stay-the-childs", shared_pages_stay_the_childs },
	{ "forced-write-to-inaccessible-memory-changes-one-byte", forced_write_changes_one_byte },
	{ }
};
