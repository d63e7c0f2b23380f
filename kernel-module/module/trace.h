/* SPDX-License-Identifier: GPL-2.0 */
/* Tracepoints, one per stage: events/rfork/ in tracefs. */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM rfork

#if !defined(RFORK_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define RFORK_TRACE_H

#include <linux/tracepoint.h>

TRACE_EVENT(rfork_checkpoint,
	TP_PROTO(u64 image, int pid, u64 pages, u64 leaves, u64 duration_ns, int error),
	TP_ARGS(image, pid, pages, leaves, duration_ns, error),
	TP_STRUCT__entry(
		__field(u64, image) __field(int, pid) __field(u64, pages)
		__field(u64, leaves) __field(u64, duration_ns) __field(int, error)
	),
	TP_fast_assign(
		__entry->image = image; __entry->pid = pid; __entry->pages = pages;
		__entry->leaves = leaves; __entry->duration_ns = duration_ns;
		__entry->error = error;
	),
	TP_printk("image=%llu pid=%d pages=%llu leaves=%llu duration_ns=%llu error=%d",
		  __entry->image, __entry->pid, __entry->pages, __entry->leaves,
		  __entry->duration_ns, __entry->error)
);

TRACE_EVENT(rfork_validate,
	TP_PROTO(u64 image, u64 entries, u64 duration_ns, int error),
	TP_ARGS(image, entries, duration_ns, error),
	TP_STRUCT__entry(__field(u64, image) __field(u64, entries) __field(u64, duration_ns)
			 __field(int, error)),
	TP_fast_assign(__entry->image = image; __entry->entries = entries;
		       __entry->duration_ns = duration_ns; __entry->error = error;),
	TP_printk("image=%llu entries=%llu duration_ns=%llu error=%d", __entry->image,
		  __entry->entries, __entry->duration_ns, __entry->error)
);

TRACE_EVENT(rfork_restore,
	TP_PROTO(u64 image, u64 attached, u64 built, u64 copied, u64 duration_ns, int error),
	TP_ARGS(image, attached, built, copied, duration_ns, error),
	TP_STRUCT__entry(
		__field(u64, image) __field(u64, attached) __field(u64, built)
		__field(u64, copied) __field(u64, duration_ns) __field(int, error)
	),
	TP_fast_assign(
		__entry->image = image; __entry->attached = attached; __entry->built = built;
		__entry->copied = copied; __entry->duration_ns = duration_ns;
		__entry->error = error;
	),
	TP_printk("image=%llu attached=%llu built=%llu copied=%llu duration_ns=%llu error=%d",
		  __entry->image, __entry->attached, __entry->built, __entry->copied,
		  __entry->duration_ns, __entry->error)
);

TRACE_EVENT(rfork_migrate,
	TP_PROTO(u64 image, unsigned long address, bool write, bool deferred),
	TP_ARGS(image, address, write, deferred),
	TP_STRUCT__entry(__field(u64, image) __field(unsigned long, address)
			 __field(bool, write) __field(bool, deferred)),
	TP_fast_assign(__entry->image = image; __entry->address = address;
		       __entry->write = write; __entry->deferred = deferred;),
	TP_printk("image=%llu address=%#lx write=%d deferred=%d", __entry->image,
		  __entry->address, __entry->write, __entry->deferred)
);

TRACE_EVENT(rfork_exit,
	TP_PROTO(u64 image, u64 copied),
	TP_ARGS(image, copied),
	TP_STRUCT__entry(__field(u64, image) __field(u64, copied)),
	TP_fast_assign(__entry->image = image; __entry->copied = copied;),
	TP_printk("image=%llu copied=%llu", __entry->image, __entry->copied)
);

#endif

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
