/* SPDX-License-Identifier: GPL-2.0 */
/* VMAs and files as records. */
#ifndef RFORK_VMA_H
#define RFORK_VMA_H

#include <linux/file.h>
#include <linux/fs.h>
#include "rfork-module.h"

enum rfork_vma_kind { RFORK_VMA_NORMAL, RFORK_VMA_VVAR, RFORK_VMA_VDSO, RFORK_VMA_PROBES };

enum rfork_vma_kind rfork_vma_kind(struct vm_area_struct *vma);
/* Of no file that has a name, and no memfd or System V segment, which others find by theirs. */
bool rfork_vma_is_shared_anonymous(const struct vm_area_struct *vma);
/* RFORK_LACKS_...: what the child will not have of it. */
u64 rfork_vma_lacks(struct vm_area_struct *vma);
int rfork_vma_refuse(struct vm_area_struct *vma, struct rfork_reason *why);
/* Whether the image carries the VMA's pages. */
static inline bool rfork_vma_has_pages(unsigned long vm_flags)
{
	return !(vm_flags & (VM_SHARED | VM_WIPEONFORK));
}
/*
 * The first that ends after @address, or NULL; @hint is its number, and goes on from the last, as
 * addresses ascend.
 */
static inline const struct rfork_vma *rfork_vma_after(const struct rfork_image_header *header,
						      u64 address, u64 *hint)
{
	const struct rfork_vma *vmas = rfork_section(header, &header->vmas);

	while (*hint < header->vmas.count && vmas[*hint].end <= address)
		(*hint)++;
	return *hint < header->vmas.count ? &vmas[*hint] : NULL;
}
int rfork_vma_map(const struct rfork_vma *record, struct file *file, bool holds_pages);

bool rfork_path_is_of_a_process(const struct path *path);
bool rfork_holds_lock(struct file *file);
void rfork_file_identify(struct file *file, struct rfork_file_identity *identity);
struct file *rfork_file_open(const char *path, const struct rfork_file_identity *identity,
			     int flags, bool changed_allowed, struct rfork_reason *why);
#endif
