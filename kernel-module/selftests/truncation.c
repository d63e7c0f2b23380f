// SPDX-License-Identifier: GPL-2.0
/* A file that gets shorter under its private mappings: its pages go from children, and from no image. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>
#include "phases.h"
#include "selftest.h"

#define FILE_NAME	"/tmp/shrinks"
#define LEAVES		8UL
#define LEAF		(512 * PAGE)
#define SHRINKS		(ARENA + LEAF)

/* Mapped at SHRINKS, one page of each leaf written. */
static int map_file(void)
{
	int file = open(FILE_NAME, O_RDWR | O_CREAT | O_TRUNC, 0600);

	check(file >= 0);
	check_equal(ftruncate(file, LEAVES * LEAF), 0);
	check(mmap(SHRINKS, LEAVES * LEAF, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_FIXED_NOREPLACE,
		   file, 0) == SHRINKS);
	for (size_t i = 0; i < LEAVES; i++)
		SHRINKS[i * LEAF] = 'w';
	return file;
}

/* Asked of the kernel, which says so where a program would get a signal. */
static int readable(const char *place)
{
	int ends[2], result;

	check_equal(pipe(ends), 0);
	result = write(ends[1], place, 1) == 1 ? 0 : errno;
	close(ends[0]);
	close(ends[1]);
	return result;
}

static void pages_of_a_shorter_file_go_from_children(void)
{
	int file = map_file();
	uint64_t image;
	pid_t pid;

	if (checkpoint_self(&image)) {
		check(counters(getpid()).leaves_attached >= LEAVES);
		wait_for(1);
		check_equal(readable(SHRINKS), 0);
		check_equal(SHRINKS[0], 'w');
		check_equal(readable(SHRINKS + LEAF), EFAULT);
		check_equal(readable(SHRINKS + (LEAVES - 1) * LEAF), EFAULT);
		child_exit();
	}
	pid = restore_image(image, NULL);
	wait_restored(pid);
	check_equal(ftruncate(file, PAGE), 0);
	tell(pid, 1);
	wait_child(pid);
	munmap(SHRINKS, LEAVES * LEAF);
	close(file);
	unlink(FILE_NAME);
	delete_image(image);
}

const struct test_case truncation_cases[] = {
	{ "pages-of-a-shorter-file-go-from-children-alone", pages_of_a_shorter_file_go_from_children },
	{ }
};
