/* SPDX-License-Identifier: GPL-2.0 */
/* Replies that only tell. */
#ifndef RFORK_IMAGE_INFO_H
#define RFORK_IMAGE_INFO_H
#include "rfork-module.h"
void rfork_info_read(struct rfork_info *info);
/* Of all images, or of one. */
int rfork_list_read(struct rfork_list *list, u64 only, struct rfork_reason *why);
int rfork_image_read(struct rfork_image *image, struct rfork_reason *why);
int rfork_stats_read(struct rfork_stats *stats, struct rfork_reason *why);
#endif
