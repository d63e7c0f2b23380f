/* SPDX-License-Identifier: Apache-2.0 */
/* Answers requests to a table of keys and values, most of them for few keys; statically linked. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define ENTRIES (1u << 16)
#define VALUE_BYTES 240
#define REQUESTS 20000

struct entry {
	uint64_t key;
	uint64_t version;
	char value[VALUE_BYTES];
};

static struct entry *table;
static uint64_t random_state;

static uint64_t next_random(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return random_state;
}

static struct entry *find(uint64_t key)
{
	uint64_t place = key * 0x9e3779b97f4a7c15u >> 48;

	while (table[place].key && table[place].key != key)
		place = (place + 1) % ENTRIES;
	return &table[place];
}

/* Products of uniform numbers are mostly small: a few keys get most of the requests. */
static uint64_t asked_key(void)
{
	uint64_t first = next_random() % 256, second = next_random() % 192;

	return 1 + first * second;
}

static uint64_t handle(uint64_t seed)
{
	uint64_t sum = 0;

	random_state = seed;
	for (int i = 0; i < REQUESTS; i++) {
		struct entry *entry = find(asked_key());

		if (next_random() % 8 == 0) {
			entry->version++;
			entry->value[next_random() % VALUE_BYTES] = (char)i;
		}
		sum += entry->version + (unsigned char)entry->value[i % VALUE_BYTES];
	}
	return sum;
}

static void mark(const char *line, size_t size)
{
	if (write(1, line, size) < 0)
		_exit(1);
}

int main(void)
{
	static const char begin[] = "cxlsim:invocation:begin\n", end[] = "cxlsim:invocation:end\n";
	uint64_t sum = 0;

	table = calloc(ENTRIES, sizeof *table);
	if (!table)
		return 1;
	for (uint64_t key = 1; key <= 256 * 192; key++)
		find(key)->key = key;
	for (uint64_t seed = 1; seed <= 16; seed++) {
		mark(begin, sizeof begin - 1);
		sum += handle(seed);
		mark(end, sizeof end - 1);
	}
	fprintf(stderr, "%llu\n", (unsigned long long)sum);
	return 0;
}
