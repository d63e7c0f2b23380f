// SPDX-License-Identifier: GPL-2.0
/* Whether the caller's resource limits, which a child keeps, have room for it. */
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
	return check_memory(header, why) ?: check_descriptors(header, why);
}
