// SPDX-License-Identifier: GPL-2.0
/*
 * rforkctl restore: makes the fresh process, its threads, its clocks and its pid, and lets the module
 * put the image into it.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "rforkctl.h"

#define MAX_THREADS 64

struct loader {
	int device;
	struct rfork_restore arg;
	struct rfork_image_info info;
	bool keep_pid;
};

struct adopter {
	int device;
	struct rfork_adopt arg;
};

/* On a stack of its own that no C library knows: it ends in another program. */
static int adopt(void *context)
{
	struct adopter *adopter = context;

	ioctl(adopter->device, RFORK_IOC_ADOPT, &adopter->arg);
	syscall(SYS_exit_group, 1);
	return 1;
}

static void make_thread(struct loader *loader, unsigned int index)
{
	struct adopter *adopter = calloc(1, sizeof(*adopter));
	size_t bytes = 64 * 1024;
	char *stack = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	pid_t tid = loader->info.tids[index];
	int result;

	if (!adopter || stack == MAP_FAILED)
		die("there is no memory for thread %u of the child", index);
	adopter->device = loader->device;
	adopter->arg.head.size = sizeof(adopter->arg);
	adopter->arg.head.version = RFORK_UAPI_VERSION;
	adopter->arg.image = loader->arg.image;
	adopter->arg.index = index;
	if (loader->keep_pid) {
		/* clone() takes no thread id; the next one is what the namespace hands out. */
		FILE *last = fopen("/proc/sys/kernel/ns_last_pid", "w");

		if (!last || fprintf(last, "%d", tid - 1) < 0 || fclose(last))
			die("thread id %d cannot be chosen, as /proc/sys/kernel/ns_last_pid cannot be written; restore with --pid new",
			    tid);
	}
	result = clone(adopt, stack + bytes, CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND |
		       CLONE_THREAD | CLONE_SYSVSEM, adopter);
	if (result < 0)
		die("thread %u cannot be made: %s", index, strerror(errno));
	if (loader->keep_pid && result != tid)
		die("thread %u got id %d instead of %d, which another took meanwhile; try again", index, result, tid);
}

/* Returns only on an error: the process becomes the child. */
static void load(struct loader *loader)
{
	sigset_t all;

	for (unsigned int i = 1; i < loader->info.threads; i++)
		make_thread(loader, i);
	sigemptyset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	request(loader->device, RFORK_IOC_RESTORE, &loader->arg);
	die("the module returned to the loader");
}

static uint64_t now_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void cannot_keep_clocks(void)
{
	die("this node's clocks are behind the parent's, and no time namespace can be made for the child: %s; "
	    "restore as root, or inside a time namespace that is ahead", strerror(errno));
}

#define OFFSETS "/proc/self/timens_offsets"

/* How far the clock of a new time namespace is ahead of the machine's: as far as this process's. */
static long long offset_s(const char *clock)
{
	FILE *offsets = fopen(OFFSETS, "r");
	long long seconds = 0, found;
	char name[32];

	if (!offsets)
		cannot_keep_clocks();
	while (fscanf(offsets, "%31s %lld %*d", name, &found) == 2)
		if (!strcmp(name, clock))
			seconds = found;
	fclose(offsets);
	return seconds;
}

static void set_forward(const char *clock, uint64_t now, uint64_t then)
{
	long long seconds = offset_s(clock) + (long long)((then - now) / 1000000000) + 1;
	FILE *offsets = fopen(OFFSETS, "w");

	if (!offsets || fprintf(offsets, "%s %lld 0\n", clock, seconds) < 0 || fclose(offsets))
		cannot_keep_clocks();
}

/* Clocks of the child must not be behind what its parent saw. */
static void keep_clocks(const struct rfork_image_info *info)
{
	uint64_t monotonic = now_ns(CLOCK_MONOTONIC), boottime = now_ns(CLOCK_BOOTTIME);

	if (monotonic >= info->monotonic_ns && boottime >= info->boottime_ns)
		return;
	if (unshare(CLONE_NEWTIME))
		cannot_keep_clocks();
	if (monotonic < info->monotonic_ns)
		set_forward("monotonic", monotonic, info->monotonic_ns);
	if (boottime < info->boottime_ns)
		set_forward("boottime", boottime, info->boottime_ns);
}

static pid_t fork_with_pid(pid_t pid)
{
	struct clone_args args = { .exit_signal = SIGCHLD };

	if (pid) {
		args.set_tid = (uintptr_t)&pid;
		args.set_tid_size = 1;
	}
	return syscall(SYS_clone3, &args, sizeof(args));
}

/* A process of the same pid needs a PID namespace of its own, with somebody as its process 1. */
static pid_t fork_in_namespace(struct loader *loader)
{
	int status;
	pid_t init;

	if (unshare(CLONE_NEWPID))
		die("--pid keep needs a new PID namespace, which cannot be made: %s; restore as root, or with --pid new",
		    strerror(errno));
	init = fork();
	if (init)
		return init;
	if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("proc", "/proc", "proc", 0, NULL))
		die("/proc of the PID namespace cannot be mounted: %s", strerror(errno));
	init = fork_with_pid(loader->info.pid);
	if (init < 0)
		die("pid %d cannot be had in a new PID namespace: %s; restore with --pid new", loader->info.pid,
		    strerror(errno));
	if (!init)
		load(loader);
	close(loader->device);
	while (waitpid(init, &status, 0) < 0 && errno == EINTR)
		;
	_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
}

static void read_placements(struct loader *loader, const char *path)
{
	FILE *file = fopen(path, "rb");
	size_t bytes = (loader->info.pages + 3) / 4;
	char *placements = malloc(bytes + 1);

	if (!file)
		die("%s cannot be read: %s", path, strerror(errno));
	if (!placements || fread(placements, 1, bytes + 1, file) != bytes)
		die("%s does not have %zu bytes, two bits for each of the checkpoint's %llu pages", path, bytes,
		    (unsigned long long)loader->info.pages);
	fclose(file);
	loader->arg.placements = (uintptr_t)placements;
	loader->arg.placement_bytes = bytes;
}

/* The same placement for all pages: two bits, four times in each byte. */
static void fill_placements(struct loader *loader, int placement)
{
	size_t bytes = (loader->info.pages + 3) / 4;
	char *placements;

	if (placement == RFORK_MIGRATE_ON_WRITE)
		return;
	placements = malloc(bytes + 1);
	if (!placements)
		die("there is no memory for %zu bytes of placements", bytes);
	memset(placements, placement * 0x55, bytes);
	loader->arg.placements = (uintptr_t)placements;
	loader->arg.placement_bytes = bytes;
}

static void parse(struct options *options, struct loader *loader, bool *detach)
{
	/* In the order of enum rfork_placement. */
	static const char *const placements[] = { "migrate-on-write", "migrate-on-access",
						  "migrate-now", NULL };
	static const char *const leaves[] = { "attach", "local", NULL };
	static const char *const pids[] = { "new", "keep", NULL };
	int placement = choice(options, "--placement", placements);
	const char *file = option(options, "--placements");
	struct rfork_image image = { };

	loader->arg.window_pages = number_option(options, "--window-pages", 1, UINT32_MAX, 1);
	loader->arg.inherit_fds = inherited_fds(options);
	if (flag(options, "--changed-files"))
		loader->arg.head.flags |= RFORK_RESTORE_CHANGED_FILES;
	if (flag(options, "--alike"))
		loader->arg.head.flags |= RFORK_RESTORE_ALIKE;
	if (flag(options, "--verify-data"))
		loader->arg.head.flags |= RFORK_RESTORE_VERIFY_DATA;
	if (choice(options, "--leaves", leaves))
		loader->arg.head.flags |= RFORK_RESTORE_LOCAL_LEAVES;
	loader->keep_pid = choice(options, "--pid", pids);
	*detach = flag(options, "--detach");
	image.image = operand(options, "the checkpoint's number", UINT64_MAX);
	no_more(options);
	if (placement && file)
		die("--placement and --placements exclude one another");
	loader->device = open_device();
	request(loader->device, RFORK_IOC_IMAGE, &image);
	loader->info = image.info;
	loader->arg.image = image.image;
	loader->arg.threads = image.info.threads;
	if (image.info.threads > MAX_THREADS)
		die("checkpoint %llu has %u threads; at most %d can be restored", image.image,
		    image.info.threads, MAX_THREADS);
	fill_placements(loader, placement);
	if (file)
		read_placements(loader, file);
}

/* As 32 digits. */
static void record_id(const char *name, const uint8_t id[RFORK_ID_BYTES])
{
	char digits[2 * RFORK_ID_BYTES + 1];

	for (int i = 0; i < RFORK_ID_BYTES; i++)
		sprintf(digits + 2 * i, "%02x", id[i]);
	record_text(name, digits);
}

static const struct {
	uint64_t bit;
	const char *name;
} differences[] = RFORK_DIFFERENCE_NAMES;

static void record_differences(uint64_t differs)
{
	list_begin("differs");
	for (size_t i = 0; i < sizeof(differences) / sizeof(differences[0]); i++)
		if (differs & differences[i].bit)
			list_text(differences[i].name);
	list_end();
}

/* In one line on standard error: standard output is the child's. */
static void tell_differences(uint64_t differs)
{
	const char *between = "rforkctl: the child is not like its parent in: ";

	for (size_t i = 0; i < sizeof(differences) / sizeof(differences[0]); i++) {
		if (!(differs & differences[i].bit))
			continue;
		fprintf(stderr, "%s%s", between, differences[i].name);
		between = ", ";
	}
	if (differs)
		fprintf(stderr, "\n");
}

static void report(pid_t pid, const struct rfork_restore_result *result)
{
	static const struct field fields[] = {
		FIELD(struct rfork_restore_result, leaves_attached),
		FIELD(struct rfork_restore_result, leaves_built),
		FIELD(struct rfork_restore_result, pages_copied),
		FIELD(struct rfork_restore_result, entries_validated),
		FIELD(struct rfork_restore_result, validation_ns),
		FIELD(struct rfork_restore_result, duration_ns),
	};

	record_begin();
	record_number("pid", pid);
	record_fields(fields, result);
	record_id("restore_id", result->restore_id);
	record_differences(result->differs);
	record_end();
	fflush(stdout);
}

int command_restore(struct options *options)
{
	struct loader loader = { };
	struct rfork_restore_result *result;
	bool detach;
	int status = 0;
	pid_t pid;

	parse(options, &loader, &detach);
	result = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (result == MAP_FAILED)
		die("there is no memory for the reply");
	loader.arg.result = (uintptr_t)result;
	keep_clocks(&loader.info);
	pid = loader.keep_pid ? fork_in_namespace(&loader) : fork_with_pid(0);
	if (pid < 0)
		die("no process can be made: %s", strerror(errno));
	if (!pid)
		load(&loader);
	close(loader.device);
	while (!__atomic_load_n(&result->done, __ATOMIC_ACQUIRE)) {
		if (waitpid(pid, &status, WNOHANG) == pid)
			break;
		usleep(200);
	}
	if (!__atomic_load_n(&result->done, __ATOMIC_ACQUIRE)) {
		if (WIFSIGNALED(status))
			die("the restore failed half-way and was killed; the kernel log says why");
		return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
	}
	if (json_output || detach)
		report(pid, result);
	else
		tell_differences(result->differs);
	if (detach)
		return 0;
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
