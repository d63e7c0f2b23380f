// SPDX-License-Identifier: GPL-2.0
/* What a process has in the state table besides memory and threads: programs that verify theirs after they were moved. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/membarrier.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "moved-program.h"

extern char **environ;

static size_t read_proc(const char *name, char *text, size_t bytes)
{
	int file = open(name, O_RDONLY);
	ssize_t got = read(file, text, bytes - 1);

	check(got > 0);
	text[got] = 0;
	close(file);
	return got;
}

static void identity_program(void)
{
	static char vector[2][1024], words[512], variables[512], program[256];
	size_t bytes = read_proc("/proc/self/auxv", vector[0], sizeof(vector[0])), length;

	await_move();
	check_equal(read_proc("/proc/self/auxv", vector[1], sizeof(vector[1])), bytes);
	check(!memcmp(vector[0], vector[1], bytes));
	length = read_proc("/proc/self/cmdline", words, sizeof(words));
	check(!strcmp(words, PROGRAM_NAME));
	check(!strcmp(words + length - sizeof(PROGRAM_LAST_WORD), PROGRAM_LAST_WORD));
	read_proc("/proc/self/environ", variables, sizeof(variables));
	check(!strcmp(variables, PROGRAM_VARIABLE));
	check(!strcmp(environ[0], PROGRAM_VARIABLE));
	check_equal(readlink("/proc/self/exe", program, sizeof(program)), strlen(PROGRAM_FILE));
	check(!memcmp(program, PROGRAM_FILE, strlen(PROGRAM_FILE)));
}

static void names_program(void)
{
	char name[16], path[256];

	mkdir("/tmp/place", 0700);
	check_equal(chdir("/tmp/place"), 0);
	umask(031);
	prctl(PR_SET_NAME, "stateful");
	await_move();
	check(getcwd(path, sizeof(path)) && !strcmp(path, "/tmp/place"));
	check_equal(umask(0), 031);
	prctl(PR_GET_NAME, name);
	check(!strcmp(name, "stateful"));
}

static void personality_program(void)
{
	personality(ADDR_NO_RANDOMIZE | UNAME26);
	await_move();
	check_equal(personality(0xffffffff), ADDR_NO_RANDOMIZE | UNAME26);
}

static void pid_program(void)
{
	pid_t known = getpid();
	bool moved = await_move();

	check_equal(known != getpid(), moved);
	check_equal(getpid(), syscall(SYS_gettid));
}

static void protection_keys_program(void)
{
	void *page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int key = pkey_alloc(0, PKEY_DISABLE_WRITE), freed = pkey_alloc(0, 0);

	if (key > 0)
		check_equal(pkey_free(freed), 0);
	await_move();
	if (key < 0) {
		printf("# this processor has no protection keys\n");
		return;
	}
	check_equal(pkey_get(key), PKEY_DISABLE_WRITE);
	check_equal(pkey_mprotect(page, PAGE, PROT_READ | PROT_WRITE, freed), -1);
	check_equal(pkey_alloc(0, 0), freed);
	check_equal(pkey_mprotect(page, PAGE, PROT_READ | PROT_WRITE, key), 0);
	check_equal(pkey_set(key, 0), 0);
	*(volatile char *)page = 1;
}

static int barrier(int command)
{
	return syscall(SYS_membarrier, command, 0, 0) ? -errno : 0;
}

/* What was registered for works; the rest is refused as before. */
static void membarrier_program(void)
{
	if (barrier(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED))
		skip("no membarrier");
	await_move();
	check_equal(barrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED), 0);
	check_equal(barrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED_SYNC_CORE), -EPERM);
	check_equal(barrier(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_SYNC_CORE), 0);
	check_equal(barrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED_SYNC_CORE), 0);
}

const struct program process_programs[] = {
	{ "identity", identity_program },
	{ "names", names_program },
	{ "personality", personality_program },
	{ "pid", pid_program },
	{ "protection-keys", protection_keys_program },
	{ "membarrier", membarrier_program },
	{ }
};

MOVES(identity_is_restored, "identity")
MOVES(names_are_restored, "names")
MOVES(personality_is_restored, "personality")
MOVES(pid_is_the_callers, "pid")
MOVES(allocated_protection_keys_are_restored, "protection-keys")
MOVES(membarrier_registrations_are_restored, "membarrier")

const struct test_case process_state_cases[] = {
	{ "auxv-arguments-environment-and-exe-are-restored", identity_is_restored },
	{ "comm-cwd-and-umask-are-restored", names_are_restored },
	{ "personality-is-restored", personality_is_restored },
	{ "pid-is-the-callers", pid_is_the_callers },
	{ "allocated-protection-keys-are-restored", allocated_protection_keys_are_restored },
	{ "membarrier-registrations-are-restored", membarrier_registrations_are_restored },
	{ }
};
