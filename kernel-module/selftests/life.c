// SPDX-License-Identifier: GPL-2.0
/* The life of an image on one node: space, references, deletion, unloading. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "selftest.h"

static void deletion_gives_all_space_back(void)
{
	uint64_t before, image;

	make_arena(4096);
	before = free_bytes();
	for (int i = 0; i < 3; i++) {
		if (checkpoint_self(&image))
			child_exit();
		check(free_bytes() < before);
		delete_image(image);
		check_equal(free_bytes(), before);
	}
}

static void mapped_image_is_not_deleted(void)
{
	struct rfork_delete arg = { };
	struct rfork_restore options = { };
	uint64_t image;
	pid_t pid;

	make_arena(64);
	if (checkpoint_self(&image)) {
		for (;;)
			pause();
	}
	pid = restore_image(image, &options);
	usleep(200000);
	arg.image = image;
	check_equal(call(RFORK_IOC_DELETE, &arg), -EBUSY);
	check(strstr(reason, "1 processes of node"));
	check_equal(syscall(SYS_delete_module, "rfork", O_NONBLOCK), -1);
	kill(pid, SIGKILL);
	wait_status(pid);
	delete_image(image);
}

static void deleted_image_is_not_restored(void)
{
	struct rfork_restore arg = { .threads = 1 };
	uint64_t image, next;

	make_arena(64);
	if (checkpoint_self(&image))
		child_exit();
	delete_image(image);
	arg.image = image;
	check_equal(call(RFORK_IOC_RESTORE, &arg), -ENOENT);
	/* The slot's next image has another id, so the old id stays dead. */
	if (checkpoint_self(&next))
		child_exit();
	check(next != image);
	check_equal(call(RFORK_IOC_RESTORE, &arg), -ENOENT);
	delete_image(next);
}

static void full_region_is_a_clean_error(void)
{
	struct rfork_checkpoint arg = { };
	uint64_t images[64], before;
	int n = 0, result = 0;

	make_arena(16384);
	before = free_bytes();
	while (n < 64) {
		memset(&arg, 0, sizeof(arg));
		result = call(RFORK_IOC_CHECKPOINT, &arg);
		if (result)
			break;
		images[n++] = arg.image;
	}
	if (result == 1)
		child_exit();
	check_equal(result, -ENOSPC);
	check(n > 0);
	while (n--)
		delete_image(images[n]);
	check_equal(free_bytes(), before);
}

static void children_of_children_keep_the_image(void)
{
	struct rfork_delete arg = { };
	uint64_t image;
	pid_t pid;

	make_arena(256);
	if (checkpoint_self(&image)) {
		if (fork())
			_exit(0);
		usleep(500000);
		for (size_t i = 0; i < 256; i++)
			check(page_is(i, 0));
		_exit(0);
	}
	pid = restore_image(image, NULL);
	wait_child(pid);
	arg.image = image;
	check_equal(call(RFORK_IOC_DELETE, &arg), -EBUSY);
	for (int i = 0; i < 100 && call(RFORK_IOC_DELETE, &arg) == -EBUSY; i++)
		usleep(100000);
	check(arg.bytes_freed > 0);
}

static void many_children_at_once(void)
{
	struct rfork_counters before = counters(0), after;
	pid_t pids[8];
	uint64_t image;

	make_arena(1024);
	if (checkpoint_self(&image)) {
		for (size_t i = 0; i < 1024; i += 7)
			write_page(i, 1);
		if (!fork()) {
			for (size_t i = 0; i < 1024; i += 3)
				write_page(i, 2);
			_exit(0);
		}
		for (size_t i = 0; i < 1024; i++)
			check(page_is(i, i % 7 ? 0 : 1));
		child_exit();
	}
	for (int round = 0; round < 5; round++) {
		for (int i = 0; i < 8; i++)
			pids[i] = restore_image(image, NULL);
		for (int i = 0; i < 8; i++)
			wait_child(pids[i]);
	}
	/* Grandchildren end when they like. */
	for (int i = 0; i < 100; i++) {
		after = counters(0);
		if (after.children_exited - before.children_exited == 80)
			break;
		usleep(100000);
	}
	check_equal(after.children_restored - before.children_restored, 40);
	check_equal(after.children_exited - before.children_exited, 80);
	delete_image(image);
}

/* The stored checksum of the pages covers them: the right one passes, and none is an error. */
static void data_checksum_is_checked_when_asked(void)
{
	struct rfork_checkpoint arg = { .head.flags = RFORK_CHECKPOINT_CHECKSUM_DATA };
	struct rfork_restore options = { .head.flags = RFORK_RESTORE_VERIFY_DATA };
	int result;

	make_arena(512);
	result = call(RFORK_IOC_CHECKPOINT, &arg);
	if (result == 1)
		child_exit();
	check_equal(result, 0);
	wait_child(restore_image(arg.image, &options));
	delete_image(arg.image);
	memset(&arg, 0, sizeof(arg));
	result = call(RFORK_IOC_CHECKPOINT, &arg);
	if (result == 1)
		child_exit();
	options.image = arg.image;
	options.threads = 1;
	check_equal(call(RFORK_IOC_RESTORE, &options), -ENODATA);
	delete_image(arg.image);
}

const struct test_case life_cases[] = {
	{ "deletion-gives-all-space-back", deletion_gives_all_space_back },
	{ "mapped-image-is-not-deleted", mapped_image_is_not_deleted },
	{ "deleted-image-is-not-restored", deleted_image_is_not_restored },
	{ "full-region-is-a-clean-error", full_region_is_a_clean_error },
	{ "children-of-children-keep-the-image", children_of_children_keep_the_image },
	{ "many-children-at-once", many_children_at_once },
	{ "data-checksum-is-checked-when-asked", data_checksum_is_checked_when_asked },
	{ }
};
