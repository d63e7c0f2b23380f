/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Programs that are moved: started by exec from a file and with words of their own, checkpointed while
 * they wait for SIGTERM, restored in a process that was prepared differently, told to go on.
 *
 *   test            start --> checkpoint --> restore --> SIGTERM to both --> both ended with 0
 *   parent          set up, await_move() ................ verify, end
 *   child                                      verify, end
 */
#ifndef MOVED_PROGRAM_H
#define MOVED_PROGRAM_H

#include "selftest.h"

#define WORDS_BYTES 1024

/* A file that parent, child and test map: no memory of theirs is shared. */
struct board {
	volatile int ready, go;
	volatile pid_t parent;
	/* What each of them finds in its surroundings. */
	char in_parent[WORDS_BYTES], in_caller[WORDS_BYTES], in_child[WORDS_BYTES];
	volatile uint64_t numbers[64];
};
extern struct board *board;

struct program {
	const char *name;
	void (*run)(void);
};
extern const struct program memory_programs[], thread_programs[], process_programs[], class_programs[],
	caller_programs[], descriptor_programs[], last_step_programs[], refused_programs[],
	place_programs[];

/* In a program, first of all. */
void join_board(void);
/* In a program: says that it is set up, sleeps until SIGTERM; true in the child. */
bool await_move(void);

/* In a test. The child may be told to restore in a process that @prepare has run in. */
void move(const char *program, void (*prepare)(void));
/* Without what RFORK_CHECKPOINT_DROP_... name. */
void move_without(const char *program, void (*prepare)(void), uint32_t drop);
/* As a case. */
#define MOVES(function, program) static void function(void) { move(program, NULL); }
pid_t start_program(const char *program);
uint64_t checkpoint_program(pid_t pid, uint32_t flags);
pid_t restore_prepared(uint64_t image, void (*prepare)(void));
/* RFORK_DIFFERS_... and RFORK_LACKS_... of the last one. */
extern uint64_t differences;
void tell_to_go_on(pid_t pid);

/* The words that programs are started with. */
#define PROGRAM_FILE "/tmp/moved-program"
#define PROGRAM_NAME "name of the moved program"
#define PROGRAM_LAST_WORD "last word"
#define PROGRAM_VARIABLE "RFORK_VARIABLE=of the parent"

#endif
