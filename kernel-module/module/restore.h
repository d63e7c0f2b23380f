/* SPDX-License-Identifier: GPL-2.0 */
/* One restore on its way: what is prepared before the point of no return and used after it. */
#ifndef RFORK_RESTORE_H
#define RFORK_RESTORE_H

#include <linux/path.h>
#include "rfork-module.h"

struct restore {
	struct rfork_reason *why;
	const struct rfork_image_header *header;
	struct rfork_image_ref *ref;
	struct rfork_child *child;
	struct rfork_adoption *adoption;
	u8 *placements;			/* two bits per page record, or NULL */
	struct page **built;		/* local leaf per leaf record, or NULL */
	struct file **shared_files;	/* per record of shared memory */
	struct file **vma_files;	/* per VMA */
	struct file **files;		/* per open file */
	struct file **pipe_ends;	/* two per open file, of pipes */
	struct file *exe;
	struct path cwd;
	struct page *result;		/* the waiting process's struct rfork_restore_result */
	size_t result_offset;
	struct rfork_arrival *arrival;
	u64 inherit_fds;
	u64 differs;			/* RFORK_DIFFERS_... and RFORK_LACKS_... */
	bool changed_files;
};

/*
 * Each of the first group changes nothing of the caller; each of the second belongs after the drop.
 */
int rfork_read_placements(struct restore *restore, const struct rfork_restore *arg);
int rfork_prepare_leaves(struct restore *restore, bool local);
int rfork_make_shared(struct restore *restore);
int rfork_open_files(struct restore *restore);
int rfork_limits_check(const struct rfork_image_header *header, struct rfork_reason *why);

int rfork_make_vmas(struct restore *restore);
int rfork_make_leaves(struct restore *restore);
int rfork_migrate_now(struct restore *restore);
void rfork_make_probes(struct restore *restore);
int rfork_make_descriptors(struct restore *restore);
int rfork_make_process(struct restore *restore);
int rfork_restore_id_put(const struct rfork_image_header *header, u8 id[RFORK_ID_BYTES],
			 struct rfork_reason *why);

#endif
