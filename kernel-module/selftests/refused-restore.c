// SPDX-License-Identifier: GPL-2.0
/* Restores that are refused with a specific errno, before anything changes. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "moved-program.h"

/* How a process ends that became no child. */
#define REFUSED 7
#define COMMITMENT "/proc/sys/vm/overcommit_memory"

static void wrong_placements_are_refused(void)
{
	unsigned char placements[8192];
	struct rfork_restore arg = { .threads = 1, .placements = (uintptr_t)placements,
				     .placement_bytes = 1 };
	struct rfork_image info = { };
	uint64_t image;

	make_arena(64);
	if (checkpoint_self(&image))
		child_exit();
	arg.image = info.image = image;
	check_equal(call(RFORK_IOC_RESTORE, &arg), -EINVAL);
	check_equal(call(RFORK_IOC_IMAGE, &info), 0);
	arg.placement_bytes = (info.info.pages + 3) / 4;
	memset(placements, 0xff, sizeof(placements));
	check_equal(call(RFORK_IOC_RESTORE, &arg), -EINVAL);
	arg.placements = 8;
	check_equal(call(RFORK_IOC_RESTORE, &arg), -EFAULT);
	arg.placements = arg.placement_bytes = 0;
	arg.threads = 2;
	check_equal(call(RFORK_IOC_RESTORE, &arg), -EINVAL);
	arg.threads = 1;
	arg.result = 12;
	check_equal(call(RFORK_IOC_RESTORE, &arg), -EINVAL);
	arg.result = 4096;
	check_equal(call(RFORK_IOC_RESTORE, &arg), -EFAULT);
	/* After all this the process is what it was. */
	for (size_t i = 0; i < 64; i++)
		check(page_is(i, 0));
	delete_image(image);
}

static void changed_file_is_refused(void)
{
	struct rfork_restore arg = { .threads = 1 };
	uint64_t image;
	int fd = open("/tmp/changes", O_RDWR | O_CREAT | O_TRUNC, 0600), reader;

	check_equal(write(fd, "old", 3), 3);
	reader = open("/tmp/changes", O_RDONLY);
	close(fd);
	if (checkpoint_self(&image))
		child_exit();
	close(reader);
	fd = open("/tmp/changes", O_RDWR | O_APPEND);
	check_equal(write(fd, "new", 3), 3);
	close(fd);
	arg.image = image;
	restore_refused(&arg, ESTALE, "/tmp/changes");
	unlink("/tmp/changes");
	check_equal(call(RFORK_IOC_RESTORE, &arg), -ENOENT);
	delete_image(image);
}

static void beyond_a_limit(uint64_t image, int resource, rlim_t value, int error, const char *words)
{
	pid_t pid = fork();

	if (!pid) {
		struct rfork_restore arg = { .threads = 1, .image = image };

		check_equal(setrlimit(resource, &(struct rlimit){ value, value }), 0);
		restore_refused(&arg, error, words);
		/* The process is what it was. */
		for (size_t i = 0; i < 64; i++)
			check(page_is(i, 0));
		_exit(REFUSED);
	}
	/* By itself, with that. */
	check_equal(wait_status(pid), REFUSED << 8);
}

static void limits_of_the_caller_are_kept(void)
{
	uint64_t image;
	int file = open("/tmp/limited", O_RDWR | O_CREAT, 0600);

	check_equal(dup2(file, 70), 70);
	close(file);
	make_arena(64);
	if (checkpoint_self(&image))
		child_exit();
	beyond_a_limit(image, RLIMIT_AS, 256 * 1024, ENOMEM, "bytes of address space");
	beyond_a_limit(image, RLIMIT_DATA, 256 * 1024, ENOMEM, "bytes of data");
	beyond_a_limit(image, RLIMIT_NOFILE, 70, EMFILE, "descriptor 70");
	wait_child(restore_image(image, NULL));
	delete_image(image);
	unlink("/tmp/limited");
}

/* The kernel lets nobody run what somebody writes, which is asked before the caller's memory goes. */
static void program_open_for_writing_is_refused(void)
{
	struct rfork_restore arg = { .threads = 1 };
	pid_t parent = start_program("idle");
	int writer;

	arg.image = checkpoint_program(parent, 0);
	tell_to_go_on(parent);
	wait_child(parent);
	writer = open(PROGRAM_FILE, O_WRONLY | O_APPEND);
	check(writer >= 0);
	make_arena(64);
	restore_refused(&arg, ETXTBSY, "open for writing");
	for (size_t i = 0; i < 64; i++)
		check(page_is(i, 0));
	close(writer);
	parent = restore_prepared(arg.image, NULL);
	tell_to_go_on(parent);
	wait_child(parent);
	delete_image(arg.image);
}

static void too_many_mappings_are_refused(void)
{
	static const char limit[] = "/proc/sys/vm/max_map_count";
	struct rfork_restore arg = { .threads = 1 };
	uint64_t image;

	make_arena(64);
	if (checkpoint_self(&image))
		child_exit();
	arg.image = image;
	write_to(limit, "5");
	restore_refused(&arg, ENOMEM, "max_map_count");
	write_to(limit, "65530");
	wait_child(restore_image(image, NULL));
	delete_image(image);
}

/* An image of this process with what only an indulgent node, or a privileged process, may map. */
static void beyond_this_node(char *at, size_t bytes, int flags, void (*lose)(void), int error,
			     const char *words)
{
	struct rfork_restore arg = { .threads = 1 };
	uint64_t image;
	pid_t pid;

	write_to(COMMITMENT, "1");
	if (mmap(at, bytes, PROT_READ | PROT_WRITE,
		 flags | MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0) != at)
		skip("%p cannot be mapped here: %s", at, strerror(errno));
	*at = 1;
	if (checkpoint_self(&image))
		child_exit();
	check_equal(munmap(at, bytes), 0);
	pid = fork();
	if (!pid) {
		arg.image = image;
		lose();
		restore_refused(&arg, error, words);
		/* The process is what it was. */
		for (size_t i = 0; i < 64; i++)
			check(page_is(i, 0));
		_exit(REFUSED);
	}
	/* By itself, with that. */
	check_equal(wait_status(pid), REFUSED << 8);
	write_to(COMMITMENT, "1");
	wait_child(restore_image(image, NULL));
	write_to(COMMITMENT, "0");
	delete_image(image);
}

static void difference_is_refused_when_asked(void)
{
	struct rfork_restore options = { .head.flags = RFORK_RESTORE_ALIKE };
	uint64_t image;
	pid_t pid;

	make_arena(64);
	if (checkpoint_self(&image))
		child_exit();
	pid = fork();
	if (!pid) {
		struct rfork_restore arg = { .head.flags = RFORK_RESTORE_ALIKE, .image = image, .threads = 1 };

		check_equal(setrlimit(RLIMIT_CORE, &(struct rlimit){ 0, 4096 }), 0);
		check_equal(setpriority(PRIO_PROCESS, 0, 3), 0);
		restore_refused(&arg, EOPNOTSUPP, "not be like its parent in: limits, scheduling");
		_exit(REFUSED);
	}
	/* By itself, with that. */
	check_equal(wait_status(pid), REFUSED << 8);
	wait_child(restore_image(image, &options));
	delete_image(image);
}

static void lose_indulgence(void)
{
	write_to(COMMITMENT, "0");
}

static void lose_all_overcommitment(void)
{
	write_to(COMMITMENT, "2");
}

static void lose_raw_access(void)
{
	struct { uint32_t version; int pid; } head = { 0x20080522, 0 };
	struct { uint32_t effective, permitted, inheritable; } sets[2];

	check_equal(syscall(SYS_capget, &head, sets), 0);
	sets[0].effective &= ~(1U << 17 /* CAP_SYS_RAWIO */);
	check_equal(syscall(SYS_capset, &head, sets), 0);
}

static void more_than_is_promised_is_refused(void)
{
	char *at = ARENA + (1UL << 40);

	make_arena(64);
	beyond_this_node(at, 1UL << 40, 0, lose_indulgence, ENOMEM, "overcommit_memory");
	beyond_this_node(at, 1UL << 31, 0, lose_all_overcommitment, ENOMEM, "overcommit_memory");
	beyond_this_node(at, 1UL << 31, MAP_NORESERVE, lose_all_overcommitment, ENOMEM,
			 "overcommit_memory");
}

static void low_memory_of_the_privileged_is_refused(void)
{
	/* As Debian has it; a kernel may have been built with less. */
	write_to("/proc/sys/vm/mmap_min_addr", "65536");
	make_arena(64);
	beyond_this_node((char *)0x2000, PAGE, 0, lose_raw_access, EPERM, "mmap_min_addr");
}

static void idle_program(void)
{
	await_move();
}

const struct program refused_programs[] = {
	{ "idle", idle_program },
	{ }
};

const struct test_case refused_restore_cases[] = {
	{ "program-open-for-writing-is-refused", program_open_for_writing_is_refused },
	{ "too-many-mappings-are-refused", too_many_mappings_are_refused },
	{ "limits-of-the-caller-are-kept", limits_of_the_caller_are_kept },
	{ "difference-is-refused-when-asked", difference_is_refused_when_asked },
	{ "more-memory-than-is-promised-is-refused", more_than_is_promised_is_refused },
	{ "low-memory-of-the-privileged-is-refused", low_memory_of_the_privileged_is_refused },
	{ "wrong-placements-are-refused", wrong_placements_are_refused },
	{ "changed-file-is-refused", changed_file_is_refused },
	{ }
};
