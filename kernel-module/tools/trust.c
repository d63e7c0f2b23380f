// SPDX-License-Identifier: GPL-2.0
/* Who is trusted with what. */
#include <stdio.h>
#include "rforkctl.h"

static const char *const trust[] = {
	"every kernel and root user that can write the region is trusted like this kernel",
	"validation guards against corruption, stale checkpoints and version skew, not against a node that means harm",
	"--leaves local builds each leaf from records that are checked one by one",
	"a descriptor opened with CAP_SYS_ADMIN does everything, in whose hands it may be; restricted, it only restores",
	"children of a checkpoint share its address layout, canaries, hash seeds, random state and keys; the restore id is each one's own",
};

void record_trust(void)
{
	list_begin("trust");
	for (unsigned int i = 0; i < sizeof(trust) / sizeof(trust[0]); i++)
		list_text(trust[i]);
	list_end();
}
