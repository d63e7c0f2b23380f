/* SPDX-License-Identifier: GPL-2.0 */
/* What an open file of the device may do: everything, until it is narrowed to restoring. */
#ifndef RFORK_RIGHT_H
#define RFORK_RIGHT_H
#include "rfork-module.h"

struct rfork_right {
	struct mutex lock;
	bool restore_only;
	u64 image;			/* the only one; 0: those the caller owns */
	u64 generation;			/* of the region the image is in */
};

struct rfork_right *rfork_right_new(void);
int rfork_right_restrict(struct rfork_right *right, u64 image, struct rfork_reason *why);
bool rfork_right_is_restricted(struct rfork_right *right);
/* The image a narrowed descriptor was handed out for, or 0. */
int rfork_right_image(struct rfork_right *right, u64 *only, struct rfork_reason *why);
int rfork_right_restore(struct rfork_right *right, u64 image, struct rfork_reason *why);
#endif
