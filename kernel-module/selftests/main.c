// SPDX-License-Identifier: GPL-2.0
/*
 * rfork-selftest: checks that run inside a guest with the module loaded and a formatted region attached.
 *
 *   rfork-selftest --list        names of all cases
 *   rfork-selftest NAME...       runs them (all, if none is named); TAP on standard output
 *   rfork-selftest --programs    names of the programs that are moved; see moved-program.h
 *   rfork-selftest --program NAME WORD
 *   rfork-selftest --serve PAGES THREADS [SHARED]   a program to be checkpointed; see serve.c
 *   rfork-selftest --failing-restores IMAGE   of such a program; see failing-moves.c
 *
 * Exits 0 when all passed, 4 when all were skipped, 1 otherwise.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "moved-program.h"

static const struct test_case *const tables[] = {
	right_cases, identity_cases, log_cases, surface_cases, fuzz_cases, killed_cases,
	memory_cases, program_cases, life_cases, refusal_cases, tiering_cases, remote_cases,
	interrupted_call_cases, thread_cases, failing_move_cases, allocation_cases,
	memory_state_cases, thread_state_cases, process_state_cases, class_cases, caller_cases,
	descriptor_cases, state_refusal_cases, after_restore_cases, outside_reach_cases,
	refused_restore_cases, interrupted_restore_cases, last_step_cases,
	foreign_entry_cases, dropped_state_cases, probe_cases, shared_memory_cases,
	mapping_fuzz_cases, place_cases, unsaid_cases, truncation_cases, fifo_cases,
};

/* Each case in a process of its own, so that a crash is a failure of that case. */
static int run_case(const struct test_case *test, int number)
{
	static const char *const verdicts[] = { "ok", "not ok" };
	int status;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (!pid) {
		device = open(RFORK_DEVICE, O_RDWR);
		if (device < 0)
			skip("%s cannot be opened: %s", RFORK_DEVICE, strerror(errno));
		dup2(device, 10);
		close(device);
		device = 10;
		alarm(0);
		test->run();
		fflush(stdout);
		_exit(0);
	}
	waitpid(pid, &status, 0);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 4) {
		printf("ok %d %s # SKIP\n", number, test->name);
		return 4;
	}
	status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	if (!status && !kernel_is_clean())
		status = 1;
	printf("%s %d %s\n", verdicts[!!status], number, test->name);
	return !!status;
}

static bool wanted(const char *name, int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (!strcmp(argv[i], name))
			return true;
	return argc == 1;
}

static const struct program *const programs[] = {
	memory_programs, thread_programs, process_programs, class_programs, caller_programs,
	descriptor_programs, last_step_programs, refused_programs, place_programs,
};
#define PROGRAM_TABLES (sizeof(programs) / sizeof(programs[0]))

static int list_programs(void)
{
	for (size_t t = 0; t < PROGRAM_TABLES; t++)
		for (const struct program *program = programs[t]; program->name; program++)
			printf("%s\n", program->name);
	return 0;
}

static int run_program(const char *name)
{
	join_board();
	for (size_t t = 0; t < PROGRAM_TABLES; t++)
		for (const struct program *program = programs[t]; program->name; program++)
			if (!strcmp(program->name, name)) {
				program->run();
				fflush(stdout);
				_exit(0);
			}
	printf("# there is no program %s\n", name);
	return 1;
}

int main(int argc, char **argv)
{
	bool list = argc == 2 && !strcmp(argv[1], "--list");
	int number = 0, failed = 0, skipped = 0;

	setvbuf(stdout, NULL, _IONBF, 0);
	if ((argc == 4 || argc == 5) && !strcmp(argv[1], "--serve"))
		return serve(strtoul(argv[2], NULL, 0), atoi(argv[3]), argc == 5 ? strtoul(argv[4], NULL, 0) : 0);
	if (argc == 3 && !strcmp(argv[1], "--failing-restores"))
		return failing_restores(strtoull(argv[2], NULL, 0));
	if (argc == 2 && !strcmp(argv[1], "--programs"))
		return list_programs();
	if (argc == 4 && !strcmp(argv[1], "--program"))
		return run_program(argv[2]);
	for (size_t t = 0; t < sizeof(tables) / sizeof(tables[0]); t++) {
		for (const struct test_case *test = tables[t]; test->name; test++) {
			if (list) {
				printf("%s\n", test->name);
				continue;
			}
			if (!wanted(test->name, argc, argv))
				continue;
			switch (run_case(test, ++number)) {
			case 1: failed++; break;
			case 4: skipped++; break;
			}
		}
	}
	if (list)
		return 0;
	if (!number) {
		printf("Bail out! no such case; see --list\n");
		return 1;
	}
	printf("1..%d\n", number);
	return failed ? 1 : skipped == number ? 4 : 0;
}
