/* SPDX-License-Identifier: GPL-2.0 */
#ifndef RFORK_VERIFY_H
#define RFORK_VERIFY_H

#include "slot.h"
#include "validate.h"

int rfork_verify(struct rfork_verify *arg, struct rfork_reason *why);
/* On debugging kernels: says in the log what was changed. */
void rfork_verify_for_debugging(const struct rfork_image_ref *ref);

#endif
