// SPDX-License-Identifier: GPL-2.0
/* What a restore-only descriptor may do, in whose hands, and whose an image is. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "selftest.h"

#define OWNER	1000
#define NOBODY	65534

static const struct {
	unsigned long command;
	int error;			/* of an empty request on a restore-only descriptor */
} operations[] = {
	{ RFORK_IOC_ATTACH, EPERM }, { RFORK_IOC_DETACH, EPERM }, { RFORK_IOC_FORMAT, EPERM },
	{ RFORK_IOC_INFO, 0 }, { RFORK_IOC_CHECKPOINT, EPERM }, { RFORK_IOC_RESTORE, ENOENT },
	{ RFORK_IOC_ADOPT, EINVAL }, { RFORK_IOC_LIST, 0 }, { RFORK_IOC_IMAGE, ENOENT },
	{ RFORK_IOC_DELETE, EPERM }, { RFORK_IOC_SCAN, EPERM }, { RFORK_IOC_HINT, EPERM },
	{ RFORK_IOC_MIGRATE, EPERM }, { RFORK_IOC_RECOVER, EPERM }, { RFORK_IOC_STATS, EPERM },
	{ RFORK_IOC_RESTRICT, EPERM }, { RFORK_IOC_VERIFY, EPERM },
};

/* A new open file of the device, narrowed. */
static int restricted(uint64_t image)
{
	struct rfork_restrict arg = { .image = image };
	int full = device;

	device = open(RFORK_DEVICE, O_RDWR);
	check(device >= 0);
	check_equal(call(RFORK_IOC_RESTRICT, &arg), 0);
	/* The restored child finds its device under the number that its parent had. */
	check_equal(dup2(device, full + 1), full + 1);
	close(device);
	device = full;
	return full + 1;
}

static void become(uid_t user)
{
	check_equal(setgroups(0, NULL), 0);
	check_equal(setresgid(user, user, user), 0);
	check_equal(setresuid(user, user, user), 0);
}

/* Every operation that does not restore is refused, and says why; so is every image but its one. */
static void only_restores(int narrow, bool one)
{
	for (size_t i = 0; i < sizeof(operations) / sizeof(operations[0]); i++) {
		union { struct rfork_head head; char bytes[8192]; } request = { };
		int wanted = one && operations[i].error == ENOENT ? EPERM : operations[i].error;
		int result;

		request.head.size = _IOC_SIZE(operations[i].command);
		request.head.version = RFORK_UAPI_VERSION;
		result = ioctl(narrow, operations[i].command, &request);
		memcpy(reason, request.head.reason, sizeof(reason));
		check_equal(result < 0 ? errno : 0, wanted);
		if (operations[i].error == EPERM)
			check(strstr(reason, "restore-only"));
	}
}

static void only_restoring_is_left(void)
{
	int narrow = restricted(0);
	struct rfork_info info = { };

	only_restores(narrow, false);
	only_restores(dup(narrow), false);
	check_equal(call(RFORK_IOC_INFO, &info), 0);
	check(info.base && info.node_info[0].epoch);
	device = narrow;
	memset(&info, 0, sizeof(info));
	check_equal(call(RFORK_IOC_INFO, &info), 0);
	check(!info.base && !info.node_info[0].epoch && info.bytes);
}

/* Sends a descriptor over a socket, as to a container that has no device file. */
static int passed(int socket, int descriptor)
{
	union { char bytes[CMSG_SPACE(sizeof(int))]; struct cmsghdr align; } control = { };
	char byte = 'd';
	struct iovec data = { &byte, 1 };
	struct msghdr message = { .msg_iov = &data, .msg_iovlen = 1, .msg_control = &control,
				  .msg_controllen = sizeof(control) };
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);

	if (descriptor >= 0) {
		header->cmsg_level = SOL_SOCKET;
		header->cmsg_type = SCM_RIGHTS;
		header->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(header), &descriptor, sizeof(int));
		check_equal(sendmsg(socket, &message, 0), 1);
		return -1;
	}
	check_equal(recvmsg(socket, &message, 0), 1);
	header = CMSG_FIRSTHDR(&message);
	check(header && header->cmsg_type == SCM_RIGHTS);
	memcpy(&descriptor, CMSG_DATA(header), sizeof(int));
	return descriptor;
}

static void passed_on_it_restores_for_anybody(void)
{
	uint64_t image;
	int ends[2];
	pid_t pid;

	make_arena(64);
	if (checkpoint_self(&image)) {
		/* Credentials are the restorer's. */
		check_equal(getuid(), NOBODY);
		check_equal(geteuid(), NOBODY);
		check(setuid(0) && errno == EPERM);
		for (size_t i = 0; i < 64; i++)
			check(page_is(i, 0));
		write_page(3, 9);
		child_exit();
	}
	check_equal(socketpair(AF_UNIX, SOCK_DGRAM, 0, ends), 0);
	pid = fork();
	if (!pid) {
		close(device);
		device = -1;
		become(NOBODY);
		check(open(RFORK_DEVICE, O_RDWR) < 0 && errno == EACCES);
		device = passed(ends[1], -1);
		only_restores(device, true);
		wait_child(restore_image(image, NULL));
		_exit(0);
	}
	passed(ends[0], restricted(image));
	wait_child(pid);
	delete_image(image);
}

static void one_image_is_not_another(void)
{
	struct rfork_image_info images[RFORK_MAX_IMAGES];
	struct rfork_list list = { .images = (uintptr_t)images, .capacity = RFORK_MAX_IMAGES };
	struct rfork_restore restore = { .threads = 1 };
	struct rfork_image info = { };
	uint64_t one, other;
	int full = device;

	make_arena(64);
	if (checkpoint_self(&one))
		child_exit();
	if (checkpoint_self(&other))
		child_exit();
	device = restricted(one);
	check_equal(call(RFORK_IOC_LIST, &list), 0);
	check_equal(list.count, 1);
	check_equal(images[0].image, one);
	info.image = restore.image = other;
	check_equal(call(RFORK_IOC_IMAGE, &info), -EPERM);
	check_equal(call(RFORK_IOC_RESTORE, &restore), -EPERM);
	check(strstr(reason, "only"));
	info.image = one;
	check_equal(call(RFORK_IOC_IMAGE, &info), 0);
	wait_child(restore_image(one, NULL));
	device = full;
	delete_image(one);
	delete_image(other);
}

/* An image of a process of OWNER, which may be looked into by its user or not. */
static uint64_t image_of(bool dumpable)
{
	struct rfork_checkpoint arg = { .inherit_fds = 1ULL << device };
	pid_t pid = fork();

	if (!pid) {
		become(OWNER);
		prctl(PR_SET_DUMPABLE, dumpable);
		for (;;)
			pause();
	}
	usleep(200000);
	arg.pid = pid;
	check_equal(call(RFORK_IOC_CHECKPOINT, &arg), 0);
	kill(pid, SIGKILL);
	wait_status(pid);
	return arg.image;
}

static uint32_t owner_of(uint64_t image)
{
	struct rfork_image info = { .image = image };
	struct stat user_namespace;

	check_equal(call(RFORK_IOC_IMAGE, &info), 0);
	check_equal(stat("/proc/self/ns/user", &user_namespace), 0);
	check_equal(info.info.user_ns, user_namespace.st_ino);
	return info.info.uid;
}

static void images_are_their_owners(void)
{
	uint64_t own = image_of(true), secret = image_of(false);
	int narrow = restricted(0);
	pid_t pid;

	check_equal(owner_of(own), OWNER);
	check_equal(owner_of(secret), 0);
	pid = fork();
	if (!pid) {
		struct rfork_restore restore = { .threads = 1, .image = secret };
		pid_t child;

		become(OWNER);
		device = narrow;
		check_equal(call(RFORK_IOC_RESTORE, &restore), -EPERM);
		check(strstr(reason, "belongs to user 0"));
		child = restore_image(own, NULL);
		usleep(200000);
		/* It sleeps as its parent did; its user may end it. */
		check_equal(kill(child, SIGTERM), 0);
		check_equal(WTERMSIG(wait_status(child)), SIGTERM);
		_exit(0);
	}
	wait_child(pid);
	pid = fork();
	if (!pid) {
		struct rfork_restore restore = { .threads = 1, .image = own };

		become(NOBODY);
		device = narrow;
		check_equal(call(RFORK_IOC_RESTORE, &restore), -EPERM);
		check(strstr(reason, "belongs to user 1000"));
		_exit(0);
	}
	wait_child(pid);
	delete_image(own);
	delete_image(secret);
}

const struct test_case right_cases[] = {
	{ "restore-only-descriptor-does-nothing-else", only_restoring_is_left },
	{ "restore-only-descriptor-passed-on-restores-for-anybody", passed_on_it_restores_for_anybody },
	{ "descriptor-for-one-image-restores-no-other", one_image_is_not_another },
	{ "descriptor-for-any-image-restores-the-holders-own", images_are_their_owners },
	{ }
};
