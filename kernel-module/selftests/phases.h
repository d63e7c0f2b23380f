/* SPDX-License-Identifier: GPL-2.0 */
/* How a case leads its child: by a number written from outside, into memory where no page of the arena is. */
#ifndef PHASES_H
#define PHASES_H

#include <sys/types.h>

/* The child goes on where it waits for this phase, or an earlier one. */
void tell(pid_t pid, int phase);
/* In the child. Returns the phase that was told. */
int wait_for(int phase);

#endif
