// SPDX-License-Identifier: GPL-2.0
/*
 * Increments one word of memory that two machines share, both at the same time.
 *
 * usage: count-together DEVICE NODE COUNT locked|plain
 *
 * DEVICE is a DAX device, NODE is 0 or 1. Each side waits for the other before it starts. The word is the
 * fourth cache line of the device, where the host reads the sum.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define SZ_MAPPING (2UL << 20)

struct line {
	volatile uint64_t word;
	char padding[56];
};

int main(int argc, char **argv)
{
	unsigned long count, node;
	struct line *lines;
	int fd, locked;

	if (argc != 5) {
		fprintf(stderr, "usage: count-together DEVICE NODE COUNT locked|plain\n");
		return 2;
	}
	node = strtoul(argv[2], NULL, 0) & 1;
	count = strtoul(argv[3], NULL, 0);
	locked = !strcmp(argv[4], "locked");
	fd = open(argv[1], O_RDWR);
	lines = fd < 0 ? MAP_FAILED
		       : mmap(NULL, SZ_MAPPING, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (lines == MAP_FAILED) {
		perror(argv[1]);
		return 1;
	}
	lines[node].word = 1;
	while (!lines[1 - node].word)
		;
	if (locked)
		for (unsigned long i = 0; i < count; i++)
			__atomic_fetch_add(&lines[3].word, 1, __ATOMIC_SEQ_CST);
	else
		for (unsigned long i = 0; i < count; i++)
			lines[3].word++;
	return 0;
}
