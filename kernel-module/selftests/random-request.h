/* SPDX-License-Identifier: GPL-2.0 */
/* Requests that would do, and what may be wrong with them. */
#ifndef RANDOM_REQUEST_H
#define RANDOM_REQUEST_H

#include "selftest.h"

#define PAGES 600
#define BUFFER_PAGES 16

/* What requests are about, set before the first. */
struct request_subjects {
	uint64_t image;
	pid_t child, waiting;
	char *buffer, *read_only;
	struct rfork_info region;
};
extern struct request_subjects about;

union request {
	struct rfork_head head;
	struct rfork_attach attach;
	struct rfork_format format;
	struct rfork_info info;
	struct rfork_checkpoint checkpoint;
	struct rfork_restore restore;
	struct rfork_adopt adopt;
	struct rfork_list list;
	struct rfork_image image;
	struct rfork_delete delete;
	struct rfork_scan scan;
	struct rfork_hint hint;
	struct rfork_migrate migrate;
	struct rfork_recover recover;
	struct rfork_stats stats;
	struct rfork_verify verify;
	uint32_t words[2048];
};

/* One that would do. */
void make_request(unsigned int command, union request *r, uint64_t *state);
/* With some words replaced. */
void mutate(unsigned int command, union request *r, uint64_t *state);

#endif
