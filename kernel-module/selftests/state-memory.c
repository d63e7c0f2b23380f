// SPDX-License-Identifier: GPL-2.0
/* Memory in the state table: programs that verify theirs after they were moved. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "moved-program.h"

static uint64_t in_data = 1, in_bss;

static void memory_program(void)
{
	uint64_t on_stack = 3, *heap = malloc(1 << 20);
	char *end = sbrk(3 * PAGE), *holes;

	in_data = 5;
	in_bss = 6;
	heap[0] = 7;
	heap[(1 << 20) / 8 - 1] = 8;
	end[0] = 9;
	make_arena(1000);
	/* Pages never touched read as zeros, before and after. */
	holes = mmap(NULL, 64 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	holes[17 * PAGE] = 10;
	/* Read but never written: the zero page. */
	check(!holes[20 * PAGE]);
	await_move();
	check(in_data == 5 && in_bss == 6 && on_stack == 3);
	check(heap[0] == 7 && heap[(1 << 20) / 8 - 1] == 8 && end[0] == 9);
	for (size_t i = 0; i < 1000; i++)
		check(page_is(i, 0));
	for (size_t i = 0; i < 64; i++)
		check(holes[i * PAGE] == (i == 17 ? 10 : 0));
	check(sbrk(0) == end + 3 * PAGE);
	check(sbrk(PAGE) == end + 3 * PAGE);
	check(!end[3 * PAGE]);
	free(heap);
}

static void shell(const char *command)
{
	if (system(command))
		skip("cannot be set up here: %s", command);
}

static uint64_t swapped_pages(const char *at, size_t pages)
{
	uint64_t entry, count = 0;
	int map = open("/proc/self/pagemap", O_RDONLY);

	for (size_t i = 0; i < pages; i++) {
		check_equal(pread(map, &entry, 8, ((uintptr_t)at / PAGE + i) * 8), 8);
		count += entry >> 62 & 1;
	}
	close(map);
	return count;
}

static void swapped_program(void)
{
	shell("[ -e /dev/zram0 ] || modprobe zram");
	shell("grep -q zram0 /proc/swaps || { echo 64M > /sys/block/zram0/disksize; mkswap /dev/zram0; swapon /dev/zram0; } >/dev/null");
	make_arena(512);
	check_equal(madvise(ARENA, 512 * PAGE, MADV_PAGEOUT), 0);
	check(swapped_pages(ARENA, 512) > 256);
	await_move();
	for (size_t i = 0; i < 512; i++)
		check(page_is(i, 0));
}

static uint64_t huge_kib(void)
{
	FILE *maps = fopen("/proc/self/smaps_rollup", "r");
	unsigned long kib = 0;
	char line[256];

	while (fgets(line, sizeof(line), maps))
		sscanf(line, "AnonHugePages: %lu", &kib);
	fclose(maps);
	return kib;
}

static void huge_program(void)
{
	check(mmap(ARENA, 2048 * PAGE, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0) == ARENA);
	madvise(ARENA, 2048 * PAGE, MADV_HUGEPAGE);
	/* The last one is only read: the huge zero page, which belongs to nobody. */
	for (size_t i = 0; i < 1536; i++)
		write_page(i, 0);
	check(!ARENA[1600 * PAGE]);
	if (!huge_kib())
		skip("no huge pages to be had");
	await_move();
	for (size_t i = 0; i < 1536; i++)
		check(page_is(i, 0));
	for (size_t i = 1536; i < 2048; i++)
		check(!ARENA[i * PAGE]);
}

/* A file of @pages pages whose bytes tell their page. */
static int make_file(const char *path, size_t pages)
{
	int file = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
	char page[PAGE];

	check(file >= 0);
	for (size_t i = 0; i < pages; i++) {
		memset(page, 'a' + i, sizeof(page));
		check_equal(write(file, page, sizeof(page)), sizeof(page));
	}
	return file;
}

static void private_file_program(void)
{
	int file = make_file("/tmp/mapped-private", 8);
	char *at = mmap(NULL, 8 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, file, 0);
	char *second = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, file, 5 * PAGE);

	close(file);
	at[2 * PAGE] = '2';
	check(at[3 * PAGE] == 'd' && second[0] == 'f');
	await_move();
	for (size_t i = 0; i < 8; i++)
		check(at[i * PAGE] == (i == 2 ? '2' : 'a' + (int)i) && at[i * PAGE + 1] == 'a' + (int)i);
	check(second[0] == 'f');
	at[4 * PAGE] = 'x';
	check(at[4 * PAGE] == 'x');
}

static void shared_file_program(void)
{
	int file = make_file("/tmp/mapped-shared", 4);
	volatile char *at = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);

	close(file);
	at[PAGE] = 'p';
	if (await_move()) {
		check(at[PAGE] == 'p' && at[3 * PAGE] == 'd');
		at[2 * PAGE] = 'c' + 1;
	} else {
		/* What the child wrote, which ended before. */
		check(at[2 * PAGE] == 'c' + 1);
	}
}

/* The flags of the mapping at @at as in /proc, or a dump of what is there. */
static void read_flags(const char *at, char flags[128])
{
	FILE *maps = fopen("/proc/self/smaps", "r");
	char line[512];
	bool found = false;

	flags[0] = 0;
	while (fgets(line, sizeof(line), maps)) {
		unsigned long start, end;

		if (sscanf(line, "%lx-%lx ", &start, &end) == 2)
			found = start == (uintptr_t)at;
		if (found && !strncmp(line, "VmFlags:", 8))
			snprintf(flags, 128, "%.120s", line + 8);
	}
	fclose(maps);
	check(flags[0]);
}

static void advice_program(void)
{
	static const struct {
		int advice;
		const char *flag;
	} kinds[] = {
		{ MADV_DONTFORK, " dc" }, { MADV_DONTDUMP, " dd" }, { MADV_HUGEPAGE, " hg" },
		{ MADV_NOHUGEPAGE, " nh" }, { MADV_SEQUENTIAL, " sr" }, { MADV_RANDOM, " rr" },
	};
	char *at[6], *merged, flags[128];
	bool moved;

	for (size_t i = 0; i < 6; i++) {
		/* Different protections keep them apart. */
		at[i] = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		at[i][0] = i + 1;
		check_equal(madvise(at[i], 4 * PAGE, kinds[i].advice), 0);
	}
	/* Reset in a child: pages of the image are no pages that could be merged. */
	merged = mmap(NULL, 4 * PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (madvise(merged, 4 * PAGE, MADV_MERGEABLE))
		merged = NULL;
	moved = await_move();
	if (merged) {
		read_flags(merged, flags);
		check_equal(!strstr(flags, " mg"), moved);
	}
	for (size_t i = 0; i < 6; i++) {
		read_flags(at[i], flags);
		check(strstr(flags, kinds[i].flag));
		check(at[i][0] == (char)i + 1);
	}
}

static void wiped_program(void)
{
	char *wiped = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	memset(wiped, 7, 2 * PAGE);
	check_equal(madvise(wiped, 2 * PAGE, MADV_WIPEONFORK), 0);
	if (await_move()) {
		char flags[128];

		for (size_t i = 0; i < 2 * PAGE; i++)
			check(!wiped[i]);
		read_flags(wiped, flags);
		check(strstr(flags, " wf"));
	} else {
		check(wiped[0] == 7 && wiped[2 * PAGE - 1] == 7);
	}
}

static void protections_program(void)
{
	char *at = mmap(NULL, 3 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	static const unsigned char returns_42[] = { 0xb8, 42, 0, 0, 0, 0xc3 };
	int null = open("/dev/zero", O_RDONLY);

	memset(at, 5, 3 * PAGE);
	memcpy(at, returns_42, sizeof(returns_42));
	check_equal(mprotect(at, PAGE, PROT_READ | PROT_EXEC), 0);
	check_equal(mprotect(at + PAGE, PAGE, PROT_READ), 0);
	check_equal(mprotect(at + 2 * PAGE, PAGE, PROT_NONE), 0);
	await_move();
	check_equal(((int (*)(void))at)(), 42);
	/* The kernel tells without a signal what may not be written or read. */
	check(read(null, at, 1) < 0 && errno == EFAULT);
	check(at[PAGE] == 5);
	check(read(null, at + PAGE, 1) < 0 && errno == EFAULT);
	check(write(1, at + 2 * PAGE, 1) < 0 && errno == EFAULT);
	check_equal(mprotect(at + 2 * PAGE, PAGE, PROT_READ), 0);
	check(at[2 * PAGE] == 5 && at[3 * PAGE - 1] == 5);
}

static void locked_program(void)
{
	char *at = mmap(NULL, 16 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char flags[128];

	memset(at, 1, 16 * PAGE);
	check_equal(mlock(at, 16 * PAGE), 0);
	if (await_move()) {
		read_flags(at, flags);
		check(!strstr(flags, " lo"));
		check(at[15 * PAGE] == 1);
	} else {
		read_flags(at, flags);
		check(strstr(flags, " lo"));
	}
}

/* In the first 2 MiB, as programs for other systems have it. */
static void low_program(void)
{
	char *at = (char *)0x10000;

	if (mmap(at, 3 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1,
		 0) != at)
		skip("vm.mmap_min_addr is higher here");
	at[0] = 'l';
	at[2 * PAGE] = 'w';
	await_move();
	check(at[0] == 'l' && !at[PAGE] && at[2 * PAGE] == 'w');
	at[2 * PAGE] = 'x';
	at[PAGE] = 'y';
	check(at[0] == 'l' && at[PAGE] == 'y' && at[2 * PAGE] == 'x');
}

/* What grows down when it is touched below, also where its parts have different protections. */
static void growing_program(void)
{
	char *room = mmap(NULL, 1024 * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *at = room + 1000 * PAGE, flags[128];

	check_equal(munmap(room, 1024 * PAGE), 0);
	check(mmap(at, 3 * PAGE, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS | MAP_GROWSDOWN | MAP_FIXED_NOREPLACE, -1, 0) == at);
	at[0] = 'x';
	at[PAGE] = 'y';
	at[2 * PAGE] = 'z';
	check_equal(mprotect(at + PAGE, PAGE, PROT_READ), 0);
	await_move();
	check(at[0] == 'x' && at[PAGE] == 'y' && at[2 * PAGE] == 'z');
	for (int i = 1; i < 100; i++)
		((volatile char *)at)[-i * PAGE] = i;
	for (int i = 1; i < 100; i++)
		check(at[-i * PAGE] == i);
	read_flags(at - 99 * PAGE, flags);
	check(strstr(flags, " gd"));
}

#define PR_SET_VMA		0x53564d41
#define PR_SET_VMA_ANON_NAME	0

static bool named(const char *name)
{
	FILE *maps = fopen("/proc/self/maps", "r");
	char line[512];
	bool found = false;

	while (fgets(line, sizeof(line), maps))
		found |= !!strstr(line, name);
	fclose(maps);
	return found;
}

static void named_program(void)
{
	char *at = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (prctl(PR_SET_VMA, PR_SET_VMA_ANON_NAME, at, 4 * PAGE, "rfork name"))
		skip("this kernel has no names of anonymous memory");
	check(named("[anon:rfork name]"));
	if (await_move())
		check(!named("[anon:rfork name]"));
}

static int policy_of(void *at)
{
	int mode = -1;

	return syscall(SYS_get_mempolicy, &mode, NULL, 0, at, 2 /* MPOL_F_ADDR */) ? -1 : mode;
}

static void memory_policy_program(void)
{
	char *at = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	unsigned long node0 = 1;

	at[0] = 1;
	if (syscall(SYS_mbind, at, 4 * PAGE, 2 /* MPOL_BIND */, &node0, 64, 0))
		skip("this kernel has no memory policies");
	check_equal(policy_of(at), 2);
	if (await_move())
		check_equal(policy_of(at), 0);
	else
		check_equal(policy_of(at), 2);
	check(at[0] == 1);
}

const struct program memory_programs[] = {
	{ "memory", memory_program },
	{ "swapped", swapped_program },
	{ "huge", huge_program },
	{ "private-file", private_file_program },
	{ "shared-file", shared_file_program },
	{ "advice", advice_program },
	{ "wiped", wiped_program },
	{ "protections", protections_program },
	{ "locked", locked_program },
	{ "low", low_program },
	{ "growing", growing_program },
	{ "named", named_program },
	{ "memory-policy", memory_policy_program },
	{ }
};

MOVES(memory_is_restored, "memory")
MOVES(swapped_is_restored, "swapped")
MOVES(huge_is_restored, "huge")
MOVES(private_file_is_restored, "private-file")
MOVES(shared_file_is_restored, "shared-file")
MOVES(advice_is_restored, "advice")
MOVES(wiped_is_zeroed, "wiped")
MOVES(protections_are_restored, "protections")
MOVES(growing_is_restored, "growing")
MOVES(low_is_restored, "low")

/* And the restore says so. */
static void moves_and_tells(const char *program, uint64_t lack)
{
	move(program, NULL);
	check_equal(differences, lack);
}

static void locked_is_reset(void)
{
	moves_and_tells("locked", RFORK_LACKS_LOCKS);
}

static void named_is_reset(void)
{
	moves_and_tells("named", RFORK_LACKS_NAMES);
}

static void memory_policy_is_reset(void)
{
	moves_and_tells("memory-policy", RFORK_LACKS_POLICIES);
}

const struct test_case memory_state_cases[] = {
	{ "private-memory-is-restored", memory_is_restored },
	{ "swapped-memory-is-restored", swapped_is_restored },
	{ "huge-pages-are-restored", huge_is_restored },
	{ "private-file-pages-are-restored", private_file_is_restored },
	{ "shared-file-mapping-is-restored", shared_file_is_restored },
	{ "advice-of-memory-is-restored", advice_is_restored },
	{ "wipeonfork-memory-is-zeroed", wiped_is_zeroed },
	{ "protections-are-restored", protections_are_restored },
	{ "memory-that-grows-down-is-restored", growing_is_restored },
	{ "memory-at-low-addresses-is-restored", low_is_restored },
	{ "mlock-is-reset", locked_is_reset },
	{ "names-of-memory-are-reset", named_is_reset },
	{ "memory-policy-of-a-range-is-reset", memory_policy_is_reset },
	{ }
};
