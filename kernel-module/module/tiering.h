/* SPDX-License-Identifier: GPL-2.0 */
/* Which VMAs may get pages of the image back. */
#ifndef RFORK_TIERING_H
#define RFORK_TIERING_H
#include <linux/mm.h>

static inline bool rfork_vma_allows_demotion(struct vm_area_struct *vma)
{
	/* MIXEDMAP marks those that held pages of the image at the restore. */
	return vma->vm_flags & VM_MIXEDMAP && !(vma->vm_flags & VM_SHARED) &&
	       vma_is_accessible(vma);
}

/* Keeps faults under the VMA's own lock out. */
static inline void rfork_vma_start_write(struct vm_area_struct *vma)
{
#ifdef CONFIG_PER_VMA_LOCK
	vma_start_write(vma);
#endif
}
#endif
