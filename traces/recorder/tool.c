/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tool as valgrind sees it: its options, its start and its end. */
#include "recorder.h"
#include "pub_tool_libcprint.h"
#include "pub_tool_options.h"

ULong option_llc_bytes;
Int option_window_pages = 512;
Int option_window_instructions = 1000000;
const HChar *option_output;
const HChar *option_begin = "cxlsim:invocation:begin";
const HChar *option_end = "cxlsim:invocation:end";
Bool option_within;
static Int option_llc_kb = 32768;

static Bool read_option(const HChar *arg)
{
	return VG_STR_CLO(arg, "--trace-folder", option_output) ||
	       VG_STR_CLO(arg, "--mark-begin", option_begin) ||
	       VG_STR_CLO(arg, "--mark-end", option_end) ||
	       VG_BOOL_CLO(arg, "--mark-within", option_within) ||
	       VG_BINT_CLO(arg, "--llc-kb", option_llc_kb, 16, 1 << 24) ||
	       VG_BINT_CLO(arg, "--window-pages", option_window_pages, 1, 1 << 20) ||
	       VG_BINT_CLO(arg, "--window-instructions", option_window_instructions, 1, 1 << 30);
}

static void print_usage(void)
{
	VG_(printf)("    --trace-folder=DIR          where each process writes its file\n"
		    "    --mark-begin=TEXT           a line written when an invocation begins\n"
		    "    --mark-end=TEXT             a line written when it ends\n"
		    "    --mark-within=no|yes        whether lines need only hold these texts [no]\n"
		    "    --llc-kb=N                  last-level cache [32768]\n"
		    "    --window-pages=N            pages counted together [512]\n"
		    "    --window-instructions=N     at most so long [1000000]\n");
}

static void print_debug_usage(void)
{
}

static void start(void)
{
	if (!option_output)
		VG_(fmsg_bad_option)("--trace-folder", "is missing; expected a folder\n");
	option_llc_bytes = (ULong)option_llc_kb << 10;
	cache_init();
	window_init();
	stream_open(False);
}

static void finish(Int exit_code)
{
	stream_end();
}

static void before_options(void)
{
	VG_(details_name)("cxltrace");
	VG_(details_version)(NULL);
	VG_(details_description)("records the pages that a program touches");
	VG_(details_copyright_author)("Part of cxlsim, GPL-2.0-or-later.");
	VG_(details_bug_reports_to)("the cxlsim project");
	VG_(details_avg_translation_sizeB)(400);
	VG_(basic_tool_funcs)(start, instrument, finish);
	VG_(needs_command_line_options)(read_option, print_usage, print_debug_usage);
	regions_init();
	marks_init();
}

VG_DETERMINE_INTERFACE_VERSION(before_options)
