// SPDX-License-Identifier: GPL-2.0
/* What becomes of each attribute of a process in a child. */
#include <stdio.h>
#include "state-table.h"

static const struct {
	const char *attribute, *fate, *remark;
} table[] = {
	{ "registers, FPU, vector state", "restored", "refused if the CPU's state layout differs" },
	{ "private memory, stack, heap, brk", "restored", "pages that were mapped or swapped out" },
	{ "private file pages", "restored", "those that were mapped, clean ones too; the rest from the same file" },
	{ "shared file mappings", "restored", "mapped again by path" },
	{ "shared anonymous memory, memfd, shm", "refused", "" },
	{ "hugetlb, device memory, sealed memory", "refused", "" },
	{ "userfaultfd, shadow stacks, protection keys", "refused", "" },
	{ "MADV_DONTFORK, DONTDUMP, HUGEPAGE flags", "restored", "" },
	{ "MADV_WIPEONFORK memory", "restored", "zeroed, as by fork" },
	{ "mlock", "reset", "" },
	{ "names of anonymous memory, memory policies", "reset", "" },
	{ "auxv, arguments, environment, exe", "restored", "" },
	{ "threads", "restored", "up to 64; each adopted by a thread of the loader" },
	{ "signal dispositions, masks, sigaltstack", "restored", "" },
	{ "pending signals", "refused", "" },
	{ "rseq, robust list, clear_child_tid", "restored", "the stored thread id is replaced" },
	{ "interrupted system calls", "restored", "made again from their beginning" },
	{ "pid, tid", "from the caller", "the parent's with --pid keep, in a new PID namespace" },
	{ "comm, cwd, umask", "restored", "" },
	{ "session, process group, terminal", "from the caller", "" },
	{ "credentials, capabilities", "from the caller", "" },
	{ "seccomp", "refused", "" },
	{ "resource limits, scheduling, affinity", "from the caller", "" },
	{ "POSIX timers, interval timers", "refused", "" },
	{ "clocks", "restored", "monotonic and boot time do not go back (time namespace)" },
	{ "child processes", "refused", "" },
	{ "ptrace", "refused", "" },
	{ "descriptors 0, 1, 2 and --inherit-fd", "from the caller", "" },
	{ "regular files, directories, null, zero, random", "restored", "by path, flags, offset; size and time must match" },
	{ "pipes, sockets, epoll, eventfd, other descriptors", "refused", "" },
	{ "file locks, leases, async I/O ownership", "reset", "" },
	{ "io_uring", "refused", "" },
	{ "I/O ports, LDT, fs or gs selectors, AMX tiles", "refused", "" },
	{ "root directory, namespaces, cgroups", "from the caller", "the paper restores mounts and the PID namespace" },
};

void print_state_table(void)
{
	printf("\n%-52s %-16s %s\n", "attribute", "in a child", "remark");
	for (unsigned int i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		printf("%-52s %-16s %s\n", table[i].attribute, table[i].fate, table[i].remark);
}
