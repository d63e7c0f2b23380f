/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tool as valgrind sees it: its options, and what it adds to the program's code. */
#include "recorder.h"
#include "pub_tool_libcassert.h"
#include "pub_tool_libcprint.h"
#include "pub_tool_machine.h"
#include "pub_tool_options.h"
#include "pub_tool_tooliface.h"

ULong option_llc_bytes;
Int option_window_pages = 512;
Int option_window_instructions = 1000000;
const HChar *option_output;
const HChar *option_begin = "cxlsim:invocation:begin";
const HChar *option_end = "cxlsim:invocation:end";
static Int option_llc_kb = 32768;

/* Instructions of one line that surely execute together, not yet counted. */
struct fetches {
	Addr address;
	UWord count;
};

static void add_call(IRSB *out, VG_REGPARM(2) void (*helper)(Addr, UWord), const HChar *name,
		     IRExpr *address, UWord argument, IRExpr *guard)
{
	IRDirty *call = unsafeIRDirty_0_N(2, name, VG_(fnptr_to_fnentry)(helper),
					  mkIRExprVec_2(address, mkIRExpr_HWord(argument)));

	if (guard)
		call->guard = guard;
	addStmtToIRSB(out, IRStmt_Dirty(call));
}

static void add_load(IRSB *out, IRExpr *address, SizeT size, IRExpr *guard)
{
	add_call(out, window_load, "window_load", address, size, guard);
}

static void add_store(IRSB *out, IRExpr *address, SizeT size, IRExpr *guard)
{
	add_call(out, window_store, "window_store", address, size, guard);
}

static void add_fetches(IRSB *out, struct fetches *fetches)
{
	if (fetches->count)
		add_call(out, window_fetch, "window_fetch", mkIRExpr_HWord(fetches->address),
			 fetches->count, NULL);
	fetches->count = 0;
}

static void count_instruction(IRSB *out, struct fetches *fetches, Addr address)
{
	if (fetches->count && fetches->address >> LINE_SHIFT != address >> LINE_SHIFT)
		add_fetches(out, fetches);
	if (!fetches->count)
		fetches->address = address;
	fetches->count++;
}

static SizeT size_of(const IRTypeEnv *types, const IRExpr *value)
{
	return sizeofIRType(typeOfIRExpr(types, value));
}

static void add_dirty(IRSB *out, const IRDirty *dirty)
{
	if (dirty->mFx == Ifx_Read || dirty->mFx == Ifx_Modify)
		add_load(out, dirty->mAddr, dirty->mSize, dirty->guard);
	if (dirty->mFx == Ifx_Write || dirty->mFx == Ifx_Modify)
		add_store(out, dirty->mAddr, dirty->mSize, dirty->guard);
}

static void add_swap(IRSB *out, const IRTypeEnv *types, const IRCAS *cas)
{
	SizeT size = size_of(types, cas->dataLo) * (cas->dataHi ? 2 : 1);

	add_load(out, cas->addr, size, NULL);
	add_store(out, cas->addr, size, NULL);
}

static void add_guarded_load(IRSB *out, const IRLoadG *load)
{
	IRType type = Ity_INVALID, wide = Ity_INVALID;

	typeOfIRLoadGOp(load->cvt, &wide, &type);
	add_load(out, load->addr, sizeofIRType(type), load->guard);
}

/* What a statement does to memory; the program's own statement follows it. */
static void add_accesses(IRSB *out, const IRStmt *st)
{
	const IRTypeEnv *types = out->tyenv;

	switch (st->tag) {
	case Ist_WrTmp:
		if (st->Ist.WrTmp.data->tag == Iex_Load)
			add_load(out, st->Ist.WrTmp.data->Iex.Load.addr,
				 sizeofIRType(st->Ist.WrTmp.data->Iex.Load.ty), NULL);
		break;
	case Ist_Store:
		add_store(out, st->Ist.Store.addr, size_of(types, st->Ist.Store.data), NULL);
		break;
	case Ist_StoreG:
		add_store(out, st->Ist.StoreG.details->addr,
			  size_of(types, st->Ist.StoreG.details->data),
			  st->Ist.StoreG.details->guard);
		break;
	case Ist_LoadG:
		add_guarded_load(out, st->Ist.LoadG.details);
		break;
	case Ist_Dirty:
		add_dirty(out, st->Ist.Dirty.details);
		break;
	case Ist_CAS:
		add_swap(out, types, st->Ist.CAS.details);
		break;
	case Ist_LLSC:
		if (!st->Ist.LLSC.storedata)
			add_load(out, st->Ist.LLSC.addr,
				 sizeofIRType(typeOfIRTemp(types, st->Ist.LLSC.result)), NULL);
		else
			add_store(out, st->Ist.LLSC.addr, size_of(types, st->Ist.LLSC.storedata),
				  NULL);
		break;
	default:
		break;
	}
}

static IRSB *instrument(VgCallbackClosure *closure, IRSB *in, const VexGuestLayout *layout,
			const VexGuestExtents *extents, const VexArchInfo *host, IRType guest_word,
			IRType host_word)
{
	IRSB *out = deepCopyIRSBExceptStmts(in);
	struct fetches fetches = { 0, 0 };
	Int i = 0;

	/* What comes before the first instruction is valgrind's own. */
	for (; i < in->stmts_used && in->stmts[i]->tag != Ist_IMark; i++)
		addStmtToIRSB(out, in->stmts[i]);
	for (; i < in->stmts_used; i++) {
		IRStmt *st = in->stmts[i];

		if (!st || st->tag == Ist_NoOp)
			continue;
		if (st->tag == Ist_IMark)
			count_instruction(out, &fetches, st->Ist.IMark.addr);
		else if (st->tag == Ist_Exit)
			add_fetches(out, &fetches);
		else
			add_accesses(out, st);
		addStmtToIRSB(out, st);
	}
	add_fetches(out, &fetches);
	return out;
}

static Bool read_option(const HChar *arg)
{
	return VG_STR_CLO(arg, "--trace-folder", option_output) ||
	       VG_STR_CLO(arg, "--mark-begin", option_begin) ||
	       VG_STR_CLO(arg, "--mark-end", option_end) ||
	       VG_BINT_CLO(arg, "--llc-kb", option_llc_kb, 16, 1 << 24) ||
	       VG_BINT_CLO(arg, "--window-pages", option_window_pages, 1, 1 << 20) ||
	       VG_BINT_CLO(arg, "--window-instructions", option_window_instructions, 1, 1 << 30);
}

static void print_usage(void)
{
	VG_(printf)("    --trace-folder=DIR          where each process writes its file\n"
		    "    --mark-begin=TEXT           a line written when an invocation begins\n"
		    "    --mark-end=TEXT             a line written when it ends\n"
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
		VG_(fmsg_bad_option)("--trace-folder", "is missing; a folder would be right\n");
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
