/* SPDX-License-Identifier: GPL-2.0 */
/* Programs that are forked, checkpointed wherever they are, and end by themselves or when told. */
#ifndef FORKED_PROGRAM_H
#define FORKED_PROGRAM_H

#include "selftest.h"

/* What parent, child and this process share in a file, as no memory of theirs is shared. */
struct forked {
	volatile int phase;		/* set by the test: 0 wait, 1 go on and verify */
	volatile int ready;
	volatile int failed;
	volatile int finished;
};
extern struct forked *forked;

void make_forked_board(void);
/* In a test: returns when the program said that it is ready. */
pid_t start_forked(void (*program)(void));
uint64_t checkpoint_forked(pid_t pid);
/* Restores, lets both go on, and waits until both have finished. */
void moves_on(pid_t parent, uint64_t image);
/* In a program, last of all. */
void finished(void);

#endif
