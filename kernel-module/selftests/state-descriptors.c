// SPDX-License-Identifier: GPL-2.0
/* Rows of the state table about descriptors. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include "moved-program.h"

static int open_at(int number, const char *path, int flags)
{
	int file = open(path, flags, 0600);

	check(file >= 0);
	check_equal(dup2(file, number), number);
	if (file != number)
		close(file);
	return number;
}

static void files_program(void)
{
	char content[16] = "", path[64];
	struct stat about, again;

	open_at(20, "/tmp/described", O_RDWR | O_CREAT | O_TRUNC);
	check_equal(write(20, "abcdefgh", 8), 8);
	check_equal(lseek(20, 3, SEEK_SET), 3);
	fcntl(20, F_SETFD, FD_CLOEXEC);
	open_at(21, "/tmp", O_RDONLY | O_DIRECTORY);
	open_at(22, "/dev/null", O_RDWR);
	open_at(23, "/dev/zero", O_RDONLY);
	open_at(24, "/dev/urandom", O_RDONLY | O_NONBLOCK);
	open_at(25, "/tmp/described", O_WRONLY | O_APPEND);
	open_at(26, "/tmp/described", O_PATH);
	unlink("/tmp/link");
	check_equal(symlink("described", "/tmp/link"), 0);
	open_at(27, "/tmp/link", O_PATH | O_NOFOLLOW);
	open_at(28, "/proc/self/fd/27", O_PATH);
	check_equal(fstat(20, &about), 0);
	await_move();
	/* Parent and child each have an offset of their own. */
	check(read(20, content, 2) == 2 && !memcmp(content, "de", 2));
	check(fcntl(20, F_GETFD) & FD_CLOEXEC && !(fcntl(21, F_GETFD) & FD_CLOEXEC));
	check_equal(fcntl(20, F_GETFL) & O_ACCMODE, O_RDWR);
	check_equal(fstat(20, &again), 0);
	check_equal(again.st_ino, about.st_ino);
	check_equal(faccessat(21, "described", F_OK, 0), 0);
	check_equal(write(22, "x", 1), 1);
	check(read(22, content, 1) == 0);
	check(read(23, content, 8) == 8 && !memcmp(content, "\0\0\0\0\0\0\0\0", 8));
	check(read(24, content, 8) == 8);
	check(fcntl(24, F_GETFL) & O_NONBLOCK && fcntl(25, F_GETFL) & O_APPEND);
	check(fcntl(26, F_GETFL) & O_PATH);
	check(read(26, content, 1) < 0 && errno == EBADF);
	for (int fd = 27; fd < 29; fd++)
		check(readlinkat(fd, "", content, sizeof(content)) == 9 &&
		      !memcmp(content, "described", 9));
	snprintf(path, sizeof(path), "/proc/self/fd/26");
	check_equal(stat(path, &again), 0);
	check_equal(again.st_ino, about.st_ino);
	/* Nothing else has become open. */
	for (int i = 3; i < 64; i++)
		check((i >= 20 && i <= 28) || fcntl(i, F_GETFD) < 0);
}

/* dup() shares the offset and the flags; open() of the same file does not. */
static void shared_offset_program(void)
{
	char byte;

	open_at(20, "/tmp/described", O_RDWR | O_CREAT | O_TRUNC);
	check_equal(write(20, "abcdefgh", 8), 8);
	check_equal(lseek(20, 0, SEEK_SET), 0);
	check_equal(dup2(20, 21), 21);
	open_at(22, "/tmp/described", O_RDONLY);
	check_equal(dup3(20, 23, O_CLOEXEC), 23);
	await_move();
	for (int i = 0; i < 3; i++) {
		check_equal(read(i == 0 ? 20 : i == 1 ? 21 : 23, &byte, 1), 1);
		check_equal(byte, 'a' + i);
	}
	check(read(22, &byte, 1) == 1 && byte == 'a');
	check(fcntl(23, F_GETFD) & FD_CLOEXEC && !(fcntl(20, F_GETFD) & FD_CLOEXEC));
	check_equal(fcntl(21, F_SETFL, O_APPEND), 0);
	check(fcntl(20, F_GETFL) & O_APPEND && !(fcntl(22, F_GETFL) & O_APPEND));
}

static volatile int notified;

static void on_notification(int number)
{
	notified += number == SIGIO;
}

/* Some kernels have no such notification. */
static bool told_of_a_new_file(const char *name)
{
	notified = 0;
	close(open(name, O_RDWR | O_CREAT, 0600));
	unlink(name);
	return notified;
}

/* The parent keeps its locks while the child looks. */
static void locks_program(void)
{
	struct flock range = { .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_len = 10 };
	bool notifies;

	open_at(20, "/tmp/locked", O_RDWR | O_CREAT | O_TRUNC);
	open_at(21, "/tmp/leased", O_RDONLY | O_CREAT);
	check_equal(flock(20, LOCK_EX), 0);
	check_equal(fcntl(20, F_SETLK, &range), 0);
	check_equal(fcntl(21, F_SETLEASE, F_RDLCK), 0);
	check_equal(fcntl(20, F_SETOWN, getpid()), 0);
	check_equal(fcntl(20, F_SETSIG, 10), 0);
	signal(SIGIO, on_notification);
	mkdir("/tmp/notified", 0700);
	open_at(22, "/tmp/notified", O_RDONLY | O_DIRECTORY);
	notifies = !fcntl(22, F_NOTIFY, DN_CREATE | DN_MULTISHOT);
	if (await_move()) {
		check(!told_of_a_new_file("/tmp/notified/by-the-child"));
		check(flock(20, LOCK_EX | LOCK_NB) < 0 && errno == EWOULDBLOCK);
		check_equal(fcntl(20, F_GETLK, &range), 0);
		check_equal(range.l_type, F_WRLCK);
		check_equal(fcntl(21, F_GETLEASE), F_UNLCK);
		check_equal(fcntl(20, F_GETOWN), 0);
		check_equal(fcntl(20, F_GETSIG), 0);
	} else {
		check_equal(told_of_a_new_file("/tmp/notified/by-the-parent"), notifies);
		check_equal(fcntl(21, F_GETLEASE), F_RDLCK);
		check_equal(fcntl(20, F_GETOWN), getpid());
	}
}

/* A pipe that the parent was told to leave to the restorer, who has another file there. */
static void inherited_program(void)
{
	int ends[2];
	char byte;

	check_equal(pipe(ends), 0);
	check_equal(dup2(ends[0], 20), 20);
	close(ends[0]);
	close(ends[1]);
	if (await_move())
		check(read(20, &byte, 1) == 1 && byte == 'c');
	else
		check(read(20, &byte, 1) == 0);
}

static void inherited_is_the_callers(void)
{
	pid_t parent = start_program("inherited"), child;
	struct rfork_checkpoint arg = { .pid = parent };
	struct rfork_restore options = { .inherit_fds = 1 << 20 };

	arg.inherit_fds = 1 << 20;
	check_equal(call(RFORK_IOC_CHECKPOINT, &arg), 0);
	open_at(20, "/tmp/of-the-caller", O_RDWR | O_CREAT | O_TRUNC);
	check_equal(pwrite(20, "c", 1, 0), 1);
	open_at(21, "/tmp/of-the-caller", O_RDONLY);
	child = restore_image(arg.image, &options);
	usleep(300000);
	tell_to_go_on(child);
	wait_child(child);
	tell_to_go_on(parent);
	wait_child(parent);
	delete_image(arg.image);
}

static void events_program(void)
{
	uint64_t count;
	bool moved;

	check_equal(dup2(eventfd(5, EFD_NONBLOCK), 20), 20);
	check_equal(dup2(eventfd(0, EFD_CLOEXEC), 21), 21);
	check_equal(dup2(eventfd(3, EFD_SEMAPHORE | EFD_NONBLOCK), 22), 22);
	check_equal(dup2(20, 23), 23);
	for (int i = 3; i < 20; i++)
		close(i);
	count = 1ULL << 40;
	check_equal(write(21, &count, 8), 8);
	moved = await_move();
	/* The child's counters are its own: it adds what the parent must not see. */
	count = moved ? 100 : 0;
	check_equal(write(23, &count, 8), 8);
	check(read(20, &count, 8) == 8 && count == (moved ? 105 : 5));
	check(read(20, &count, 8) < 0 && errno == EAGAIN);
	check(read(21, &count, 8) == 8 && count == 1ULL << 40);
	for (int i = 0; i < 3; i++)
		check(read(22, &count, 8) == 8 && count == 1);
	check(read(22, &count, 8) < 0 && errno == EAGAIN);
}

static void pipes_program(void)
{
	static char given[150000], found[150000];
	int ends[2];

	for (size_t i = 0; i < sizeof(given); i++)
		given[i] = i * 7 / 3;
	check_equal(pipe2(ends, O_NONBLOCK), 0);
	check(dup2(ends[0], 20) == 20 && dup2(ends[1], 21) == 21 && dup2(ends[1], 22) == 22);
	check_equal(pipe(ends), 0);
	check(dup2(ends[1], 23) == 23 && dup2(ends[0], 24) == 24);
	/* Its reader alone: what is in it, then its end. */
	check_equal(pipe(ends), 0);
	check_equal(write(ends[1], "rest", 4), 4);
	check_equal(dup2(ends[0], 25), 25);
	for (int i = 3; i < 20; i++)
		close(i);
	/* Each end once more, with flags of its own. */
	open_at(26, "/proc/self/fd/20", O_RDONLY);
	open_at(27, "/proc/self/fd/21", O_WRONLY);
	check(fcntl(21, F_SETPIPE_SZ, 1 << 18) == 1 << 18);
	/* In pieces of odd sizes, some of it read again. */
	check_equal(write(21, given, 7777), 7777);
	check_equal(write(22, given + 7777, 100001), 100001);
	check_equal(read(20, found, 5000), 5000);
	await_move();
	check_equal(fcntl(20, F_GETPIPE_SZ), 1 << 18);
	check_equal(write(21, given + 107778, sizeof(given) - 107778), sizeof(given) - 107778);
	for (size_t at = 5000; at < sizeof(given); ) {
		ssize_t bytes = read(20, found + at, sizeof(found) - at);

		check(bytes > 0);
		at += bytes;
	}
	check(!memcmp(given, found, sizeof(given)));
	check(read(20, found, 1) < 0 && errno == EAGAIN);
	check(!(fcntl(23, F_GETFL) & O_NONBLOCK) && fcntl(21, F_GETFL) & O_NONBLOCK);
	check(write(23, "x", 1) == 1 && read(24, found, 1) == 1 && found[0] == 'x');
	close(23);
	check_equal(read(24, found, 1), 0);
	check(read(25, found, 10) == 4 && !memcmp(found, "rest", 4));
	check_equal(read(25, found, 10), 0);
	close(21);
	check(write(22, "y", 1) == 1 && read(20, found, 1) == 1);
	close(22);
	check(!(fcntl(26, F_GETFL) & O_NONBLOCK) && !(fcntl(27, F_GETFL) & O_NONBLOCK));
	check(read(20, found, 1) < 0 && errno == EAGAIN);
	check(write(27, "z", 1) == 1 && read(26, found, 1) == 1 && found[0] == 'z');
	close(27);
	check(!read(20, found, 1) && !read(26, found, 1));
}

/* As an event loop has it: woken by a counter, by a pipe, or by one loop's descriptor in another's. */
static void epoll_program(void)
{
	struct epoll_event event = { .events = EPOLLIN, .data.u64 = 0xfeedfacecafe }, found[4];
	int ends[2];

	check_equal(dup2(epoll_create1(0), 20), 20);
	check_equal(dup2(eventfd(0, 0), 21), 21);
	check_equal(pipe(ends), 0);
	check(dup2(ends[0], 22) == 22 && dup2(ends[1], 23) == 23);
	check_equal(dup2(epoll_create1(0), 24), 24);
	for (int i = 3; i < 20; i++)
		close(i);
	check_equal(epoll_ctl(20, EPOLL_CTL_ADD, 21, &event), 0);
	event = (struct epoll_event){ .events = EPOLLIN | EPOLLET, .data.u64 = 22 };
	check_equal(epoll_ctl(20, EPOLL_CTL_ADD, 22, &event), 0);
	event = (struct epoll_event){ .events = EPOLLIN, .data.u64 = 20 };
	check_equal(epoll_ctl(24, EPOLL_CTL_ADD, 20, &event), 0);
	await_move();
	check_equal(epoll_wait(24, found, 4, 0), 0);
	check_equal(write(21, &(uint64_t){ 1 }, 8), 8);
	check(epoll_wait(20, found, 4, 1000) == 1 && found[0].data.u64 == 0xfeedfacecafe);
	check(epoll_wait(24, found, 4, 1000) == 1 && found[0].data.u64 == 20);
	check_equal(read(21, found, 8), 8);
	check_equal(write(23, "x", 1), 1);
	check(epoll_wait(20, found, 4, 1000) == 1 && found[0].data.u64 == 22);
	/* Edge-triggered: told once. */
	check_equal(epoll_wait(20, found, 4, 0), 0);
	check(epoll_ctl(20, EPOLL_CTL_ADD, 21, &event) < 0 && errno == EEXIST);
	check_equal(epoll_ctl(20, EPOLL_CTL_DEL, 22, NULL), 0);
}

const struct program descriptor_programs[] = {
	{ "events", events_program },
	{ "pipes", pipes_program },
	{ "epoll", epoll_program },
	{ "files", files_program },
	{ "shared-offset", shared_offset_program },
	{ "locks", locks_program },
	{ "inherited", inherited_program },
	{ }
};

static void events_are_restored(void)
{
	move("events", NULL);
}

static void pipes_are_restored(void)
{
	move("pipes", NULL);
}

static void epoll_is_restored(void)
{
	move("epoll", NULL);
}

static void files_are_restored(void)
{
	move("files", NULL);
}

static void shared_offsets_are_restored(void)
{
	move("shared-offset", NULL);
}

static void locks_are_reset(void)
{
	if (flock(device, LOCK_UN) && errno == ENOSYS)
		skip("this kernel has no file locks");
	move_without("locks", NULL, RFORK_CHECKPOINT_DROP_LOCKS);
}

const struct test_case descriptor_cases[] = {
	{ "files-are-restored", files_are_restored },
	{ "shared-offsets-are-restored", shared_offsets_are_restored },
	{ "eventfd-is-restored", events_are_restored },
	{ "pipes-are-restored", pipes_are_restored },
	{ "epoll-is-restored", epoll_is_restored },
	{ "locks-and-leases-are-reset", locks_are_reset },
	{ "inherited-descriptor-is-the-callers", inherited_is_the_callers },
	{ }
};
