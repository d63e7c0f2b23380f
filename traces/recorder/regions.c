/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What pages belong to, which were seen before, and which the program gave back. */
#include "recorder.h"
#include "pub_tool_aspacemgr.h"
#include "pub_tool_libcassert.h"
#include "pub_tool_machine.h"
#include "pub_tool_mallocfree.h"
#include "pub_tool_oset.h"
#include "pub_tool_tooliface.h"

static OSet *known;

/* Known pages that were asked for, found without a search of the tree. 0 holds none: it is no page of a program. */
#define NR_RECENT 4096
static UWord recent[NR_RECENT];

Bool regions_learn(UWord page)
{
	UWord *place = &recent[page % NR_RECENT];

	if (*place == page && page)
		return False;
	*place = page;
	if (VG_(OSetWord_Contains)(known, page))
		return False;
	VG_(OSetWord_Insert)(known, page);
	return True;
}

void regions_forget_all(void)
{
	VG_(memset)(recent, 0, sizeof recent);
	VG_(OSetWord_Destroy)(known);
	known = VG_(OSetWord_Create)(VG_(malloc), "cxltrace.known", VG_(free));
}

static Bool is_stack(const NSegment *segment)
{
	Addr lowest, highest;
	ThreadId tid;

	VG_(thread_stack_reset_iter)(&tid);
	while (VG_(thread_stack_next)(&tid, &lowest, &highest))
		if (highest >= segment->start && highest <= segment->end)
			return True;
	return False;
}

/*
 * What looks like a file and is memory: devices, tmpfs, hugetlbfs, and what the kernel backs with its own.
 * sim/recording/file-on-disk.ts tells the same of /proc/PID/maps.
 */
static const HChar *const in_memory[] = {
	"/dev/", "/run/", "/proc/", "/sys/", "/mnt/huge", "/var/lib/hugetlbfs/", "/memfd:",
	"/dmabuf", "/SYSV", "/anon_hugepage", "/anon_inode:", "/secretmem", "/[",
};

/* Disks and images that are mounted below the tmpfs /run. */
static const HChar *const mounted[] = {
	"/run/media/", "/run/mount/", "/run/host/", "/run/containerd/", "/run/docker/",
};

static Bool begins_with_one(const HChar *name, const HChar *const *starts, UInt nr_starts)
{
	for (UInt i = 0; i < nr_starts; i++)
		if (VG_(strncmp)(name, starts[i], VG_(strlen)(starts[i])) == 0)
			return True;
	return False;
}

#define BEGINS_WITH_ONE(name, starts) begins_with_one(name, starts, sizeof(starts) / sizeof *(starts))

/* A file whose content can be read again: not one that was removed, either. */
static Bool is_file_on_disk(const HChar *name)
{
	static const HChar removed[] = " (deleted)";
	const SizeT length = VG_(strlen)(name), tail = sizeof removed - 1;

	if (name[0] != '/' || name[1] == '/')
		return False;
	if (length >= tail && VG_(strcmp)(name + length - tail, removed) == 0)
		return False;
	return BEGINS_WITH_ONE(name, mounted) || !BEGINS_WITH_ONE(name, in_memory);
}

/* `.so` at the name's end or before a version. */
static Bool is_shared_object(const HChar *name)
{
	for (name = VG_(strstr)(name, ".so"); name; name = VG_(strstr)(name + 1, ".so"))
		if (name[3] == '\0' || name[3] == '.')
			return True;
	return False;
}

/* A mapped program or shared object: its parts need not be executable. */
static enum region region_of_file(const NSegment *segment)
{
	const HChar *name = VG_(am_get_filename)(segment);

	/* valgrind knows no name of what is not linked anywhere. */
	if (!name || !is_file_on_disk(name))
		return REGION_ANONYMOUS;
	return segment->hasX || is_shared_object(name) ? REGION_LIBRARY : REGION_FILE;
}

enum region region_of(UWord page)
{
	const NSegment *segment = VG_(am_find_nsegment)(page << PAGE_SHIFT);

	if (!segment)
		return REGION_ANONYMOUS;
	if (segment->kind == SkFileC)
		return region_of_file(segment);
	if (segment->kind == SkAnonC && segment->isCH)
		return REGION_HEAP;
	return is_stack(segment) ? REGION_STACK : REGION_ANONYMOUS;
}

/* What was in the range is no more: the next touch of such a page is the first of a new one. */
static void forget(Addr address, SizeT size)
{
	UWord first = address >> PAGE_SHIFT;
	UWord end = (address + size + (1ul << PAGE_SHIFT) - 1) >> PAGE_SHIFT;
	UWord page, nr_gone = 0, *gone;

	if (!size)
		return;
	/* What this window touched counts as seen before it goes. */
	window_flush();
	gone = VG_(malloc)("cxltrace.gone", (VG_(OSetWord_Size)(known) + 1) * sizeof *gone);
	if (end - first < (UWord)VG_(OSetWord_Size)(known)) {
		for (page = first; page < end; page++)
			if (VG_(OSetWord_Contains)(known, page))
				gone[nr_gone++] = page;
	} else {
		VG_(OSetWord_ResetIter)(known);
		while (VG_(OSetWord_Next)(known, &page))
			if (page >= first && page < end)
				gone[nr_gone++] = page;
	}
	for (UWord i = 0; i < nr_gone; i++) {
		VG_(OSetWord_Remove)(known, gone[i]);
		recent[gone[i] % NR_RECENT] = 0;
	}
	if (nr_gone)
		stream_unmap(first, end - first);
	VG_(free)(gone);
}

static void mapped(Addr address, SizeT size, Bool r, Bool w, Bool x, ULong handle)
{
	forget(address, size);
}

static void moved(Addr from, Addr to, SizeT size)
{
	forget(from, size);
}

void regions_discarded(Addr address, SizeT size)
{
	forget(address, size);
}

void regions_init(void)
{
	known = VG_(OSetWord_Create)(VG_(malloc), "cxltrace.known", VG_(free));
	VG_(track_new_mem_mmap)(mapped);
	VG_(track_die_mem_munmap)(forget);
	VG_(track_die_mem_brk)(forget);
	VG_(track_copy_mem_remap)(moved);
}
