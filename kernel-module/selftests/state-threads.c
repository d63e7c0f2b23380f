// SPDX-License-Identifier: GPL-2.0
/* What a thread has in the state table: programs that verify theirs after they were moved. */
#define _GNU_SOURCE
#include <linux/futex.h>
#include <signal.h>
#include <string.h>
#include <sys/rseq.h>
#include <sys/syscall.h>
#include <sched.h>
#include <unistd.h>
#include "moved-program.h"

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

const struct program thread_programs[] = {
	{ "registers", registers_program },
	{ "wide-vectors", wide_vectors_program },
	{ "signals", signals_program },
	{ "rseq", rseq_program },
	{ "robust-list", robust_list_program },
	{ }
};

MOVES(registers_are_restored, "registers")
MOVES(wide_vectors_are_restored, "wide-vectors")
MOVES(signals_are_restored, "signals")
MOVES(rseq_is_restored, "rseq")

static void robust_list_is_restored(void)
{
	move("robust-list", NULL);
	check_equal(((volatile uint32_t *)&board->numbers[0])[2] & FUTEX_OWNER_DIED, FUTEX_OWNER_DIED);
	check_equal(((volatile uint32_t *)&board->numbers[4])[2] & FUTEX_OWNER_DIED, FUTEX_OWNER_DIED);
}

const struct test_case thread_state_cases[] = {
	{ "registers-are-restored", registers_are_restored },
	{ "wide-vectors-are-restored", wide_vectors_are_restored },
	{ "signal-state-is-restored", signals_are_restored },
	{ "rseq-is-restored", rseq_is_restored },
	{ "robust-list-is-restored", robust_list_is_restored },
	{ }
};
