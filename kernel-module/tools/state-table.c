// SPDX-License-Identifier: GPL-2.0
/*
 * What becomes of each attribute of a process in a child, and which test shows it: a case of
 * rfork-selftest, or a scenario of the testbed. docs/state-table.md holds the same rows; a test of the
 * clone compares the two and looks for each named test.
 */
#include <stdio.h>
#include "rforkctl.h"
#include "state-table.h"

static const struct {
	const char *attribute, *fate, *remark, *tests;
} table[] = {
	{ "registers, FPU", "restored", "refused if the CPU's state layout differs", "registers-are-restored" },
	{ "vector state", "restored", "all that xsave knows", "wide-vectors-are-restored" },
	{ "private memory, stack, heap, brk", "restored", "pages that were mapped; the others read as zeros", "private-memory-is-restored" },
	{ "swapped memory", "restored", "read back by the checkpoint", "swapped-memory-is-restored" },
	{ "huge pages", "restored", "as small pages", "huge-pages-are-restored" },
	{ "private file pages", "restored", "those that were mapped, clean ones too; the rest from the same file", "private-file-pages-are-restored" },
	{ "shared file mappings", "restored", "mapped again by path", "shared-file-mapping-is-restored" },
	{ "protections of memory", "restored", "", "protections-are-restored" },
	{ "memory that grows down", "restored", "", "memory-that-grows-down-is-restored" },
	{ "memory in the first 2 MiB", "restored", "refused by the restore below vm.mmap_min_addr", "memory-at-low-addresses-is-restored low-memory-of-the-privileged-is-refused" },
	{ "shared anonymous memory", "restored", "the child's own, with copies of its pages; refused if other processes have it", "shared-anonymous-memory-is-each-childs-own shared-memory-that-others-have-is-refused" },
	{ "memfd, System V memory", "refused", "also System V memory that it made and nobody maps", "memfd-memory-is-refused sysv-memory-is-refused sysv-memory-that-it-made-is-refused" },
	{ "mappings of deleted files", "refused", "", "mapping-of-a-deleted-file-is-refused" },
	{ "hugetlb memory", "refused", "", "hugetlb-is-refused" },
	{ "device memory", "refused", "", "device-memory-is-refused" },
	{ "probes of others in code (perf, bpftrace)", "refused", "set in a child by whoever set them for all", "probed-code-is-refused probe-from-before-a-restore-is-set-in-the-child probe-in-a-childs-code-is-its-own" },
	{ "sealed and droppable memory", "refused", "", "sealed-memory-is-refused droppable-memory-is-refused" },
	{ "userfaultfd", "refused", "a child may use it itself", "userfaultfd-is-refused child-may-use-userfaultfd" },
	{ "shadow stacks", "refused", "", "shadow-stack-is-refused" },
	{ "protection keys", "restored", "refused where memory has one", "allocated-protection-keys-are-restored protection-key-is-refused" },
	{ "tagged addresses", "refused", "", "address-masking-is-refused" },
	{ "MADV_DONTFORK, DONTDUMP, HUGEPAGE, SEQUENTIAL, RANDOM", "restored", "", "advice-of-memory-is-restored" },
	{ "MADV_WIPEONFORK memory", "restored", "zeroed, as by fork", "wipeonfork-memory-is-zeroed" },
	{ "mlock", "reset", "told by the restore", "mlock-is-reset" },
	{ "MADV_MERGEABLE, PR_SET_MEMORY_MERGE", "reset", "told by the restore; pages of a checkpoint are shared anyway", "advice-of-memory-is-restored" },
	{ "names of anonymous memory", "reset", "told by the restore", "names-of-memory-are-reset" },
	{ "memory policies of ranges", "reset", "told by the restore", "memory-policy-of-a-range-is-reset" },
	{ "auxv, arguments, environment, exe", "restored", "", "auxv-arguments-environment-and-exe-are-restored" },
	{ "the 16 bytes at AT_RANDOM", "reset", "the child's restore id", "children-share-all-but-what-tells-them-apart" },
	{ "threads", "restored", "up to 64; each adopted by a thread of the loader", "threads-go-on-in-the-child more-than-64-threads-are-refused" },
	{ "memory, descriptors or directory shared by clone()", "refused", "with another process, or not by all threads", "sharing-with-another-process-is-refused threads-with-a-directory-of-their-own-are-refused" },
	{ "credentials, namespaces or control groups of single threads; a main thread that has ended", "refused", "", "threads-that-differ-are-refused process-without-main-thread-is-refused" },
	{ "signal dispositions, masks, sigaltstack", "restored", "", "signal-state-is-restored" },
	{ "pending signals", "refused", "", "pending-signal-is-refused" },
	{ "stopped processes", "refused", "", "stopped-process-is-refused" },
	{ "rseq", "restored", "", "rseq-is-restored" },
	{ "robust list", "restored", "", "robust-list-is-restored" },
	{ "clear_child_tid", "restored", "the stored thread id is replaced", "threads-go-on-in-the-child" },
	{ "vDSO", "restored", "refused where it was moved apart, changed, or unmapped in part", "moved-program-gets-time-from-the-vdso moved-vdso-is-refused" },
	{ "thread ids in held robust, PI or error-checking locks", "restored", "the parent's: valid with --pid keep only", "kept-pid-and-clock" },
	{ "interrupted system calls", "restored", "made again from their beginning", "interrupted-nanosleep-is-made-again interrupted-futex-wait-is-made-again call-that-goes-on-is-made-again interrupted-read-is-made-again interrupted-epoll-wait-is-made-again interrupted-semop-is-made-again interrupted-receive-with-a-limit-is-made-again interrupted-accept-with-a-limit-is-made-again refused-checkpoint-interrupts-no-call" },
	{ "pid, tid", "from the caller", "the parent's with --pid keep, in a new PID namespace", "pid-is-the-callers kept-pid-and-clock" },
	{ "comm, cwd, umask", "restored", "", "comm-cwd-and-umask-are-restored" },
	{ "personality", "restored", "", "personality-is-restored" },
	{ "session, process group, terminal", "from the caller", "told where it differs", "session-and-terminal-are-the-callers" },
	{ "credentials, capabilities, securebits, no_new_privs", "from the caller", "with keyrings and LSM labels; told where it differs, but for these two", "credentials-are-the-callers" },
	{ "seccomp", "refused", "", "seccomp-is-refused" },
	{ "resource limits", "from the caller", "refused if there is no room for the child, also by vm.overcommit_memory or vm.mmap_min_addr; told where it differs", "limits-are-the-callers limits-of-the-caller-are-kept more-memory-than-is-promised-is-refused low-memory-of-the-privileged-is-refused difference-is-refused-when-asked nothing-is-told-of-a-child-like-its-parent" },
	{ "scheduling, nice, I/O priority, timer slack, OOM score", "from the caller", "told where it differs", "scheduling-is-the-callers" },
	{ "affinity, memory policy of the process", "from the caller", "told where it differs", "affinity-and-memory-policy-are-the-callers" },
	{ "dumpable, death signal, subreaper, THP and core filter, PR_MCE_KILL", "from the caller", "told where it differs", "settings-of-the-process-are-the-callers" },
	{ "POSIX timers, interval timers", "refused", "a child may arm its own", "posix-timer-is-refused every-interval-timer-is-refused moved-program-may-arm-timers" },
	{ "clocks", "restored", "monotonic and boot time do not go back (time namespace)", "kept-pid-and-clock" },
	{ "PR_SET_MDWE, PR_SET_TSC, ARCH_SET_CPUID, PR_SET_SPECULATION_CTRL, PR_SET_IO_FLUSHER", "refused", "reset with --drop settings", "settings-of-the-process-are-refused" },
	{ "registrations with membarrier()", "restored", "of the process's own; REGISTER_GLOBAL_EXPEDITED is refused, or reset with --drop settings", "membarrier-registrations-are-restored settings-of-the-process-are-refused" },
	{ "used time, faults and I/O, start time, exit signal", "from the caller", "", "usage-is-the-callers" },
	{ "login uid, audit session", "from the caller", "told where it differs", "credentials-are-the-callers" },
	{ "child processes", "refused", "", "children-are-refused" },
	{ "ptrace", "refused", "of it and by it; leave given by PR_SET_PTRACER is reset", "traced-process-is-refused tracer-is-refused" },
	{ "system calls handled by the process itself", "refused", "PR_SET_SYSCALL_USER_DISPATCH", "syscall-dispatch-is-refused" },
	{ "descriptors 0, 1, 2", "from the caller", "", "descriptors-0-1-2-are-the-callers" },
	{ "descriptors of --inherit-fd", "from the caller", "", "inherited-descriptor-is-the-callers" },
	{ "regular files, directories, symbolic links, null, zero, random", "restored", "by path, flags, offset; size and time must match, but of files open for writing; a directory that was read in part is refused", "files-are-restored changed-file-is-refused directory-that-was-read-is-refused files-out-of-reach-are-restored" },
	{ "files of /proc, /sys and cgroups", "restored", "by path and offset, whatever their time; what they say is of the child's node", "generated-files-are-restored" },
	{ "files of an overlay", "restored", "by their name in it", "files-of-an-overlay-are-restored" },
	{ "files, mappings, programs, directories whose name leads elsewhere", "refused", "mounted over, unmounted, or outside the root", "files-under-a-mount-are-refused directories-under-a-mount-are-refused files-outside-the-root-are-refused" },
	{ "offsets that descriptors share", "restored", "by dup(), not with other processes", "shared-offsets-are-restored" },
	{ "eventfd", "restored", "if nobody else has it open", "eventfd-is-restored descriptors-that-others-have-are-refused" },
	{ "pipes", "restored", "with their bytes, if nobody else has an end open; a FIFO by its name, and bytes only into one that nobody has open there; packets are refused", "pipes-are-restored fifos-are-restored descriptors-that-others-have-are-refused descriptors-of-kernel-objects-are-refused" },
	{ "epoll", "restored", "if nobody else has it open and each watch is of what its descriptor is; what is ready is told once more; refused where a one-shot watch has fired", "epoll-is-restored epoll-of-what-was-a-descriptor-is-refused descriptors-that-others-have-are-refused fired-one-shot-watch-is-refused" },
	{ "sockets", "refused", "", "socket-is-refused" },
	{ "other descriptors", "refused", "timerfd, signalfd, inotify, pidfd, memfd, devices, message queues", "descriptors-of-kernel-objects-are-refused message-queue-is-refused deleted-file-is-refused deleted-fifo-is-refused" },
	{ "file locks, leases", "refused", "reset with --drop locks", "locks-and-leases-are-refused locks-on-pipes-are-refused locks-and-leases-are-reset" },
	{ "async I/O ownership, directory notification (F_NOTIFY)", "refused", "reset with --drop locks", "locks-and-leases-are-reset owners-of-files-are-refused" },
	{ "System V semaphores", "refused", "with SEM_UNDO; reset with --drop semaphores", "semaphores-with-undo-are-refused" },
	{ "System V semaphores without SEM_UNDO, message queues", "from the caller", "the node's, by number or key", "semaphores-and-queues-are-the-nodes" },
	{ "asynchronous I/O (io_setup)", "refused", "", "asynchronous-io-is-refused" },
	{ "working directories, programs that are deleted; files of /proc/PID", "refused", "", "deleted-places-and-files-of-processes-are-refused" },
	{ "io_uring", "refused", "", "io-uring-is-refused" },
	{ "I/O ports", "refused", "", "io-ports-are-refused" },
	{ "LDT, fs or gs selectors", "refused", "", "ldt-is-refused segment-selectors-are-refused" },
	{ "AMX tiles", "refused", "", "amx-tiles-are-refused" },
	{ "root directory", "from the caller", "told where it differs", "root-directory-is-the-callers" },
	{ "namespaces", "from the caller", "also those for its children; the paper restores mounts and the PID namespace; told where it differs", "namespaces-are-the-callers namespaces-of-children-are-the-callers" },
	{ "cgroup", "from the caller", "of every hierarchy; told where it differs", "control-group-is-the-callers control-group-of-version-1-is-the-callers" },
};

void print_state_table(void)
{
	if (json_output)
		list_begin("state");
	else
		printf("\n%-56s %-16s %s\n", "attribute", "in a child", "remark");
	for (unsigned int i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		if (!json_output) {
			printf("%-56s %-16s %s\n", table[i].attribute, table[i].fate, table[i].remark);
			continue;
		}
		record_begin();
		record_text("attribute", table[i].attribute);
		record_text("in_a_child", table[i].fate);
		record_text("remark", table[i].remark);
		record_end();
	}
	if (json_output)
		list_end();
}
