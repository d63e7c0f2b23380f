/* SPDX-License-Identifier: GPL-2.0 */
/* Places where tests halt a node, at which it would halt by chance once in a thousand times. */
#ifndef RFORK_HALT_H
#define RFORK_HALT_H

enum rfork_halt {
	RFORK_HALT_PAGE = 1, RFORK_HALT_LEAF, RFORK_HALT_RECORDS,	/* before these are written */
	RFORK_HALT_RECOVERY,	/* before each slot that is looked at */
	RFORK_HALT_FREEING,	/* before extents of a slot that was looked at are freed */
};

/* Waits as long as the parameter halt_before has this value. */
void rfork_halt(enum rfork_halt place);

#endif
