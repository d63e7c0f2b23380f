// SPDX-License-Identifier: GPL-2.0
/* What others see of a child and do to its pages: core dumps, debuggers, pipes that hold them. */
#define _GNU_SOURCE
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>
#include "phases.h"
#include "selftest.h"

#define PAGES 1024
#define WORD(page) ((page) * 0x9e3779b97f4a7c15ULL)

/* Where the core has the memory at @address, or -1. */
static off_t place_in_core(int core, uint64_t address)
{
	Elf64_Ehdr header;
	Elf64_Phdr segment;

	check_equal(pread(core, &header, sizeof(header), 0), sizeof(header));
	check(!memcmp(header.e_ident, ELFMAG, SELFMAG));
	for (int i = 0; i < header.e_phnum; i++) {
		check_equal(pread(core, &segment, sizeof(segment), header.e_phoff + i * sizeof(segment)),
			    sizeof(segment));
		if (segment.p_type == PT_LOAD && address >= segment.p_vaddr &&
		    address < segment.p_vaddr + segment.p_filesz)
			return segment.p_offset + (address - segment.p_vaddr);
	}
	return -1;
}

static void core_holds_attached_pages(void)
{
	struct rlimit limit = { RLIM_INFINITY, RLIM_INFINITY };
	uint64_t image, words[2];
	int core, status;
	pid_t pid;

	make_arena(PAGES);
	if (checkpoint_self(&image)) {
		struct rfork_counters now;

		write_page(3, 9);
		now = counters(getpid());
		/* Two leaves of the arena, of which one is still the image's. */
		check_equal(now.leaves_built, 0);
		check(now.leaves_unshared < now.leaves_attached);
		abort();
	}
	check_equal(setrlimit(RLIMIT_CORE, &limit), 0);
	write_to("/proc/sys/kernel/core_pattern", "/tmp/core-of-a-child");
	unlink("/tmp/core-of-a-child");
	pid = restore_image(image, NULL);
	status = wait_status(pid);
	check(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT && WCOREDUMP(status));
	core = open("/tmp/core-of-a-child", O_RDONLY);
	if (core < 0)
		core = open("/tmp/core-of-a-child.1", O_RDONLY);
	check(core >= 0);
	for (size_t i = 0; i < PAGES; i++) {
		off_t at = place_in_core(core, (uintptr_t)ARENA + i * PAGE);

		check(at > 0);
		check_equal(pread(core, &words[0], 8, at), 8);
		check_equal(pread(core, &words[1], 8, at + PAGE - 8), 8);
		check_equal(words[0], WORD(i) + (i == 3 ? 9 : 0));
		check_equal(words[1], ~words[0]);
	}
	unlink("/tmp/core-of-a-child");
	write_to("/proc/sys/kernel/core_pattern", "core");
	delete_image(image);
}

/* The pages lie in attached leaves: this process writes in another's tables, not in the image. */
static void attached_leaf_is_written_from_outside(void)
{
	struct rfork_counters before, after;
	uint64_t image, found[2];
	pid_t pid;

	make_arena(PAGES);
	if (checkpoint_self(&image)) {
		wait_for(1);
		for (size_t i = 0; i < PAGES; i++) {
			const uint64_t *words = (uint64_t *)(ARENA + i * PAGE);

			check_equal(words[0], WORD(i));
			check_equal(words[1], i == 801 ? 0x5555 : i == 100 ? 0x6666 : 0);
			check_equal(words[PAGE / 8 - 1], ~WORD(i));
		}
		child_exit();
	}
	pid = restore_image(image, NULL);
	wait_restored(pid);
	before = counters(pid);
	check_equal(process_vm_writev(pid, &(struct iovec){ &(uint64_t){ 0x5555 }, 8 }, 1,
				      &(struct iovec){ ARENA + 801 * PAGE + 8, 8 }, 1, 0), 8);
	check_equal(ptrace(PTRACE_ATTACH, pid, 0, 0), 0);
	check_equal(waitpid(pid, NULL, 0), pid);
	errno = 0;
	check_equal(ptrace(PTRACE_PEEKDATA, pid, ARENA + 100 * PAGE, 0), WORD(100));
	check_equal(errno, 0);
	check_equal(ptrace(PTRACE_POKEDATA, pid, ARENA + 100 * PAGE + 8, 0x6666), 0);
	check_equal(ptrace(PTRACE_DETACH, pid, 0, 0), 0);
	after = counters(pid);
	check_equal(after.remote_faults - before.remote_faults, 2);
	check(after.leaves_unshared - before.leaves_unshared >= 2);
	tell(pid, 1);
	wait_child(pid);
	/* A second child has none of it until it is written there, too. */
	pid = restore_image(image, NULL);
	wait_restored(pid);
	check_equal(process_vm_readv(pid, &(struct iovec){ found, 8 }, 1,
				     &(struct iovec){ ARENA + 801 * PAGE + 8, 8 }, 1, 0), 8);
	check_equal(process_vm_readv(pid, &(struct iovec){ found + 1, 8 }, 1,
				     &(struct iovec){ ARENA + 100 * PAGE + 8, 8 }, 1, 0), 8);
	check(!found[0] && !found[1]);
	kill(pid, SIGKILL);
	wait_status(pid);
	for (size_t i = 0; i < PAGES; i++)
		check(page_is(i, 0) && !((uint64_t *)(ARENA + i * PAGE))[1]);
	delete_image(image);
}

/* Pages that the child gave to a pipe stay the image's until they are read. */
static void pipe_holds_pages_after_the_child(void)
{
	struct rfork_restore options = { .inherit_fds = 1 << 20 };
	struct rfork_delete arg = { };
	uint64_t image, word;
	int ends[2];

	make_arena(64);
	if (checkpoint_self(&image)) {
		struct iovec pages = { ARENA + 10 * PAGE, 2 * PAGE };

		check_equal(vmsplice(20, &pages, 1, 0), 2 * PAGE);
		/* A copy of its own: the pipe has what was there. */
		write_page(10, 5);
		child_exit();
	}
	check_equal(pipe(ends), 0);
	check_equal(dup2(ends[1], 20), 20);
	close(ends[1]);
	wait_child(restore_image(image, &options));
	close(20);
	usleep(100000);
	arg.image = image;
	check_equal(call(RFORK_IOC_DELETE, &arg), -EBUSY);
	for (size_t i = 10; i < 12; i++) {
		char page[PAGE];

		for (size_t got = 0; got < PAGE; ) {
			ssize_t bytes = read(ends[0], page + got, PAGE - got);

			check(bytes > 0);
			got += bytes;
		}
		memcpy(&word, page, 8);
		check_equal(word, WORD(i));
	}
	close(ends[0]);
	for (int i = 0; i < 100 && call(RFORK_IOC_DELETE, &arg) == -EBUSY; i++)
		usleep(100000);
	check(arg.bytes_freed > 0);
}

/* Neither taken away nor written anew under whoever holds a page of it. */
static void held_pages_keep_the_region(void)
{
	struct rfork_restore options = { .inherit_fds = 1 << 20 };
	struct rfork_format format = { .head.flags = RFORK_FORMAT_FORCE, .nodes = 2,
				       .coherence = RFORK_COHERENCE_HARDWARE };
	struct rfork_detach detach = { };
	uint64_t image;
	char page[PAGE];
	int ends[2];

	make_arena(PAGES);
	if (checkpoint_self(&image)) {
		struct iovec pages = { ARENA + 10 * PAGE, PAGE };

		check_equal(vmsplice(20, &pages, 1, 0), PAGE);
		child_exit();
	}
	check_equal(pipe(ends), 0);
	check_equal(dup2(ends[1], 20), 20);
	close(ends[1]);
	wait_child(restore_image(image, &options));
	usleep(100000);
	check_equal(call(RFORK_IOC_DETACH, &detach), -EBUSY);
	check(strstr(reason, "still held"));
	check_equal(call(RFORK_IOC_FORMAT, &format), -EBUSY);
	check(strstr(reason, "still held"));
	check_equal(read(ends[0], page, PAGE), PAGE);
	check_equal(*(uint64_t *)page, WORD(10));
	close(ends[0]);
	close(20);
	check_equal(call(RFORK_IOC_FORMAT, &format), 0);
}

const struct test_case outside_reach_cases[] = {
	{ "core-of-a-child-holds-attached-pages", core_holds_attached_pages },
	{ "attached-leaf-is-written-from-outside", attached_leaf_is_written_from_outside },
	{ "pipe-holds-pages-after-the-child", pipe_holds_pages_after_the_child },
	{ "held-pages-keep-the-region", held_pages_keep_the_region },
	{ }
};
