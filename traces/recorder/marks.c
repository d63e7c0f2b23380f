/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the program asks of the kernel: marks that it writes, memory that the kernel touches for it. */
#include "recorder.h"
#include "pub_tool_aspacemgr.h"
#include "pub_tool_libcproc.h"
#include "pub_tool_tooliface.h"
#include "pub_tool_vki.h"
#include "pub_tool_vkiscnums.h"

/*
 * A mark is a whole line within the first bytes of one write. Its newline may be missing: CPython's
 * print() writes it on its own.
 */
#define SEARCHED_BYTES 4096

/* As the kernel's, which valgrind's headers leave out. */
#define ADVICE_DONTNEED 4
#define ADVICE_FREE 8

static Bool is_mark(const HChar *line, SizeT size, const HChar *wanted)
{
	SizeT length = VG_(strlen)(wanted), at = 0, last = option_within && size > length ? size - length : 0;

	if (option_within ? size < length : size != length)
		return False;
	while (at < last && VG_(memcmp)(line + at, wanted, length))
		at++;
	return VG_(memcmp)(line + at, wanted, length) == 0;
}

static void search(Addr buffer, SizeT size)
{
	const HChar *text = (const HChar *)buffer;
	SizeT start = 0;

	if (size > SEARCHED_BYTES)
		size = SEARCHED_BYTES;
	if (!size || !VG_(am_is_valid_for_client)(buffer, size, VKI_PROT_READ))
		return;
	for (SizeT at = 0; at <= size; at++) {
		if (at < size && text[at] != '\n')
			continue;
		if (is_mark(text + start, at - start, option_begin))
			stream_mark(True);
		else if (is_mark(text + start, at - start, option_end))
			stream_mark(False);
		start = at + 1;
	}
}

static void before_syscall(ThreadId tid, UInt number, UWord *args, UInt nr_args)
{
	/* The kernel may unmap what was touched. */
	count_pending();
	if (number == __NR_write) {
		search(args[1], args[2]);
	} else if (number == __NR_writev) {
		const struct vki_iovec *vector = (const struct vki_iovec *)args[1];
		UWord entries = args[2] < 16 ? args[2] : 16;

		if (!VG_(am_is_valid_for_client)(args[1], entries * sizeof *vector, VKI_PROT_READ))
			return;
		for (UWord i = 0; i < entries; i++)
			search((Addr)vector[i].iov_base, vector[i].iov_len);
	} else if (number == __NR_execve) {
		/* The new program starts valgrind anew: this one gets no other chance to write. */
		window_flush();
		stream_flush();
	}
}

static void after_syscall(ThreadId tid, UInt number, UWord *args, UInt nr_args, SysRes result)
{
	/* MADV_FREE leaves the pages until memory is short; here it is short at once. */
	if (number == __NR_madvise && !sr_isError(result) &&
	    (args[2] == ADVICE_DONTNEED || args[2] == ADVICE_FREE))
		regions_discarded(args[0], args[1]);
}

static void kernel_reads(CorePart part, ThreadId tid, const HChar *what, Addr address, SizeT size)
{
	if (part == Vg_CoreSysCall && size &&
	    VG_(am_is_valid_for_client)(address, size, VKI_PROT_READ))
		window_kernel(address, size, ACCESS_LOAD);
}

static void kernel_wrote(CorePart part, ThreadId tid, Addr address, SizeT size)
{
	if (part == Vg_CoreSysCall)
		window_kernel(address, size, ACCESS_STORE);
}

/* Two processes would write into one file. */
static void before_fork(ThreadId tid)
{
	window_flush();
	stream_flush();
}

static void in_child(ThreadId tid)
{
	window_restart();
	regions_forget_all();
	stream_open(True);
}

void marks_init(void)
{
	VG_(needs_syscall_wrapper)(before_syscall, after_syscall);
	VG_(track_pre_mem_read)(kernel_reads);
	VG_(track_post_mem_write)(kernel_wrote);
	VG_(atfork)(before_fork, NULL, in_child);
}
