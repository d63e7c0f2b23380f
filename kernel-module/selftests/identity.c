// SPDX-License-Identifier: GPL-2.0
/* What two children of one image share, and by what they tell that they are two. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <unistd.h>
#include "selftest.h"

struct account {
	pid_t pid;
	/* Equal in all. */
	uint64_t stack, heap, mapping, code;		/* addresses, as the kernel laid them out */
	uint64_t canary, pointer_guard;
	long next_random;
	/* Different in each. */
	unsigned char restore_id[RFORK_ID_BYTES];
	uint64_t kernel_random;
	/* The parent's is 7. */
	unsigned char wiped;
};

/* In a file, as no memory of theirs is shared. */
static struct board { int accounts; struct account account[3]; } *board;

static uint64_t thread_word(int offset)
{
	uint64_t value;

	asm volatile("mov %%fs:(%1), %0" : "=r"(value) : "r"((uint64_t)offset));
	return value;
}

static void give_account(const unsigned char *wiped, const void *heap)
{
	struct account *mine = &board->account[__atomic_fetch_add(&board->accounts, 1,
								  __ATOMIC_SEQ_CST)];

	mine->pid = getpid();
	mine->stack = (uintptr_t)&mine;
	mine->heap = (uintptr_t)heap;
	mine->mapping = (uintptr_t)wiped;
	mine->code = (uintptr_t)give_account;
	/* Where the x86-64 ABI has the stack protector's word, and glibc its pointer guard. */
	mine->canary = thread_word(0x28);
	mine->pointer_guard = thread_word(0x30);
	mine->next_random = random();
	memcpy(mine->restore_id, (void *)getauxval(AT_RANDOM), RFORK_ID_BYTES);
	check_equal(getrandom(&mine->kernel_random, sizeof(uint64_t), 0), sizeof(uint64_t));
	mine->wiped = *wiped;
}

static pid_t restore_with_id(uint64_t image, unsigned char id[RFORK_ID_BYTES])
{
	struct rfork_restore_result *result = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
						   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct rfork_restore options = { .result = (uintptr_t)result };
	pid_t pid;

	check(result != MAP_FAILED);
	pid = restore_image(image, &options);
	wait_child(pid);
	check(result->done);
	memcpy(id, result->restore_id, RFORK_ID_BYTES);
	return pid;
}

static void children_share_all_but_what_tells_them_apart(void)
{
	unsigned char *wiped = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
				    -1, 0);
	int file = open("/tmp/accounts", O_RDWR | O_CREAT | O_TRUNC, 0600);
	unsigned char ids[2][RFORK_ID_BYTES];
	void *heap = malloc(100);
	struct account *parent;
	uint64_t image;
	pid_t pids[2];

	check(file >= 0 && ftruncate(file, PAGE) == 0);
	board = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
	check(board != MAP_FAILED && wiped != MAP_FAILED);
	close(file);
	srandom(getpid() * 31 + 7);
	*wiped = 7;
	check_equal(madvise(wiped, PAGE, MADV_WIPEONFORK), 0);
	if (checkpoint_self(&image)) {
		give_account(wiped, heap);
		child_exit();
	}
	give_account(wiped, heap);
	for (int i = 0; i < 2; i++)
		pids[i] = restore_with_id(image, ids[i]);
	delete_image(image);
	check_equal(board->accounts, 3);
	parent = &board->account[0];
	check_equal(parent->wiped, 7);
	for (int i = 0; i < 2; i++) {
		struct account *child = &board->account[i + 1];
		struct account *sibling = &board->account[2 - i];

		check_equal(child->pid, pids[i]);
		check(child->pid != parent->pid);
		check_equal(child->stack, parent->stack);
		check_equal(child->heap, parent->heap);
		check_equal(child->mapping, parent->mapping);
		check_equal(child->code, parent->code);
		check_equal(child->canary, parent->canary);
		check_equal(child->pointer_guard, parent->pointer_guard);
		check_equal(child->next_random, parent->next_random);
		check(!memcmp(child->restore_id, ids[i], RFORK_ID_BYTES));
		check(memcmp(child->restore_id, parent->restore_id, RFORK_ID_BYTES));
		check(memcmp(child->restore_id, sibling->restore_id, RFORK_ID_BYTES));
		check(child->kernel_random != parent->kernel_random);
		check(child->kernel_random != sibling->kernel_random);
		check_equal(child->wiped, 0);
	}
}

/* Far below the first page of the stack, which may not be written meanwhile. */
static __attribute__((noinline)) uint64_t image_with_sealed_page(char *page)
{
	volatile char room[64 * 1024];
	uint64_t image;

	room[0] = 0;
	check_equal(mprotect(page, PAGE, PROT_READ), 0);
	if (checkpoint_self(&image))
		child_exit();
	check_equal(mprotect(page, PAGE, PROT_READ | PROT_WRITE), 0);
	return image + room[0];
}

/* A program that gave the place away is restored all the same. */
static void program_without_a_place_gets_no_id(void)
{
	unsigned char id[RFORK_ID_BYTES];
	uint64_t image = image_with_sealed_page((char *)(getauxval(AT_RANDOM) & ~(PAGE - 1)));

	restore_with_id(image, id);
	for (int i = 0; i < RFORK_ID_BYTES; i++)
		check_equal(id[i], 0);
	delete_image(image);
}

const struct test_case identity_cases[] = {
	{ "children-share-all-but-what-tells-them-apart", children_share_all_but_what_tells_them_apart },
	{ "program-without-a-place-gets-no-restore-id", program_without_a_place_gets_no_id },
	{ }
};
