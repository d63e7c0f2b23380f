/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The file of one process: a line that names the format, then records of a letter and unsigned LEB128
 * numbers. sim/recording/recorder-stream.ts reads it. Every record but `C` and `U` begins with the
 * instructions since the record before.
 *
 *     C pid parent how length name    the process; how: 0 a program's start, 1 forked, 2 forked by its
 *                                     parent within an invocation
 *     R gap what page [counts…]       what: bits 0-2 loads, stores, fetches; 3-5 their misses;
 *                                     from bit 6 the page's region + 1, or 0 if it was known
 *     U first pages                   given back
 *     B gap, E gap                    an invocation begins, ends
 *     Z gap                           the process ended
 */
#include "recorder.h"
#include "pub_tool_basics.h"
#include "pub_tool_clientstate.h"
#include "pub_tool_libcassert.h"
#include "pub_tool_libcfile.h"
#include "pub_tool_libcprint.h"
#include "pub_tool_libcproc.h"
#include "pub_tool_mallocfree.h"
#include "pub_tool_vki.h"

/* Moves a file out of the program's range of numbers; in the library, not in its headers. */
extern Int VG_(safe_fd)(Int fd);

#define BUFFER_BYTES (1 << 16)
#define RECORD_BYTES 128

static UChar buffer[BUFFER_BYTES];
static UInt used;
static Int fd = -1;
static ULong written_at; /* instructions at the last record */
static Bool inside;	 /* an invocation, by the last mark */

void stream_flush(void)
{
	UInt done = 0;

	while (done < used) {
		Int n = VG_(write)(fd, buffer + done, used - done);

		if (n <= 0) {
			VG_(umsg)("cxltrace: cannot write to %s; expected room there, or TMPDIR elsewhere\n",
				  option_output);
			VG_(exit)(1);
		}
		done += n;
	}
	used = 0;
}

static void letter(HChar name)
{
	if (used + RECORD_BYTES > BUFFER_BYTES)
		stream_flush();
	buffer[used++] = name;
}

static void number(ULong value)
{
	while (value >= 0x80) {
		buffer[used++] = value | 0x80;
		value >>= 7;
	}
	buffer[used++] = value;
}

static void gap_until(ULong instructions)
{
	number(instructions - written_at);
	written_at = instructions;
}

static void text(const HChar *bytes, UInt length)
{
	stream_flush();
	VG_(memcpy)(buffer, bytes, length);
	used = length;
	stream_flush();
}

void stream_open(Bool forked)
{
	static const HChar name_of_format[] = "cxltrace-recorder 2\n";
	const HChar *name = VG_(args_the_exename) ? VG_(args_the_exename) : "?";
	HChar path[4096];
	UInt length = VG_(strlen)(name), attempt = 0;
	SysRes result;

	if (fd >= 0)
		VG_(close)(fd);
	/* One process may execute several programs, each with its own file. */
	do {
		if (VG_(strlen)(option_output) > sizeof path - 64)
			VG_(exit)(1);
		VG_(sprintf)(path, "%s/%d.%u", option_output, VG_(getpid)(), attempt++);
		result = VG_(open)(path, VKI_O_CREAT | VKI_O_EXCL | VKI_O_WRONLY, 0600);
	} while (sr_isError(result) && sr_Err(result) == VKI_EEXIST && attempt < 100000);
	if (sr_isError(result)) {
		VG_(umsg)("cxltrace: cannot create %s\n", path);
		VG_(exit)(1);
	}
	fd = VG_(safe_fd)(sr_Res(result));
	used = 0;
	written_at = 0;
	text(name_of_format, sizeof name_of_format - 1);
	letter('C');
	number(VG_(getpid)());
	number(VG_(getppid)());
	number(forked ? 1 + inside : 0);
	inside = False;
	if (length > 1024)
		length = 1024;
	number(length);
	text(name, length);
}

void stream_run(const struct run *run)
{
	ULong what = 0;

	for (UInt access = 0; access < NR_ACCESSES; access++) {
		what |= (run->count[access] ? 1 : 0) << access;
		what |= (run->misses[access] ? 1 : 0) << (access + NR_ACCESSES);
	}
	what |= (ULong)run->region << (2 * NR_ACCESSES);
	letter('R');
	gap_until(run->first_touch);
	number(what);
	number(run->page);
	for (UInt access = 0; access < NR_ACCESSES; access++)
		if (run->count[access])
			number(run->count[access]);
	for (UInt access = 0; access < NR_ACCESSES; access++)
		if (run->misses[access])
			number(run->misses[access]);
}

void stream_unmap(UWord first, UWord pages)
{
	letter('U');
	number(first);
	number(pages);
}

void stream_mark(Bool begin)
{
	window_flush();
	inside = begin;
	letter(begin ? 'B' : 'E');
	gap_until(window_instructions);
}

void stream_end(void)
{
	window_flush();
	letter('Z');
	gap_until(window_instructions);
	stream_flush();
}
