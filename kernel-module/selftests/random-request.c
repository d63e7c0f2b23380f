// SPDX-License-Identifier: GPL-2.0
/* Makes requests that are nearly right; see random-request.h. */
#include <string.h>
#include <unistd.h>
#include "random-request.h"

struct request_subjects about;

/* Values that a check may have forgotten. Addresses are of memory that may be overwritten, or of none. */
static uint64_t interesting(uint64_t *state)
{
	const uint64_t values[] = {
		0, 1, 2, 3, 7, 63, 64, 127, 128, 255, 4095, 4096, 65536, 65537, 1 << 20,
		INT32_MAX, (uint64_t)INT32_MIN, UINT32_MAX, INT64_MAX, (uint64_t)INT64_MIN, ~0ULL,
		(uintptr_t)ARENA, (uintptr_t)ARENA + 1, (uintptr_t)ARENA + PAGES * PAGE,
		(uintptr_t)about.buffer, (uintptr_t)about.buffer + 4, (uintptr_t)about.buffer + BUFFER_PAGES * PAGE - 8,
		(uintptr_t)about.read_only, 0x7ffffffff000, 0x7fffffffffff, 0x800000000000,
		0xffff800000000000, 0xffffffffff600000, about.image, about.image + 1, about.image - 256, about.image + 256,
		about.child, about.waiting, getpid(), getppid(), 1, 2, about.region.base, about.region.bytes,
		about.region.base + about.region.bytes, PAGES * PAGE,
	};

	if (random_word(state) % 4 == 0)
		return random_word(state) >> (random_word(state) % 64);
	return values[random_word(state) % (sizeof(values) / sizeof(values[0]))];
}

void make_request(unsigned int command, union request *r, uint64_t *state)
{
	memset(r, 0, sizeof(*r));
	r->head.size = _IOC_SIZE(command);
	r->head.version = RFORK_UAPI_VERSION;
	switch (command) {
	case RFORK_IOC_ATTACH:
		r->attach.base = about.region.base;
		r->attach.bytes = about.region.bytes;
		r->attach.node = about.region.node;
		r->attach.boot_id[0] = 1;
		break;
	case RFORK_IOC_FORMAT:
		r->format.coherence = RFORK_COHERENCE_HARDWARE;
		r->format.nodes = about.region.nodes;
		break;
	case RFORK_IOC_CHECKPOINT:
		r->checkpoint.pid = random_word(state) % 2 ? about.waiting : 0;
		r->checkpoint.timeout_ms = 200;
		r->checkpoint.inherit_fds = 1ULL << device;
		break;
	case RFORK_IOC_RESTORE:
		r->restore.image = about.image;
		r->restore.threads = 1;
		r->restore.result = (uintptr_t)about.buffer;
		break;
	case RFORK_IOC_ADOPT:
		r->adopt.image = about.image;
		r->adopt.index = 1;
		break;
	case RFORK_IOC_LIST:
		r->list.images = (uintptr_t)about.buffer;
		r->list.capacity = 8;
		break;
	case RFORK_IOC_IMAGE:
		r->image.image = about.image;
		break;
	case RFORK_IOC_DELETE:
		r->delete.image = about.image;	/* in use by the child */
		break;
	case RFORK_IOC_SCAN:
		if (random_word(state) % 2)
			r->scan.image = about.image;
		else
			r->scan.pid = about.child;
		r->scan.end = 0x7ffffffff000;
		r->scan.pages = (uintptr_t)about.buffer;
		r->scan.capacity = 1000;
		break;
	case RFORK_IOC_HINT:
		r->hint.image = about.image;
		r->hint.end = 0x7ffffffff000;
		r->hint.hot = 1;
		break;
	case RFORK_IOC_MIGRATE:
		r->migrate.pid = about.child;
		r->migrate.direction = 1 + random_word(state) % 2;
		r->migrate.addresses = (uintptr_t)about.buffer;
		r->migrate.count = 16;
		for (int i = 0; i < 16; i++)
			((uint64_t *)about.buffer)[i] = (uintptr_t)ARENA +
						  random_word(state) % PAGES * PAGE;
		break;
	case RFORK_IOC_RECOVER:
		r->recover.head.flags = RFORK_RECOVER_FENCED;
		r->recover.node = 1;
		break;
	case RFORK_IOC_STATS:
		r->stats.pid = about.child;
		break;
	case RFORK_IOC_VERIFY:
		r->verify.image = random_word(state) % 2 ? about.image : 0;
		break;
	}
}

void mutate(unsigned int command, union request *r, uint64_t *state)
{
	unsigned int words = _IOC_SIZE(command) / 4, body = sizeof(struct rfork_head) / 4;

	for (int n = random_word(state) % 4; n > 0; n--) {
		/* The head's own checks come first and would hide all others. */
		unsigned int at = random_word(state) % 16 ? body : 0;
		uint64_t value = interesting(state);

		if (words > at)
			at += random_word(state) % (words - at);
		r->words[at] = value;
		if (random_word(state) % 2 && at % 2 == 0 && at + 1 < words)
			r->words[at + 1] = value >> 32;
	}
	if (random_word(state) % 3 == 0)
		r->head.flags ^= random_word(state) % 8;
	/* Long waits are right, but not here. */
	if (command == RFORK_IOC_CHECKPOINT && r->checkpoint.timeout_ms - 1 > 200)
		r->checkpoint.timeout_ms = 200;
}
