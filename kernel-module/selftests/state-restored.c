// SPDX-License-Identifier: GPL-2.0
/* Rows of the state table that are restored: programs that verify them after they were moved. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/rseq.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sched.h>
#include <unistd.h>
#include "moved-program.h"

extern char **environ;

struct registers {
	uint64_t general[13];
	uint8_t xmm[16][16];
	double x87;
	uint32_t mxcsr;
};
void wait_with_registers(volatile int *go, struct registers *registers);

/* For programs that are in user mode all the time, so stopped between any two instructions. */
static void ready_to_spin(void)
{
	sigset_t term;

	sigemptyset(&term);
	sigaddset(&term, SIGTERM);
	sigprocmask(SIG_BLOCK, &term, NULL);
	board->parent = getpid();
	board->ready = 1;
}

static void registers_program(void)
{
	struct registers given = { .x87 = 0.1, .mxcsr = 0x1f80 | 0x6000 }, found;

	for (size_t i = 0; i < 13; i++)
		given.general[i] = (i + 1) * 0x0123456789abcdefULL;
	for (size_t i = 0; i < sizeof(given.xmm); i++)
		((uint8_t *)given.xmm)[i] = i * 7 + 1;
	found = given;
	ready_to_spin();
	wait_with_registers(&board->go, &found);
	check(!memcmp(&given, &found, sizeof(given)));
}

static void wide_vectors_program(void)
{
	uint8_t given[2][32], found[2][32];

	if (!__builtin_cpu_supports("avx"))
		skip("this processor has no AVX");
	for (size_t i = 0; i < sizeof(given); i++)
		((uint8_t *)given)[i] = i * 5 + 3;
	ready_to_spin();
	asm volatile("vmovdqu (%1), %%ymm3\n vmovdqu 32(%1), %%ymm15\n"
		     "1: pause\n cmpl $0, (%0)\n je 1b\n"
		     "vmovdqu %%ymm3, (%2)\n vmovdqu %%ymm15, 32(%2)\n vzeroupper\n"
		     : : "r"(&board->go), "r"(given), "r"(found) : "memory", "xmm3", "xmm15");
	check(!memcmp(given, found, sizeof(given)));
}

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
	char *at[6], flags[128];

	for (size_t i = 0; i < 6; i++) {
		/* Different protections keep them apart. */
		at[i] = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		at[i][0] = i + 1;
		check_equal(madvise(at[i], 4 * PAGE, kinds[i].advice), 0);
	}
	await_move();
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

static size_t read_proc(const char *name, char *text, size_t bytes)
{
	int file = open(name, O_RDONLY);
	ssize_t got = read(file, text, bytes - 1);

	check(got > 0);
	text[got] = 0;
	close(file);
	return got;
}

static void identity_program(void)
{
	static char vector[2][1024], words[512], variables[512], program[256];
	size_t bytes = read_proc("/proc/self/auxv", vector[0], sizeof(vector[0])), length;

	await_move();
	check_equal(read_proc("/proc/self/auxv", vector[1], sizeof(vector[1])), bytes);
	check(!memcmp(vector[0], vector[1], bytes));
	length = read_proc("/proc/self/cmdline", words, sizeof(words));
	check(!strcmp(words, PROGRAM_NAME));
	check(!strcmp(words + length - sizeof(PROGRAM_LAST_WORD), PROGRAM_LAST_WORD));
	read_proc("/proc/self/environ", variables, sizeof(variables));
	check(!strcmp(variables, PROGRAM_VARIABLE));
	check(!strcmp(environ[0], PROGRAM_VARIABLE));
	check_equal(readlink("/proc/self/exe", program, sizeof(program)), strlen(PROGRAM_FILE));
	check(!memcmp(program, PROGRAM_FILE, strlen(PROGRAM_FILE)));
}

static volatile sig_atomic_t usr1;
static char alternate[65536];

static void on_usr1(int number, siginfo_t *info, void *context)
{
	char here;

	(void)number;
	(void)context;
	if (info->si_pid == getpid() && &here >= alternate && &here < alternate + sizeof(alternate))
		usr1++;
}

static void signals_program(void)
{
	stack_t stack = { .ss_sp = alternate, .ss_size = sizeof(alternate) }, now;
	struct sigaction action = { .sa_sigaction = on_usr1, .sa_flags = SA_ONSTACK | SA_SIGINFO };
	struct sigaction found;
	sigset_t set, blocked;

	sigaltstack(&stack, NULL);
	sigaddset(&action.sa_mask, SIGHUP);
	sigaction(SIGUSR1, &action, NULL);
	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	sigaddset(&set, SIGRTMIN + 3);
	sigprocmask(SIG_BLOCK, &set, NULL);
	await_move();
	sigaltstack(NULL, &now);
	check(now.ss_sp == alternate && now.ss_size == sizeof(alternate) && !now.ss_flags);
	sigaction(SIGUSR1, NULL, &found);
	check(found.sa_sigaction == on_usr1 && found.sa_flags & SA_ONSTACK && found.sa_flags & SA_SIGINFO);
	check(sigismember(&found.sa_mask, SIGHUP) && !sigismember(&found.sa_mask, SIGINT));
	sigaction(SIGPIPE, NULL, &found);
	check(found.sa_handler == SIG_IGN);
	sigaction(SIGINT, NULL, &found);
	check(found.sa_handler == SIG_DFL);
	kill(getpid(), SIGUSR1);
	check_equal(usr1, 1);
	sigprocmask(SIG_BLOCK, NULL, &blocked);
	for (int i = 1; i < SIGRTMAX; i++)
		check_equal(sigismember(&blocked, i), i == SIGUSR2 || i == SIGRTMIN + 3);
}

static void pin_to(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	check_equal(sched_setaffinity(0, sizeof(set), &set), 0);
}

/* The kernel writes the processor's number there when the thread comes to another one. */
static void rseq_program(void)
{
	volatile struct rseq *area = (void *)((char *)__builtin_thread_pointer() + __rseq_offset);

	if (!__rseq_size)
		skip("the C library has no rseq here");
	await_move();
	for (int i = 0; i < 4; i++) {
		pin_to(i % 2);
		check_equal(area->cpu_id, i % 2);
	}
}

static struct robust_list_head robust;

/* A lock that its owner dies with: the kernel marks it. Parent and child each have one on the board. */
static void robust_list_program(void)
{
	struct robust_list_head *head;
	struct { struct robust_list list; uint32_t word; } *lock;
	size_t bytes;

	robust.list.next = &robust.list;
	robust.futex_offset = sizeof(struct robust_list);
	check_equal(syscall(SYS_set_robust_list, &robust, sizeof(robust)), 0);
	lock = (void *)&board->numbers[await_move() ? 0 : 4];
	check_equal(syscall(SYS_get_robust_list, 0, &head, &bytes), 0);
	check(head == &robust && bytes == sizeof(robust));
	lock->word = getpid();
	lock->list.next = &robust.list;
	robust.list.next = &lock->list;
}

static void robust_list_is_restored(void)
{
	move("robust-list", NULL);
	check_equal(((volatile uint32_t *)&board->numbers[0])[2] & FUTEX_OWNER_DIED, FUTEX_OWNER_DIED);
	check_equal(((volatile uint32_t *)&board->numbers[4])[2] & FUTEX_OWNER_DIED, FUTEX_OWNER_DIED);
}

static void names_program(void)
{
	char name[16], path[256];

	mkdir("/tmp/place", 0700);
	check_equal(chdir("/tmp/place"), 0);
	umask(031);
	prctl(PR_SET_NAME, "stateful");
	await_move();
	check(getcwd(path, sizeof(path)) && !strcmp(path, "/tmp/place"));
	check_equal(umask(0), 031);
	prctl(PR_GET_NAME, name);
	check(!strcmp(name, "stateful"));
}

static void personality_program(void)
{
	personality(ADDR_NO_RANDOMIZE | UNAME26);
	await_move();
	check_equal(personality(0xffffffff), ADDR_NO_RANDOMIZE | UNAME26);
}

static void pid_program(void)
{
	pid_t known = getpid();
	bool moved = await_move();

	check_equal(known != getpid(), moved);
	check_equal(getpid(), syscall(SYS_gettid));
}

const struct program restored_programs[] = {
	{ "registers", registers_program },
	{ "wide-vectors", wide_vectors_program },
	{ "memory", memory_program },
	{ "swapped", swapped_program },
	{ "huge", huge_program },
	{ "private-file", private_file_program },
	{ "shared-file", shared_file_program },
	{ "advice", advice_program },
	{ "wiped", wiped_program },
	{ "protections", protections_program },
	{ "locked", locked_program },
	{ "named", named_program },
	{ "memory-policy", memory_policy_program },
	{ "identity", identity_program },
	{ "signals", signals_program },
	{ "rseq", rseq_program },
	{ "robust-list", robust_list_program },
	{ "names", names_program },
	{ "personality", personality_program },
	{ "pid", pid_program },
	{ }
};

#define MOVES(function, program) static void function(void) { move(program, NULL); }
MOVES(registers_are_restored, "registers")
MOVES(wide_vectors_are_restored, "wide-vectors")
MOVES(memory_is_restored, "memory")
MOVES(swapped_is_restored, "swapped")
MOVES(huge_is_restored, "huge")
MOVES(private_file_is_restored, "private-file")
MOVES(shared_file_is_restored, "shared-file")
MOVES(advice_is_restored, "advice")
MOVES(wiped_is_zeroed, "wiped")
MOVES(protections_are_restored, "protections")
MOVES(locked_is_reset, "locked")
MOVES(named_is_reset, "named")
MOVES(memory_policy_is_reset, "memory-policy")
MOVES(identity_is_restored, "identity")
MOVES(signals_are_restored, "signals")
MOVES(rseq_is_restored, "rseq")
MOVES(names_are_restored, "names")
MOVES(personality_is_restored, "personality")
MOVES(pid_is_the_callers, "pid")

const struct test_case restored_cases[] = {
	{ "registers-are-restored", registers_are_restored },
	{ "wide-vectors-are-restored", wide_vectors_are_restored },
	{ "private-memory-is-restored", memory_is_restored },
	{ "swapped-memory-is-restored", swapped_is_restored },
	{ "huge-pages-are-restored", huge_is_restored },
	{ "private-file-pages-are-restored", private_file_is_restored },
	{ "shared-file-mapping-is-restored", shared_file_is_restored },
	{ "advice-of-memory-is-restored", advice_is_restored },
	{ "wipeonfork-memory-is-zeroed", wiped_is_zeroed },
	{ "protections-are-restored", protections_are_restored },
	{ "mlock-is-reset", locked_is_reset },
	{ "names-of-memory-are-reset", named_is_reset },
	{ "memory-policy-of-a-range-is-reset", memory_policy_is_reset },
	{ "auxv-arguments-environment-and-exe-are-restored", identity_is_restored },
	{ "signal-state-is-restored", signals_are_restored },
	{ "rseq-is-restored", rseq_is_restored },
	{ "robust-list-is-restored", robust_list_is_restored },
	{ "comm-cwd-and-umask-are-restored", names_are_restored },
	{ "personality-is-restored", personality_is_restored },
	{ "pid-is-the-callers", pid_is_the_callers },
	{ }
};
