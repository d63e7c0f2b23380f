/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads the output of `valgrind --tool=lackey --trace-mem=yes` and prints, in address order, every
 * page that the program touched and still maps, with what touched it before and during the marked
 * invocation. The program writes the lines `MARK begin` and `MARK end` to the same stream, and then
 * its /proc/self/maps to the file named here. Pages that valgrind brought in are left out.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NR_SLOTS (1u << 20)

struct page {
	uint64_t number; /* address >> 12, plus one; 0 is an empty slot */
	uint32_t order; /* of first touch within the invocation, from 1 */
	uint8_t before, during; /* 1 read, 2 written, 4 fetched */
};

static struct page pages[NR_SLOTS];
static uint32_t nr_pages, nr_touched;
static int marked;

static struct page *find(uint64_t number)
{
	uint32_t slot = (uint32_t)((number * 0x9e3779b97f4a7c15ull) >> 44);

	while (pages[slot].number && pages[slot].number != number + 1)
		slot = (slot + 1) % NR_SLOTS;
	if (!pages[slot].number) {
		if (++nr_pages > NR_SLOTS / 2) {
			fputs("too many pages\n", stderr);
			exit(1);
		}
		pages[slot].number = number + 1;
	}
	return &pages[slot];
}

static void touch(uint64_t number, uint8_t how)
{
	struct page *page = find(number);

	if (marked == 0) {
		page->before |= how;
	} else if (marked == 1) {
		if (!page->during)
			page->order = ++nr_touched;
		page->during |= how;
	}
}

static int by_number(const void *a, const void *b)
{
	uint64_t x = ((const struct page *)a)->number, y = ((const struct page *)b)->number;

	return (x > y) - (x < y);
}

/* The region of a page in /proc/self/maps, or NULL if it is unmapped or valgrind's. */
static const char *region_of(FILE *maps, uint64_t number)
{
	char line[1024];

	rewind(maps);
	while (fgets(line, sizeof line, maps)) {
		char *rest;
		uint64_t start = strtoull(line, &rest, 16) >> 12;
		uint64_t end = *rest == '-' ? strtoull(rest + 1, NULL, 16) >> 12 : 0;

		if (number < start || number >= end)
			continue;
		if (strstr(line, "/valgrind/"))
			return NULL;
		return strchr(line, '/') ? "file" : "anonymous";
	}
	return NULL;
}

int main(int argc, char **argv)
{
	char line[256];
	FILE *maps;

	if (argc != 2) {
		fputs("usage: invocation-pages MAPS <LACKEY-OUTPUT\n", stderr);
		return 2;
	}
	while (fgets(line, sizeof line, stdin)) {
		uint8_t how;
		char *rest;
		uint64_t start, size;

		if (!strncmp(line, "MARK begin", 10))
			marked = 1;
		if (!strncmp(line, "MARK end", 8))
			marked = 2;
		if (!strncmp(line, "I  ", 3))
			how = 4;
		else if (!strncmp(line, " L ", 3))
			how = 1;
		else if (!strncmp(line, " S ", 3))
			how = 2;
		else if (!strncmp(line, " M ", 3))
			how = 3;
		else
			continue;
		start = strtoull(line + 3, &rest, 16);
		size = strtoull(rest + 1, NULL, 10);
		touch(start >> 12, how);
		if ((start + size - 1) >> 12 != start >> 12)
			touch((start + size - 1) >> 12, how);
	}
	if (marked != 2) {
		fputs("no marks seen\n", stderr);
		return 1;
	}
	maps = fopen(argv[1], "r");
	if (!maps) {
		perror(argv[1]);
		return 1;
	}
	qsort(pages, NR_SLOTS, sizeof pages[0], by_number);
	puts("page,region,before,during,order");
	for (uint32_t i = 0; i < NR_SLOTS; i++) {
		const struct page *page = &pages[i];
		const char *region = page->number ? region_of(maps, page->number - 1) : NULL;

		if (region)
			printf("%llx,%s,%u,%u,%u\n", (unsigned long long)page->number - 1, region,
			       page->before, page->during, page->order);
	}
	fclose(maps);
	return 0;
}
