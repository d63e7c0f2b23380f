// SPDX-License-Identifier: GPL-2.0
/* rforkctl stats: counters since the module was loaded, or of one child. */
#include "rforkctl.h"

#define COUNTER(name) FIELD(struct rfork_counters, name)

int command_stats(struct options *options)
{
	static const struct field of_child[] = {
		FIELD_AS("checkpoint", struct rfork_stats, image),
		FIELD(struct rfork_stats, leaves_shared),
	};
	static const struct field counters[] = {
		COUNTER(pages_checkpointed), COUNTER(pages_copied), COUNTER(pages_prefetched),
		COUNTER(pages_demoted), COUNTER(leaves_checkpointed), COUNTER(leaves_attached),
		COUNTER(leaves_built), COUNTER(leaves_unshared), COUNTER(faults),
		COUNTER(cow_faults), COUNTER(migration_faults), COUNTER(remote_faults),
		COUNTER(entries_validated), COUNTER(validation_ns), COUNTER(bytes_flushed),
		COUNTER(children_restored), COUNTER(children_forked), COUNTER(children_exited),
		COUNTER(children_killed),
	};
	struct rfork_stats arg = { };

	arg.pid = number_option(options, "--pid", 1, INT32_MAX, 0);
	no_more(options);
	request(open_device(), RFORK_IOC_STATS, &arg);
	record_begin();
	record_number("children", arg.children);
	if (arg.pid)
		record_fields(of_child, &arg);
	record_fields(counters, &arg.counters);
	record_end();
	return 0;
}
