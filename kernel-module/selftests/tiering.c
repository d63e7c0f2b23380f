// SPDX-License-Identifier: GPL-2.0
/* Reading and clearing A and D bits, and moving pages of live children. */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "selftest.h"

#define PAGES 1024
#define START ((uintptr_t)ARENA)

static struct rfork_scan scan(uint64_t image, pid_t pid, unsigned int flags)
{
	struct rfork_scan arg = { .head.flags = flags, .image = image, .pid = pid, .start = START,
				  .end = START + PAGES * PAGE };

	check_equal(call(RFORK_IOC_SCAN, &arg), 0);
	check_equal(arg.next, arg.end);
	return arg;
}

static void small_arena(void)
{
	make_arena(PAGES);
}

static void no_huge_arena(void)
{
	char *at = mmap(ARENA, PAGES * PAGE, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);

	check(at == ARENA);
	madvise(ARENA, PAGES * PAGE, MADV_NOHUGEPAGE);
	for (size_t i = 0; i < PAGES; i++)
		write_page(i, 0);
}

static void live_bits_tell_what_was_touched(void)
{
	struct rfork_scan now;

	no_huge_arena();
	now = scan(0, getpid(), RFORK_SCAN_CLEAR);
	check_equal(now.count, PAGES);
	check_equal(now.accessed, PAGES);
	check_equal(now.dirty, PAGES);
	now = scan(0, getpid(), 0);
	check_equal(now.accessed, 0);
	check_equal(now.dirty, 0);
	for (size_t i = 0; i < PAGES; i += 4)
		check(page_is(i, 0));
	for (size_t i = 0; i < PAGES; i += 16)
		write_page(i, 1);
	now = scan(0, getpid(), 0);
	check_equal(now.accessed, PAGES / 4);
	check_equal(now.dirty, PAGES / 16);
	for (size_t i = 0; i < PAGES; i++)
		check(page_is(i, i % 16 ? 0 : 1));
}

static void cleared_dirty_pages_survive_reclaim(void)
{
	no_huge_arena();
	scan(0, getpid(), RFORK_SCAN_CLEAR);
	/* Without swap nothing is written out; with it, pages come back as they were. */
	check_equal(madvise(ARENA, PAGES * PAGE, MADV_PAGEOUT), 0);
	for (size_t i = 0; i < PAGES; i++)
		check(page_is(i, 0));
}

static void image_keeps_bits_of_the_checkpoint(void)
{
	struct rfork_page *pages = calloc(PAGES, sizeof(*pages));
	struct rfork_scan arg = { .start = START, .end = START + PAGES * PAGE,
				  .pages = (uintptr_t)pages, .capacity = PAGES };
	uint64_t image;

	no_huge_arena();
	scan(0, getpid(), RFORK_SCAN_CLEAR);
	for (size_t i = 0; i < PAGES; i += 8)
		check(page_is(i, 0));
	for (size_t i = 0; i < PAGES; i += 32)
		write_page(i, 0);
	if (checkpoint_self(&image)) {
		for (size_t i = 0; i < PAGES; i += 2)
			check(page_is(i, 0));
		child_exit();
	}
	arg.image = image;
	check_equal(call(RFORK_IOC_SCAN, &arg), 0);
	check_equal(arg.count, PAGES);
	check_equal(arg.accessed, PAGES / 8);
	check_equal(arg.dirty, PAGES / 32);
	for (size_t i = 0; i < PAGES; i++) {
		check_equal(pages[i].address, START + i * PAGE);
		check_equal(pages[i].flags, (i % 8 ? 0 : RFORK_PAGE_ACCESSED) |
					    (i % 32 ? 0 : RFORK_PAGE_DIRTY));
	}
	/* A child that reads half of it leaves A bits in the attached leaves, and the record alone. */
	wait_child(restore_image(image, NULL));
	check_equal(call(RFORK_IOC_SCAN, &arg), 0);
	for (size_t i = 0; i < PAGES; i++) {
		check_equal(!!(pages[i].flags & RFORK_PAGE_ACCESSED_LIVE), i % 2 == 0);
		check_equal(!!(pages[i].flags & RFORK_PAGE_ACCESSED), i % 8 == 0);
	}
	/* Cleared ones are set again by the next child's reads. */
	scan(image, 0, RFORK_SCAN_CLEAR);
	check_equal(call(RFORK_IOC_SCAN, &arg), 0);
	check_equal(arg.accessed, PAGES / 8);
	wait_child(restore_image(image, NULL));
	check_equal(call(RFORK_IOC_SCAN, &arg), 0);
	check_equal(arg.accessed, PAGES / 2);
	delete_image(image);
}

static void hints_stay_with_the_image(void)
{
	struct rfork_page *pages = calloc(PAGES, sizeof(*pages));
	struct rfork_scan arg = { .start = START, .end = START + PAGES * PAGE,
				  .pages = (uintptr_t)pages, .capacity = PAGES };
	struct rfork_hint hint = { .start = START + 10 * PAGE, .end = START + 20 * PAGE, .hot = 1 };
	uint64_t image;

	small_arena();
	if (checkpoint_self(&image))
		child_exit();
	hint.image = arg.image = image;
	check_equal(call(RFORK_IOC_HINT, &hint), 0);
	check_equal(hint.count, 10);
	wait_child(restore_image(image, NULL));
	check_equal(call(RFORK_IOC_SCAN, &arg), 0);
	for (size_t i = 0; i < PAGES; i++)
		check_equal(!!(pages[i].flags & RFORK_PAGE_HOT), i >= 10 && i < 20);
	delete_image(image);
}

static void huge_pages_are_told(void)
{
	struct rfork_page *pages = calloc(PAGES, sizeof(*pages));
	struct rfork_scan arg = { .start = START, .end = START + PAGES * PAGE,
				  .pages = (uintptr_t)pages, .capacity = PAGES };
	uint64_t image;

	check(mmap(ARENA, PAGES * PAGE, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0) == ARENA);
	madvise(ARENA, PAGES * PAGE, MADV_HUGEPAGE);
	for (size_t i = 0; i < PAGES; i++)
		write_page(i, 0);
	arg.pid = getpid();
	check_equal(call(RFORK_IOC_SCAN, &arg), 0);
	if (!(pages[0].flags & RFORK_PAGE_HUGE))
		skip("this kernel gave no huge page");
	if (checkpoint_self(&image)) {
		for (size_t i = 0; i < PAGES; i++)
			check(page_is(i, 0));
		child_exit();
	}
	arg.pid = 0;
	arg.image = image;
	check_equal(call(RFORK_IOC_SCAN, &arg), 0);
	check_equal(arg.count, PAGES);
	check(pages[0].flags & RFORK_PAGE_HUGE);
	wait_child(restore_image(image, NULL));
	delete_image(image);
}

static uint64_t move(pid_t pid, enum rfork_direction direction, size_t first, size_t count)
{
	struct rfork_migrate arg = { .pid = pid, .direction = direction, .count = count };
	uint64_t *addresses = calloc(count, sizeof(*addresses));

	for (size_t i = 0; i < count; i++)
		addresses[i] = START + (first + i) * PAGE;
	arg.addresses = (uintptr_t)addresses;
	check_equal(call(RFORK_IOC_MIGRATE, &arg), 0);
	free(addresses);
	return arg.migrated;
}

static void pages_move_up_and_down(void)
{
	uint64_t image;

	small_arena();
	if (checkpoint_self(&image)) {
		struct rfork_counters before = counters(getpid()), after;
		check_equal(move(getpid(), RFORK_PROMOTE, 0, 64), 64);
		check_equal(move(getpid(), RFORK_PROMOTE, 0, 64), 0);
		for (size_t i = 0; i < 64; i++)
			check(page_is(i, 0));
		after = counters(getpid());
		/* And what this process wrote in between. */
		check(after.pages_copied - before.pages_copied >= 64);
		write_page(5, 5);
		/* All but the one that was written. */
		check_equal(move(getpid(), RFORK_DEMOTE, 0, 64), 63);
		after = counters(getpid());
		check_equal(after.pages_demoted - before.pages_demoted, 63);
		for (size_t i = 0; i < 64; i++)
			check(page_is(i, i == 5 ? 5 : 0));
		for (size_t i = 0; i < 64; i++)
			write_page(i, 6);
		for (size_t i = 0; i < 64; i++)
			check(page_is(i, 6));
		child_exit();
	}
	wait_child(restore_image(image, NULL));
	wait_child(restore_image(image, NULL));
	delete_image(image);
}

const struct test_case tiering_cases[] = {
	{ "live-bits-tell-what-was-touched", live_bits_tell_what_was_touched },
	{ "cleared-dirty-pages-survive-reclaim", cleared_dirty_pages_survive_reclaim },
	{ "image-keeps-bits-of-the-checkpoint", image_keeps_bits_of_the_checkpoint },
	{ "hints-stay-with-the-image", hints_stay_with_the_image },
	{ "huge-pages-are-told", huge_pages_are_told },
	{ "pages-move-up-and-down", pages_move_up_and_down },
	{ }
};
