/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the tool adds to the program's code. */
#include "recorder.h"
#include "pub_tool_libcassert.h"
#include "pub_tool_machine.h"
#include "pub_tool_mallocfree.h"

/*
 * A segment is code that surely executes from end to end. What the program executes of it is left in
 * pending[], which costs a store for each access:
 *
 *     | segment | address of each access |    ▲ pending_next
 *
 * and count.c counts it when pending[] is full, or when something happens that must find it counted.
 */
struct builder {
	IRSB *out;
	IRExpr *pending; /* where pending[] ended when the block was entered */
	UInt nr_stored; /* words since then */
	UInt nr_lines, nr_accesses;
	ULong line[MAX_LINES];
	UChar access[MAX_ACCESSES];
};

static IRExpr *value_of(IRSB *out, IRExpr *flat)
{
	IRTemp temp = newIRTemp(out->tyenv, typeOfIRExpr(out->tyenv, flat));

	addStmtToIRSB(out, IRStmt_WrTmp(temp, flat));
	return IRExpr_RdTmp(temp);
}

static IRExpr *word(UWord value)
{
	return mkIRExpr_HWord(value);
}

static IRExpr *pending_next_of(IRSB *out)
{
	return value_of(out, IRExpr_Load(Iend_LE, Ity_I64, word((UWord)&pending_next)));
}

static IRExpr *pending_at(struct builder *b, UInt words)
{
	return words ? value_of(b->out, IRExpr_Binop(Iop_Add64, b->pending, word(8 * words))) :
		       b->pending;
}

static void store(struct builder *b, IRExpr *place, IRExpr *value)
{
	addStmtToIRSB(b->out, IRStmt_Store(Iend_LE, place, value));
}

/* Makes room for all that a block can leave. */
static void enter(struct builder *b)
{
	IRDirty *call = unsafeIRDirty_0_N(0, "count_pending",
					  VG_(fnptr_to_fnentry)(count_pending), mkIRExprVec_0());

	call->guard = value_of(b->out, IRExpr_Binop(Iop_CmpLT64U, word((UWord)pending_limit),
						    pending_next_of(b->out)));
	addStmtToIRSB(b->out, IRStmt_Dirty(call));
	b->pending = pending_next_of(b->out);
}

static void end_segment(struct builder *b)
{
	const struct segment *segment;

	if (!b->nr_lines && !b->nr_accesses)
		return;
	segment = segment_of(b->line, b->nr_lines, b->access, b->nr_accesses);
	store(b, pending_at(b, b->nr_stored), word((UWord)segment));
	b->nr_stored += 1 + b->nr_accesses;
	store(b, word((UWord)&pending_next), pending_at(b, b->nr_stored));
	b->nr_lines = b->nr_accesses = 0;
}

static void add_part(struct builder *b, enum access access, IRExpr *address, SizeT size)
{
	tl_assert(b->nr_accesses < MAX_ACCESSES);
	store(b, pending_at(b, b->nr_stored + 1 + b->nr_accesses), address);
	b->access[b->nr_accesses++] = access_byte(access, size);
}

/* An access that does not happen is left as address 0. */
static void add_access(struct builder *b, enum access access, IRExpr *address, SizeT size,
		       IRExpr *guard)
{
	SizeT done = size < LINE_BYTES ? size : LINE_BYTES;

	if (guard)
		address = value_of(b->out, IRExpr_ITE(guard, address, word(0)));
	add_part(b, access, address, done);
	for (; done < size; done += LINE_BYTES) {
		IRExpr *next = value_of(b->out, IRExpr_Binop(Iop_Add64, address, word(done)));

		if (guard)
			next = value_of(b->out, IRExpr_ITE(guard, next, word(0)));
		add_part(b, access, next, size - done < LINE_BYTES ? size - done : LINE_BYTES);
	}
}

static void add_load(struct builder *b, IRExpr *address, SizeT size, IRExpr *guard)
{
	add_access(b, ACCESS_LOAD, address, size, guard);
}

static void add_store(struct builder *b, IRExpr *address, SizeT size, IRExpr *guard)
{
	add_access(b, ACCESS_STORE, address, size, guard);
}

static void count_instruction(struct builder *b, Addr address)
{
	UWord line = address >> LINE_SHIFT;

	if (!b->nr_lines || line_of_word(b->line[b->nr_lines - 1]) != line) {
		tl_assert(b->nr_lines < MAX_LINES);
		b->line[b->nr_lines++] = line_word(line, 0);
	}
	b->line[b->nr_lines - 1]++;
}

static SizeT size_of(const IRTypeEnv *types, const IRExpr *value)
{
	return sizeofIRType(typeOfIRExpr(types, value));
}

static void add_dirty(struct builder *b, const IRDirty *dirty)
{
	if (dirty->mFx == Ifx_Read || dirty->mFx == Ifx_Modify)
		add_load(b, dirty->mAddr, dirty->mSize, dirty->guard);
	if (dirty->mFx == Ifx_Write || dirty->mFx == Ifx_Modify)
		add_store(b, dirty->mAddr, dirty->mSize, dirty->guard);
}

static void add_swap(struct builder *b, const IRTypeEnv *types, const IRCAS *cas)
{
	SizeT size = size_of(types, cas->dataLo) * (cas->dataHi ? 2 : 1);

	add_load(b, cas->addr, size, NULL);
	add_store(b, cas->addr, size, NULL);
}

static void add_guarded_load(struct builder *b, const IRLoadG *load)
{
	IRType type = Ity_INVALID, wide = Ity_INVALID;

	typeOfIRLoadGOp(load->cvt, &wide, &type);
	add_load(b, load->addr, sizeofIRType(type), load->guard);
}

/* What a statement does to memory; the program's own statement follows it. */
static void add_accesses(struct builder *b, const IRStmt *st)
{
	const IRTypeEnv *types = b->out->tyenv;

	switch (st->tag) {
	case Ist_WrTmp:
		if (st->Ist.WrTmp.data->tag == Iex_Load)
			add_load(b, st->Ist.WrTmp.data->Iex.Load.addr,
				 sizeofIRType(st->Ist.WrTmp.data->Iex.Load.ty), NULL);
		break;
	case Ist_Store:
		add_store(b, st->Ist.Store.addr, size_of(types, st->Ist.Store.data), NULL);
		break;
	case Ist_StoreG:
		add_store(b, st->Ist.StoreG.details->addr,
			  size_of(types, st->Ist.StoreG.details->data),
			  st->Ist.StoreG.details->guard);
		break;
	case Ist_LoadG:
		add_guarded_load(b, st->Ist.LoadG.details);
		break;
	case Ist_Dirty:
		add_dirty(b, st->Ist.Dirty.details);
		break;
	case Ist_CAS:
		add_swap(b, types, st->Ist.CAS.details);
		break;
	case Ist_LLSC:
		if (!st->Ist.LLSC.storedata)
			add_load(b, st->Ist.LLSC.addr,
				 sizeofIRType(typeOfIRTemp(types, st->Ist.LLSC.result)), NULL);
		else
			add_store(b, st->Ist.LLSC.addr, size_of(types, st->Ist.LLSC.storedata),
				  NULL);
		break;
	default:
		break;
	}
}

IRSB *instrument(VgCallbackClosure *closure, IRSB *in, const VexGuestLayout *layout,
		 const VexGuestExtents *extents, const VexArchInfo *host, IRType guest_word,
		 IRType host_word)
{
	struct builder b = { .out = deepCopyIRSBExceptStmts(in) };
	Int i = 0;

	/* What comes before the first instruction is valgrind's own. */
	for (; i < in->stmts_used && in->stmts[i]->tag != Ist_IMark; i++)
		addStmtToIRSB(b.out, in->stmts[i]);
	enter(&b);
	for (; i < in->stmts_used; i++) {
		IRStmt *st = in->stmts[i];

		if (!st || st->tag == Ist_NoOp)
			continue;
		if (st->tag == Ist_IMark)
			count_instruction(&b, st->Ist.IMark.addr);
		else if (st->tag == Ist_Exit)
			end_segment(&b);
		else
			add_accesses(&b, st);
		addStmtToIRSB(b.out, st);
	}
	end_segment(&b);
	tl_assert(b.nr_stored <= PENDING_ROOM);
	return b.out;
}
