// SPDX-License-Identifier: GPL-2.0
/* Files, mappings, programs and directories whose name leads elsewhere, or to what has no size and time of its own. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>
#include "moved-program.h"

#define ELSEWHERE "leads to another file or none"

static int made(const char *path, const char *text)
{
	int file = open(path, O_RDWR | O_CREAT | O_TRUNC, 0644);

	check(file >= 0);
	check_equal(write(file, text, strlen(text)), strlen(text));
	return file;
}

/* Mounts of this case alone. */
static void own_mounts(void)
{
	if (unshare(CLONE_NEWNS))
		skip("no mount namespaces");
	check_equal(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), 0);
}

static void accepted(void)
{
	uint64_t image;

	if (checkpoint_self(&image))
		child_exit();
	wait_child(restore_image(image, NULL));
	delete_image(image);
}

static void files_under_a_mount_are_refused(void)
{
	int under, over = made("/tmp/over", "over");
	char *mapped;

	own_mounts();
	under = made("/tmp/under", "under");
	accepted();
	/* Of another size, but a file that is open for writing may change. */
	check_equal(mount("/tmp/over", "/tmp/under", NULL, MS_BIND, NULL), 0);
	refused(ELSEWHERE);
	mapped = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, under, 0);
	check(mapped != MAP_FAILED);
	close(under);
	refused(ELSEWHERE);
	check_equal(munmap(mapped, PAGE), 0);
	accepted();
	close(over);
}

static void directories_under_a_mount_are_refused(void)
{
	own_mounts();
	mkdir("/tmp/under-directory", 0755);
	check_equal(chdir("/tmp/under-directory"), 0);
	check_equal(mount("none", "/tmp/under-directory", "tmpfs", 0, NULL), 0);
	refused(ELSEWHERE);
	check_equal(chdir("/tmp/under-directory"), 0);
	accepted();
	/* What is mounted nowhere any more has no name. */
	check_equal(umount2("/tmp/under-directory", MNT_DETACH), 0);
	refused(ELSEWHERE);
	check_equal(chdir("/"), 0);
	accepted();
}

static void files_outside_the_root_are_refused(void)
{
	int file = made("/tmp/outside", "outside");

	mkdir("/tmp/narrow", 0755);
	mkdir("/tmp/narrow/tmp", 0755);
	close(made("/tmp/narrow/tmp/outside", "inside!"));
	check_equal(chroot("/tmp/narrow"), 0);
	check_equal(chdir("/"), 0);
	refused(ELSEWHERE);
	close(file);
	close(made("/tmp/outside", "inside!"));
}

/* Others in this user's place see them, and a user who may no longer enter the directory. */
static void files_out_of_reach_are_restored(void)
{
	pid_t pid;
	int file;

	mkdir("/tmp/of-root", 0700);
	file = made("/tmp/of-root/file", "reach");
	pid = fork();
	if (!pid) {
		own_mounts();
		check_equal(setresuid(65534, 65534, 65534), 0);
		for (;;)
			pause();
	}
	usleep(50000);
	struct rfork_checkpoint arg = { .pid = pid };

	check_equal(call(RFORK_IOC_CHECKPOINT, &arg), 0);
	check_equal(kill(pid, SIGKILL), 0);
	wait_status(pid);
	pid = restore_image(arg.image, NULL);
	usleep(300000);
	check_equal(kill(pid, SIGKILL), 0);
	wait_status(pid);
	usleep(100000);
	delete_image(arg.image);
	close(file);
}

/* Their time is that of the kernel's first look at them, and differs on every node. */
static void generated_program(void)
{
	char text[4096];
	int version = open("/proc/version", O_RDONLY), setting = open("/proc/sys/vm/swappiness", O_RDONLY);
	int attribute = open("/sys/kernel/mm/transparent_hugepage/enabled", O_RDONLY);

	check(version >= 0 && setting >= 0);
	if (attribute < 0)
		printf("# no /sys here\n");
	check(read(version, text, 5) == 5);
	await_move();
	check(read(version, text, 8) == 8);
	check(!memcmp(text, " version", 8));
	check(read(setting, text, sizeof(text)) > 0);
	if (attribute >= 0)
		check(read(attribute, text, sizeof(text)) > 0);
}

static void generated_files_are_restored(void)
{
	pid_t parent = start_program("generated"), child;
	uint64_t image = checkpoint_program(parent, 0);

	tell_to_go_on(parent);
	wait_child(parent);
	/* As on a node that has not looked yet. */
	for (int i = 0; i < 4; i++)
		write_to("/proc/sys/vm/drop_caches", "2");
	sleep(1);
	child = restore_prepared(image, NULL);
	tell_to_go_on(child);
	wait_child(child);
	delete_image(image);
}

/* Through an overlay, as in containers: what is mapped is a file of a layer, with another name. */
static void overlay_program(void)
{
	int file = open("/tmp/overlay/merged/lower-file", O_RDONLY);
	char *mapped = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, file, 0);

	check(mapped != MAP_FAILED);
	await_move();
	check(!memcmp(mapped, "of the layer", 12));
	check(!memcmp(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, file, 0), "of the layer", 12));
}

static void files_of_an_overlay_are_restored(void)
{
	static const char *const directories[] = { "", "/lower", "/upper", "/work", "/merged" };
	char path[64];

	own_mounts();
	mkdir("/tmp/overlay", 0755);
	/* The root file system of the guest may be one that cannot be a layer. */
	check_equal(mount("none", "/tmp/overlay", "tmpfs", 0, NULL), 0);
	for (size_t i = 1; i < sizeof(directories) / sizeof(directories[0]); i++) {
		snprintf(path, sizeof(path), "/tmp/overlay%s", directories[i]);
		mkdir(path, 0755);
	}
	close(made("/tmp/overlay/lower/lower-file", "of the layer"));
	if (mount("overlay", "/tmp/overlay/merged", "overlay", 0,
		  "lowerdir=/tmp/overlay/lower,upperdir=/tmp/overlay/upper,workdir=/tmp/overlay/work"))
		skip("no overlays here: %s", strerror(errno));
	move("overlay", NULL);
}

const struct program place_programs[] = {
	{ "generated", generated_program },
	{ "overlay", overlay_program },
	{ }
};

const struct test_case place_cases[] = {
	{ "files-under-a-mount-are-refused", files_under_a_mount_are_refused },
	{ "directories-under-a-mount-are-refused", directories_under_a_mount_are_refused },
	{ "files-outside-the-root-are-refused", files_outside_the_root_are_refused },
	{ "files-out-of-reach-are-restored", files_out_of_reach_are_restored },
	{ "generated-files-are-restored", generated_files_are_restored },
	{ "files-of-an-overlay-are-restored", files_of_an_overlay_are_restored },
	{ }
};
