/* SPDX-License-Identifier: GPL-2.0 */
/* What validating an image is made of. */
#ifndef RFORK_VALIDATE_H
#define RFORK_VALIDATE_H
#include "rfork-module.h"
/* Leaves against records that were found consistent. */
int rfork_validate_tables(const struct rfork_image_header *header, u64 image,
			  struct rfork_reason *why);
#endif
