/* SPDX-License-Identifier: GPL-2.0 */
/* The selftests' frame: cases, checks, and the few things every case does with the device. */
#ifndef SELFTEST_H
#define SELFTEST_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>
#include <rfork.h>

struct test_case {
	const char *name;		/* a law, with dashes */
	void (*run)(void);
};

/* Each file of cases ends with one of these tables. */
extern const struct test_case right_cases[], identity_cases[], log_cases[], surface_cases[], fuzz_cases[],
	killed_cases[];
extern const struct test_case memory_cases[], program_cases[], life_cases[], refusal_cases[],
	tiering_cases[], remote_cases[], interrupted_call_cases[], thread_cases[], allocation_cases[],
	memory_state_cases[], thread_state_cases[], process_state_cases[], class_cases[], caller_cases[],
	descriptor_cases[], state_refusal_cases[], after_restore_cases[], outside_reach_cases[],
	refused_restore_cases[], failing_move_cases[],
	interrupted_restore_cases[], last_step_cases[], foreign_entry_cases[],
	dropped_state_cases[], probe_cases[], shared_memory_cases[], mapping_fuzz_cases[],
	place_cases[], unsaid_cases[], truncation_cases[], fifo_cases[];

/* Ends the case: failed, with what and where. */
#define check(condition) do {						\
	if (!(condition))						\
		fail(__FILE__, __LINE__, #condition);			\
} while (0)
#define check_equal(got, wanted)					\
	equal(__FILE__, __LINE__, #got, (int64_t)(got), (int64_t)(wanted))
__attribute__((noreturn)) void fail(const char *file, int line, const char *what);
void equal(const char *file, int line, const char *what, int64_t got, int64_t wanted);
__attribute__((noreturn, format(printf, 1, 2))) void skip(const char *fmt, ...);

extern int device;
extern char reason[RFORK_REASON_BYTES];		/* of the last request */
int call(unsigned long command, void *argument);	/* 0 or more, or -errno */

#define PAGE 4096UL
#define ARENA ((char *)0x500000000000UL)	/* 2 MiB aligned */

/* Memory at ARENA whose every page tells its index. */
void make_arena(size_t pages);
bool page_is(size_t page, uint64_t salt);
void write_page(size_t page, uint64_t salt);

/*
 * Checkpoints this process and restores the image in a forked one. Returns false in the parent, where
 * *image is set, and true in the restored child, which must end by child_exit().
 */
bool checkpoint_self(uint64_t *image);
pid_t restore_image(uint64_t image, struct rfork_restore *options);
/* Waits; the child must have ended by itself with status 0. */
void wait_child(pid_t pid);
int wait_status(pid_t pid);
/* Until the process at @pid is a child. */
void wait_restored(pid_t pid);
__attribute__((noreturn)) void child_exit(void);
/* What children did must not have changed any image. */
void verify_images(void);
/* After a look at all images. */
void delete_image(uint64_t image);
/* A checkpoint of this process must fail with these words in its reason, and leave no image. */
void refused(const char *words);
/* So must this restore by this process, with this errno. */
void restore_refused(const struct rfork_restore *request, int error, const char *words);
struct rfork_counters counters(pid_t pid);
uint64_t free_bytes(void);
bool kernel_is_clean(void);
void write_to(const char *path, const char *text);
int serve(size_t pages, int threads, size_t shared_pages);
int failing_restores(uint64_t image);

/* A generator that never says 0 from a seed that is not, and a number from the environment. */
uint64_t random_word(uint64_t *state);
unsigned long setting(const char *name, unsigned long otherwise);

#endif
