// SPDX-License-Identifier: GPL-2.0
/* What a child's memory holds and what it costs, for each placement. */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "selftest.h"

#define PAGES 16384

static void attach_copies_nothing(void)
{
	uint64_t image, pages = PAGES;

	make_arena(pages);
	if (checkpoint_self(&image)) {
		struct rfork_counters before = counters(getpid()), after;

		for (size_t i = 0; i < pages; i += 2)
			check(page_is(i, 0));
		after = counters(getpid());
		check_equal(after.leaves_attached > 32, 1);
		check_equal(after.leaves_built, 0);
		check_equal(after.pages_copied - before.pages_copied, 0);
		child_exit();
	}
	wait_child(restore_image(image, NULL));
	delete_image(image);
}

static void write_copies_exactly_the_written_pages(void)
{
	uint64_t image;

	make_arena(PAGES);
	if (checkpoint_self(&image)) {
		struct rfork_counters before = counters(getpid()), after;
		int written = 0;

		for (size_t i = 0; i < PAGES; i += 20, written++)
			write_page(i, 7);
		after = counters(getpid());
		check_equal(after.pages_copied - before.pages_copied, written);
		check_equal(after.faults - before.faults, written);
		check_equal(after.leaves_unshared - before.leaves_unshared, PAGES / 512);
		for (size_t i = 0; i < PAGES; i++)
			check(page_is(i, i % 20 ? 0 : 7));
		child_exit();
	}
	/* The second child finds what the checkpoint had, not what the first wrote. */
	wait_child(restore_image(image, NULL));
	wait_child(restore_image(image, NULL));
	for (size_t i = 0; i < PAGES; i++)
		check(page_is(i, 0));
	delete_image(image);
}

static uint64_t image_pages(uint64_t image)
{
	struct rfork_image arg = { .image = image };

	check_equal(call(RFORK_IOC_IMAGE, &arg), 0);
	return arg.info.pages;
}

/* All pages the same. */
static pid_t restore_placed(uint64_t image, enum rfork_placement placement, unsigned int prefetch)
{
	uint64_t bytes = (image_pages(image) + 3) / 4;
	unsigned char *placements = malloc(bytes);
	struct rfork_restore options = { .placements = (uintptr_t)placements,
					 .placement_bytes = bytes, .window_pages = prefetch };
	pid_t pid;

	memset(placements, placement * 0x55, bytes);
	pid = restore_image(image, &options);
	free(placements);
	return pid;
}

static void migrate_now_copies_all_before_the_start(void)
{
	uint64_t image;

	make_arena(2048);
	if (checkpoint_self(&image)) {
		struct rfork_counters before = counters(getpid()), after;

		for (size_t i = 0; i < 2048; i++) {
			check(page_is(i, 0));
			write_page(i, 3);
		}
		after = counters(getpid());
		check_equal(after.leaves_attached, 0);
		check_equal(after.pages_copied - before.pages_copied, 0);
		check_equal(after.faults - before.faults, 0);
		check(before.pages_copied >= 2048);
		child_exit();
	}
	wait_child(restore_placed(image, RFORK_MIGRATE_NOW, 0));
	delete_image(image);
}

static void migrate_on_access_copies_each_touched_page_once(void)
{
	uint64_t image;

	make_arena(2048);
	if (checkpoint_self(&image)) {
		struct rfork_counters before = counters(getpid()), after;

		for (size_t i = 0; i < 2048; i += 2)
			check(page_is(i, 0));
		after = counters(getpid());
		check_equal(after.pages_copied - before.pages_copied, 1024);
		check_equal(after.migration_faults - before.migration_faults, 1024);
		for (size_t i = 0; i < 2048; i++)
			check(page_is(i, 0));
		child_exit();
	}
	wait_child(restore_placed(image, RFORK_MIGRATE_ON_ACCESS, 0));
	delete_image(image);
}

static void prefetch_window_divides_the_faults(void)
{
	uint64_t image;

	make_arena(2048);
	if (checkpoint_self(&image)) {
		struct rfork_counters before = counters(getpid()), after;

		for (size_t i = 0; i < 2048; i++)
			check(page_is(i, 0));
		after = counters(getpid());
		check_equal(after.migration_faults - before.migration_faults, 2048 / 16);
		check_equal(after.pages_copied - before.pages_copied, 2048);
		check_equal(after.pages_prefetched - before.pages_prefetched, 2048 - 2048 / 16);
		child_exit();
	}
	wait_child(restore_placed(image, RFORK_MIGRATE_ON_ACCESS, 16));
	delete_image(image);
}

static void prefetch_window_crosses_leaves(void)
{
	uint64_t image;

	make_arena(1024);
	if (checkpoint_self(&image)) {
		struct rfork_counters before = counters(getpid()), after;

		for (size_t i = 511; i < 511 + 16; i++)
			check(page_is(i, 0));
		after = counters(getpid());
		check_equal(after.migration_faults - before.migration_faults, 1);
		check_equal(after.pages_prefetched - before.pages_prefetched, 15);
		child_exit();
	}
	wait_child(restore_placed(image, RFORK_MIGRATE_ON_ACCESS, 16));
	delete_image(image);
}

static void deferred_pages_obey_dontneed_and_fork(void)
{
	uint64_t image;

	make_arena(1024);
	if (checkpoint_self(&image)) {
		pid_t pid;

		check_equal(madvise(ARENA, 64 * PAGE, MADV_DONTNEED), 0);
		check(!ARENA[0] && !ARENA[63 * PAGE]);
		pid = fork();
		if (!pid) {
			for (size_t i = 64; i < 1024; i++)
				check(page_is(i, 0));
			write_page(100, 5);
			_exit(0);
		}
		wait_child(pid);
		for (size_t i = 64; i < 1024; i++)
			check(page_is(i, 0));
		child_exit();
	}
	wait_child(restore_placed(image, RFORK_MIGRATE_ON_ACCESS, 4));
	delete_image(image);
}

static void local_leaves_attach_none(void)
{
	struct rfork_restore options = { .head.flags = RFORK_RESTORE_LOCAL_LEAVES };
	uint64_t image;

	make_arena(2048);
	if (checkpoint_self(&image)) {
		struct rfork_counters now;

		for (size_t i = 0; i < 2048; i++)
			check(page_is(i, 0));
		write_page(9, 9);
		check(page_is(9, 9));
		now = counters(getpid());
		check_equal(now.leaves_attached, 0);
		check_equal(now.leaves_unshared, 0);
		check(now.leaves_built >= 4);
		child_exit();
	}
	wait_child(restore_image(image, &options));
	delete_image(image);
}

static void mixed_placements_build_only_their_leaves(void)
{
	struct rfork_restore options = { };
	struct rfork_scan scan = { .end = ~0ULL };
	struct rfork_page *pages;
	unsigned char *placements;
	uint64_t image;

	make_arena(2048);
	if (checkpoint_self(&image)) {
		struct rfork_counters before = counters(getpid()), after;

		check_equal(before.leaves_built, 1);
		for (size_t i = 0; i < 2048; i++)
			check(page_is(i, 0));
		after = counters(getpid());
		check_equal(after.pages_copied - before.pages_copied, 1);
		child_exit();
	}
	scan.image = image;
	scan.capacity = image_pages(image);
	pages = calloc(scan.capacity, sizeof(*pages));
	scan.pages = (uintptr_t)pages;
	check_equal(call(RFORK_IOC_SCAN, &scan), 0);
	check_equal(scan.count, scan.capacity);
	options.placement_bytes = (scan.count + 3) / 4;
	placements = calloc(1, options.placement_bytes);
	options.placements = (uintptr_t)placements;
	/* One page of the arena's second leaf faults on access; all else is attached. */
	for (size_t i = 0; i < scan.count; i++)
		if (pages[i].address == (uintptr_t)ARENA + 700 * PAGE)
			placements[i / 4] |= RFORK_MIGRATE_ON_ACCESS << (i % 4 * 2);
	wait_child(restore_image(image, &options));
	delete_image(image);
}

const struct test_case memory_cases[] = {
	{ "attach-copies-nothing", attach_copies_nothing },
	{ "write-copies-exactly-the-written-pages", write_copies_exactly_the_written_pages },
	{ "migrate-now-copies-all-before-the-start", migrate_now_copies_all_before_the_start },
	{ "migrate-on-access-copies-each-touched-page-once",
	  migrate_on_access_copies_each_touched_page_once },
	{ "prefetch-window-divides-the-faults", prefetch_window_divides_the_faults },
	{ "prefetch-window-crosses-leaves", prefetch_window_crosses_leaves },
	{ "deferred-pages-obey-dontneed-and-fork", deferred_pages_obey_dontneed_and_fork },
	{ "local-leaves-attach-none", local_leaves_attach_none },
	{ "mixed-placements-build-only-their-leaves", mixed_placements_build_only_their_leaves },
	{ }
};
