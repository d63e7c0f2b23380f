/* SPDX-License-Identifier: GPL-2.0 */
/* Threads of a restoring process that wait to become threads of the image. */
#ifndef RFORK_ADOPTION_H
#define RFORK_ADOPTION_H
#include "rfork-module.h"
struct rfork_adoption;
struct rfork_adoption *rfork_adoption_wait(u64 image, u32 threads, struct rfork_reason *why);
void rfork_adoption_end(struct rfork_adoption *adoption,
			const struct rfork_image_header *header, int error);
#endif
