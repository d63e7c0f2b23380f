// SPDX-License-Identifier: GPL-2.0
/*
 * A checkpoint of a child that is on the last step of its own restore: its registers are loaded, but
 * the system call it became a child by has not returned, so rax is not yet the program's.
 *
 * What keeps it there is its own thread id: the program keeps it in a file, where the restore writes the
 * new one, and the file system is frozen meanwhile.
 *
 *   test      freeze   restore --> child writes its id ...... waits      thaw
 *   asker                              checkpoint asked: work is queued
 *   child                                                                writes, parks, goes on
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/fs.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "moved-program.h"

#define PLACE "/tmp/frozen"
#define MARK 0x123456789abcdef0UL

/* Has MARK in rax until it is told to go on, or finds something else there. */
static uint64_t spin(const volatile int *go)
{
	uint64_t rax = MARK;

	asm volatile("1: cmp %[mark], %[rax]\n"
		     "jne 2f\n"
		     "cmpl $0, (%[go])\n"
		     "je 1b\n"
		     "2:"
		     : [rax] "+a"(rax) : [mark] "r"(MARK), [go] "r"(go) : "memory", "cc");
	return rax;
}

static void keeps_its_id_in_a_file(void)
{
	int file = open(PLACE "/id", O_RDWR | O_CREAT | O_TRUNC, 0600), *id;

	check(file >= 0 && ftruncate(file, PAGE) == 0);
	id = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
	check(id != MAP_FAILED);
	close(file);
	*id = getpid();
	syscall(SYS_set_tid_address, id);
	board->ready = 1;
	check(spin(&board->go) == MARK);
}

/*
 * Not by mount -o loop, which keeps the device open for writing: some kernels then refuse to mount
 * it (without CONFIG_BLK_DEV_WRITE_MOUNTED).
 */
static void make_place(void)
{
	if (system("for name in loop crc32c_generic ext4; do modprobe $name; done; mkdir -p " PLACE " && "
		   "truncate -s 8M " PLACE ".disk && mke2fs -F " PLACE ".disk >/dev/null && "
		   "device=$(losetup -f) && losetup $device " PLACE ".disk && "
		   "mount -t ext4 $device " PLACE) != 0)
		skip("no file system that can be frozen");
}

/* Asked while the place is frozen; the answer comes after it was thawed. */
static pid_t ask(pid_t pid, uint64_t *image)
{
	pid_t asker = fork();

	if (!asker) {
		*image = checkpoint_program(pid, 0);
		_exit(0);
	}
	usleep(200000);
	return asker;
}

static void checkpoint_at_the_last_step(void)
{
	uint64_t *second = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	uint64_t first;
	pid_t parent, child, grandchild, asker;
	int place;

	check(second != MAP_FAILED);
	make_place();
	parent = start_program("keeps-its-id-in-a-file");
	first = checkpoint_program(parent, 0);
	place = open(PLACE, O_RDONLY | O_DIRECTORY);
	check(place >= 0);
	check_equal(ioctl(place, FIFREEZE, 0), 0);
	/* Returns before the id is written. */
	child = restore_prepared(first, NULL);
	asker = ask(child, second);
	check_equal(ioctl(place, FITHAW, 0), 0);
	close(place);
	wait_child(asker);
	grandchild = restore_prepared(*second, NULL);
	board->go = 1;
	wait_child(grandchild);
	wait_child(child);
	wait_child(parent);
	delete_image(*second);
	delete_image(first);
	check_equal(system("device=$(awk '$2 == \"" PLACE "\" { print $1 }' /proc/mounts) && "
			   "umount " PLACE " && losetup -d $device && rm " PLACE ".disk"), 0);
}

const struct program last_step_programs[] = {
	{ "keeps-its-id-in-a-file", keeps_its_id_in_a_file },
	{ }
};

const struct test_case last_step_cases[] = {
	{ "checkpoint-at-the-last-step-of-a-restore-is-whole", checkpoint_at_the_last_step },
	{ }
};
