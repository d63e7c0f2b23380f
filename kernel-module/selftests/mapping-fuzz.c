// SPDX-License-Identifier: GPL-2.0
/*
 * Random operations on the memory of restored children, two at a time, by themselves and what they fork. After
 * each operation the child's memory holds what a model of it says; after each child the image is what it was.
 * Children are many and short: after some operations no leaf is attached any more.
 *
 * RFORK_SEED repeats a run, RFORK_SECONDS makes it longer.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "phases.h"
#include "selftest.h"

#define PAGES		4096UL		/* eight leaves, all attached */
#define LONGEST		600UL		/* of an operation, so that some span leaves */
#define OPERATIONS	40		/* of a child */

/* What each page of the arena must hold: a number and a salt, zeros, the file's; what others may write is not looked at. */
enum { PRIVATE, ZERO, GONE, FILE_PAGE, SHARED_PAGE };
static struct {
	uint8_t kind, readable, writable;
	uint64_t salt, number;		/* pages move with their contents */
} model[PAGES];

struct span {
	size_t first, count;
};

static struct span pick(uint64_t *state)
{
	struct span span = { random_word(state) % PAGES, 0 };

	/* Mostly few pages, now and then many. */
	span.count = 1 + random_word(state) % (random_word(state) % 4 ? 8 : LONGEST);
	if (span.count > PAGES - span.first)
		span.count = PAGES - span.first;
	return span;
}

static char *at(struct span span)
{
	return ARENA + span.first * PAGE;
}

static void set_all(struct span span, uint8_t kind, bool readable, bool writable)
{
	for (size_t i = span.first; i < span.first + span.count; i++) {
		model[i].kind = kind;
		model[i].readable = readable;
		model[i].writable = writable;
	}
}

static bool any_is(struct span span, uint8_t kind)
{
	for (size_t i = span.first; i < span.first + span.count; i++)
		if (model[i].kind == kind)
			return true;
	return false;
}

static bool page_holds(size_t i)
{
	const volatile uint64_t *words = (const uint64_t *)(ARENA + i * PAGE);
	uint64_t first = model[i].kind == PRIVATE ?
			 model[i].number * 0x9e3779b97f4a7c15ULL + model[i].salt : 0;

	if (model[i].kind == FILE_PAGE)
		return words[0] == 0x6666666666666666ULL && words[PAGE / 8 - 1] == words[0];
	return words[0] == first && words[PAGE / 8 - 1] == (model[i].kind == PRIVATE ? ~first : 0);
}

static void check_model(const char *after)
{
	for (size_t i = 0; i < PAGES; i++) {
		if (model[i].kind == GONE || model[i].kind == SHARED_PAGE || !model[i].readable)
			continue;
		if (!page_holds(i))
			printf("# page %zu is not what it was, after %s\n", i, after);
		check(page_holds(i));
	}
}

static void touch(struct span span, uint64_t *state)
{
	uint64_t salt = random_word(state);

	for (size_t i = span.first; i < span.first + span.count; i++) {
		uint64_t *words = (uint64_t *)(ARENA + i * PAGE);

		if (model[i].kind == GONE || model[i].kind == FILE_PAGE || !model[i].writable ||
		    !model[i].readable)
			continue;
		words[0] = i * 0x9e3779b97f4a7c15ULL + salt;
		words[PAGE / 8 - 1] = ~words[0];
		if (model[i].kind != SHARED_PAGE)
			model[i].kind = PRIVATE;
		model[i].salt = salt;
		model[i].number = i;
	}
}

static void map_new(struct span span, uint64_t *state, int file)
{
	int choice = random_word(state) % 3;
	void *mapped;

	if (choice == 0)
		mapped = mmap(at(span), span.count * PAGE, PROT_READ | PROT_WRITE,
			      MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED |
			      (random_word(state) % 2 ? MAP_POPULATE : 0), -1, 0);
	else if (choice == 1)
		mapped = mmap(at(span), span.count * PAGE, PROT_READ, MAP_SHARED | MAP_FIXED, file, 0);
	else
		mapped = mmap(at(span), span.count * PAGE, PROT_READ | PROT_WRITE,
			      MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	check(mapped == at(span));
	set_all(span, choice == 0 ? ZERO : choice == 1 ? FILE_PAGE : SHARED_PAGE, true, choice != 1);
}

static void unmap(struct span span)
{
	check_equal(munmap(at(span), span.count * PAGE), 0);
	set_all(span, GONE, false, false);
}

static void protect(struct span span, uint64_t *state)
{
	static const int kinds[] = { PROT_NONE, PROT_READ, PROT_READ | PROT_WRITE, PROT_READ | PROT_EXEC };
	int kind = kinds[random_word(state) % 4];

	/* Fails in the middle at a hole, and files may not be written. */
	if (any_is(span, GONE) || any_is(span, FILE_PAGE))
		return;
	check_equal(mprotect(at(span), span.count * PAGE, kind), 0);
	for (size_t i = span.first; i < span.first + span.count; i++) {
		model[i].readable = kind != PROT_NONE;
		model[i].writable = !!(kind & PROT_WRITE);
	}
}

/* Onto other pages of the arena: of one mapping only, as the kernel wants it. */
static void move(struct span from, uint64_t *state)
{
	struct span to = { random_word(state) % (PAGES - from.count + 1), from.count };

	if (to.first < from.first + from.count && from.first < to.first + to.count)
		return;
	if (mremap(at(from), from.count * PAGE, from.count * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED,
		   at(to)) == MAP_FAILED) {
		/* The destination is unmapped before the source is looked at. */
		check(errno == EFAULT || errno == EINVAL || errno == ENOMEM);
		munmap(at(to), to.count * PAGE);
		set_all(to, GONE, false, false);
		return;
	}
	memcpy(&model[to.first], &model[from.first], from.count * sizeof(model[0]));
	set_all(from, GONE, false, false);
}

static void advise(struct span span, uint64_t *state)
{
	static const int harmless[] = {
		MADV_WILLNEED, MADV_COLD, MADV_PAGEOUT, MADV_HUGEPAGE, MADV_NOHUGEPAGE, MADV_MERGEABLE,
		MADV_UNMERGEABLE, MADV_SEQUENTIAL, MADV_NORMAL, MADV_POPULATE_READ, MADV_POPULATE_WRITE,
		25 /* MADV_COLLAPSE */,
	};
	size_t choice = random_word(state) % (sizeof(harmless) / sizeof(harmless[0]) + 1);

	if (choice < sizeof(harmless) / sizeof(harmless[0])) {
		madvise(at(span), span.count * PAGE, harmless[choice]);
		return;
	}
	if (any_is(span, GONE) || any_is(span, FILE_PAGE) || any_is(span, SHARED_PAGE))
		return;
	check_equal(madvise(at(span), span.count * PAGE, MADV_DONTNEED), 0);
	for (size_t i = span.first; i < span.first + span.count; i++)
		model[i].kind = ZERO;
}

/* Written past the page's protection, as a debugger does. */
static void force(struct span span, uint64_t *state)
{
	size_t i = span.first;
	uint64_t salt = random_word(state), words[2];
	int memory = open("/proc/self/mem", O_RDWR);

	check(memory >= 0);
	if (model[i].kind == PRIVATE || model[i].kind == ZERO) {
		words[0] = i * 0x9e3779b97f4a7c15ULL + salt;
		words[1] = ~words[0];
		check_equal(pwrite(memory, &words[0], 8, (off_t)(ARENA + i * PAGE)), 8);
		check_equal(pwrite(memory, &words[1], 8, (off_t)(ARENA + (i + 1) * PAGE - 8)), 8);
		model[i].kind = PRIVATE;
		model[i].number = i;
		model[i].salt = salt;
	}
	close(memory);
}

/* Whose writes to private memory are its own, and which unmaps what it likes. */
static void fork_and_write(struct span span, uint64_t *state)
{
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (!pid) {
		check_model("fork");
		touch(span, state);
		munmap(ARENA + random_word(state) % PAGES * PAGE, 64 * PAGE);
		madvise(ARENA, PAGES * PAGE, MADV_DONTNEED);
		_exit(0);
	}
	wait_child(pid);
}

/* What fills holes without a fault: zeros, copies, and pages that a file already has. */
static void fill_holes(struct span span, uint64_t *state, const char *from)
{
	struct uffdio_api api = { .api = UFFD_API, .features = UFFD_FEATURE_MINOR_SHMEM };
	struct uffdio_register range = { .mode = UFFDIO_REGISTER_MODE_MISSING };
	int fd = syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);
	bool copied = random_word(state) % 2;

	if (fd < 0 || ioctl(fd, UFFDIO_API, &api)) {
		close(fd);
		return;
	}
	span.count = 1;
	if (mmap(at(span), PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) != at(span))
		check(false);
	range.range.start = (uintptr_t)at(span);
	range.range.len = PAGE;
	check_equal(ioctl(fd, UFFDIO_REGISTER, &range), 0);
	if (copied) {
		struct uffdio_copy copy = { .dst = range.range.start, .src = (uintptr_t)from, .len = PAGE };

		check_equal(ioctl(fd, UFFDIO_COPY, &copy), 0);
	} else {
		struct uffdio_zeropage zero = { .range = range.range };

		check_equal(ioctl(fd, UFFDIO_ZEROPAGE, &zero), 0);
	}
	close(fd);
	set_all(span, copied ? FILE_PAGE : ZERO, true, true);
}

/* Reads from outside, and pages in a pipe, whose references end with it. */
static void look(struct span span)
{
	static char copy[LONGEST * PAGE];
	int ends[2];
	struct iovec here = { copy, span.count * PAGE }, there = { at(span), span.count * PAGE };
	unsigned char there_is[LONGEST];

	process_vm_readv(getpid(), &here, 1, &there, 1, 0);
	mincore(at(span), span.count * PAGE, there_is);
	mlock(at(span), span.count * PAGE);
	munlock(at(span), span.count * PAGE);
	msync(at(span), span.count * PAGE, MS_ASYNC);
	check_equal(pipe2(ends, O_NONBLOCK), 0);
	vmsplice(ends[1], &(struct iovec){ at(span), PAGE }, 1, 0);
	close(ends[0]);
	close(ends[1]);
	write_to("/proc/self/clear_refs", "1");
}

static const char *operate(uint64_t *state, int file, const char *from)
{
	struct span span = pick(state);

	switch (random_word(state) % 14) {
	case 0: map_new(span, state, file); return "mmap";
	case 1: unmap(span); return "munmap";
	case 2: case 3: protect(span, state); return "mprotect";
	case 4: move(span, state); return "mremap";
	case 5: case 6: advise(span, state); return "madvise";
	case 7: force(span, state); return "a forced write";
	case 8: fork_and_write(span, state); return "fork";
	case 9:
		/* After it all leaves are local, so seldom. */
		if (random_word(state) % 6 == 0)
			fill_holes(span, state, from);
		return "userfaultfd";
	case 10: look(span); return "reads from outside";
	default: touch(span, state); return "writes";
	}
}

/* In the child. */
static void operate_with(uint64_t seed)
{
	int file = open("/tmp/mapping-fuzz", O_RDWR);
	const char *from = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, file, 0);

	check(file >= 0 && from != MAP_FAILED);
	for (size_t i = 0; i < PAGES; i++) {
		model[i].number = i;
		model[i].readable = model[i].writable = true;
	}
	for (int i = 0; i < OPERATIONS; i++)
		check_model(operate(&seed, file, from));
	child_exit();
}

static pid_t start_child(uint64_t image, int number)
{
	struct rfork_restore options = { .window_pages = 1 + number % 9 };
	pid_t pid;

	if (number % 5 == 4)
		options.head.flags = RFORK_RESTORE_LOCAL_LEAVES;
	pid = restore_image(image, &options);
	wait_restored(pid);
	tell(pid, number);
	return pid;
}

static void operations_leave_the_image(void)
{
	uint64_t seed = setting("RFORK_SEED", 1);
	time_t seconds = setting("RFORK_SECONDS", 5);
	struct rfork_checkpoint arg = { .head.flags = RFORK_CHECKPOINT_CHECKSUM_DATA };
	int file = open("/tmp/mapping-fuzz", O_RDWR | O_CREAT | O_TRUNC, 0600), result, number = 1;
	struct timespec start, now;
	char page[PAGE];

	memset(page, 'f', sizeof(page));
	for (size_t i = 0; i < LONGEST; i++)
		check_equal(write(file, page, sizeof(page)), sizeof(page));
	close(file);
	printf("# RFORK_SEED=%llu\n", (unsigned long long)seed);
	make_arena(PAGES);
	result = call(RFORK_IOC_CHECKPOINT, &arg);
	if (result == 1) {
		reason[0] = 0;
		/* Its number tells each what to do. */
		operate_with(seed * 1000003 + wait_for(1));
	}
	check_equal(result, 0);
	clock_gettime(CLOCK_MONOTONIC, &start);
	do {
		pid_t one = start_child(arg.image, number++), other = start_child(arg.image, number++);

		wait_child(one);
		wait_child(other);
		verify_images();
		clock_gettime(CLOCK_MONOTONIC, &now);
	} while (now.tv_sec - start.tv_sec < seconds || number < 10);
	printf("# %d children, %d operations each\n", number - 1, OPERATIONS);
	for (size_t i = 0; i < PAGES; i++)
		check(page_is(i, 0));
	delete_image(arg.image);
	unlink("/tmp/mapping-fuzz");
}

const struct test_case mapping_fuzz_cases[] = {
	{ "operations-on-memory-leave-the-image", operations_leave_the_image },
	{ }
};
