// SPDX-License-Identifier: GPL-2.0
/* Which machine this is, and which of its boots. */
#include <stdio.h>
#include <string.h>
#include "rforkctl.h"

static bool read_hex(const char *path, uint8_t id[RFORK_ID_BYTES])
{
	FILE *file = fopen(path, "r");
	unsigned int nibbles = 0;
	int c;

	memset(id, 0, RFORK_ID_BYTES);
	if (!file)
		return false;
	while ((c = fgetc(file)) != EOF && nibbles < 2 * RFORK_ID_BYTES) {
		int digit = c >= '0' && c <= '9' ? c - '0' :
			    c >= 'a' && c <= 'f' ? c - 'a' + 10 :
			    c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;

		if (digit < 0)
			continue;
		id[nibbles / 2] |= digit << (nibbles % 2 ? 0 : 4);
		nibbles++;
	}
	fclose(file);
	return nibbles == 2 * RFORK_ID_BYTES;
}

void read_boot_id(uint8_t id[RFORK_ID_BYTES])
{
	if (!read_hex("/proc/sys/kernel/random/boot_id", id))
		die("/proc/sys/kernel/random/boot_id cannot be read; is /proc mounted?");
}

/* Zeros, which never match, where the machine has no identity. */
void read_machine_id(struct options *options, uint8_t id[RFORK_ID_BYTES])
{
	const char *name = option(options, "--machine");

	if (name) {
		size_t length = strlen(name);

		if (!length || length > RFORK_ID_BYTES)
			die("--machine is \"%s\"; it must be 1 .. %d characters", name, RFORK_ID_BYTES);
		memset(id, 0, RFORK_ID_BYTES);
		memcpy(id, name, length);
		return;
	}
	if (!read_hex("/etc/machine-id", id) && !read_hex("/sys/class/dmi/id/product_uuid", id))
		memset(id, 0, RFORK_ID_BYTES);
}
