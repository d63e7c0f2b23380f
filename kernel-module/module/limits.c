// SPDX-License-Identifier: GPL-2.0
/* Whether the caller's limits, and those of this node, have room for the child. */
#include <linux/capability.h>
#include <linux/mman.h>
#include <linux/percpu_counter.h>
#include <linux/sched/signal.h>
#include "restore.h"

static int check_memory(const struct rfork_image_header *header, struct rfork_reason *why)
{
	const struct rfork_vma *vmas = rfork_section(header, &header->vmas);
	u64 all = 0, data = 0, i;
	u64 most = READ_ONCE(*rfork_sym.max_map_count);

	/* As mmap has it, which lets one more than the limit be. */
	if (header->vmas.count > most + 1)
		return rfork_refuse(why, -ENOMEM,
				    "the child has %llu mappings; vm.max_map_count is %llu here",
				    header->vmas.count, most);

	for (i = 0; i < header->vmas.count; i++) {
		u64 bytes = vmas[i].end - vmas[i].start;

		all += bytes;
		if ((vmas[i].flags & (VM_WRITE | VM_SHARED | VM_STACK)) == VM_WRITE)
			data += bytes;
	}
	if (all > rlimit(RLIMIT_AS))
		return rfork_refuse(why, -ENOMEM,
				    "the child has %llu bytes of address space; the caller's limit is %lu",
				    all, rlimit(RLIMIT_AS));
	/* As mmap has it: a soft limit of 0 means the hard one. */
	if (data > (rlimit(RLIMIT_DATA) ?: rlimit_max(RLIMIT_DATA)))
		return rfork_refuse(why, -ENOMEM,
				    "the child has %llu bytes of data; the caller's limit is %lu", data,
				    rlimit(RLIMIT_DATA) ?: rlimit_max(RLIMIT_DATA));
	return 0;
}

/*
 * Whether the kernel would promise so much memory, which it asks for each mapping. What it promises
 * is given back.
 */
static int check_commitment(const struct rfork_image_header *header, struct rfork_reason *why)
{
	const struct rfork_vma *vmas = rfork_section(header, &header->vmas);
	int privileged = ns_capable_noaudit(&init_user_ns, CAP_SYS_ADMIN);
	/* A node that never promises too much promises these, too. */
	u64 unpromised =
		READ_ONCE(*rfork_sym.overcommit_memory) == OVERCOMMIT_NEVER ? 0 : VM_NORESERVE;
	long promised = 0, pages = 0;
	bool refused = false;
	u64 i;

	for (i = 0; !refused && i < header->vmas.count; i++) {
		if ((vmas[i].flags & (VM_WRITE | VM_SHARED | unpromised)) != VM_WRITE)
			continue;
		pages = (vmas[i].end - vmas[i].start) >> PAGE_SHIFT;
		refused = rfork_sym.vm_enough_memory(current->mm, pages, privileged);
		promised += refused ? 0 : pages;
	}
	percpu_counter_add(rfork_sym.vm_committed_as, -promised);
	return refused ? rfork_refuse(why, -ENOMEM,
				      "the child's mapping of %ld pages is more than is promised here (vm.overcommit_memory)",
				      pages) : 0;
}

/* Low addresses are for few. */
static int check_addresses(const struct rfork_image_header *header, struct rfork_reason *why)
{
	const struct rfork_vma *vmas = rfork_section(header, &header->vmas);

	if (header->vmas.count && rfork_sym.cap_mmap_addr(vmas[0].start))
		return rfork_refuse(why, -EPERM,
				    "the child has memory at %#llx, below vm.mmap_min_addr of here",
				    vmas[0].start);
	return 0;
}

static int check_descriptors(const struct rfork_image_header *header, struct rfork_reason *why)
{
	const struct rfork_open_file *files = rfork_section(header, &header->files);
	u64 count = header->files.count;

	/* They ascend. */
	if (count && files[count - 1].fd >= rlimit(RLIMIT_NOFILE))
		return rfork_refuse(why, -EMFILE,
				    "the child has a descriptor %u; the caller's limit is %lu",
				    files[count - 1].fd, rlimit(RLIMIT_NOFILE));
	return 0;
}

int rfork_limits_check(const struct rfork_image_header *header, struct rfork_reason *why)
{
	return check_memory(header, why) ?: check_addresses(header, why) ?:
	       check_commitment(header, why) ?: check_descriptors(header, why);
}
