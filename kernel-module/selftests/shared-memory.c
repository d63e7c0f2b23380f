// SPDX-License-Identifier: GPL-2.0
/* Shared anonymous memory: the image has what nobody else has, and each child gets its own. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include "selftest.h"

#define PAGES 64			/* of the arena, in whose 2 MiB the shared memory lies */
#define SHARED (ARENA + 256 * PAGE)
#define SHARED_PAGES 128
#define FILLED 100			/* of them; the others were never touched */
#define SECOND (ARENA + (1UL << 30))	/* a second mapping of the same, from page 64 on */
#define SPARSE (ARENA + (1UL << 40))
#define SPARSE_BYTES (1UL << 40)
#define WORD(page, salt) ((page) * 0x9e3779b97f4a7c15ULL + (salt))

static uint64_t *word(char *memory, size_t page)
{
	return (uint64_t *)(memory + page * PAGE) + page;
}

static void make_shared(void)
{
	int flags = MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE;
	pid_t pid;

	check(mmap(SHARED, SHARED_PAGES * PAGE, PROT_READ | PROT_WRITE, flags, -1, 0) == SHARED);
	check(mmap(SPARSE, SPARSE_BYTES, PROT_READ | PROT_WRITE, flags | MAP_NORESERVE, -1, 0) == SPARSE);
	/* From size 0: a second mapping, not another place of the first. */
	check(mremap(SHARED + 64 * PAGE, 0, 64 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, SECOND) == SECOND);
	for (size_t i = 0; i < FILLED / 2; i++)
		*word(SHARED, i) = WORD(i, 1);
	/* What no table of this process maps: another one wrote it, or it was let go, or swapped out. */
	pid = fork();
	if (!pid) {
		for (size_t i = FILLED / 2; i < FILLED; i++)
			*word(SHARED, i) = WORD(i, 1);
		_exit(0);
	}
	wait_child(pid);
	check_equal(madvise(SHARED, 8 * PAGE, MADV_DONTNEED), 0);
	check_equal(madvise(SHARED + 8 * PAGE, 8 * PAGE, MADV_PAGEOUT), 0);
	check_equal(mprotect(SHARED + 16 * PAGE, 8 * PAGE, PROT_READ), 0);
	*(SPARSE + SPARSE_BYTES - 1) = 's';
}

static bool shared_is(size_t page, uint64_t salt)
{
	return *word(SHARED, page) == (page < FILLED ? WORD(page, salt) : 0);
}

static void check_shared(void)
{
	for (size_t i = 0; i < SHARED_PAGES; i++)
		check(shared_is(i, 1));
	for (size_t i = 0; i < 64; i++)
		check_equal(*(uint64_t *)(SECOND + i * PAGE + (i + 64) * 8),
			    i + 64 < FILLED ? WORD(i + 64, 1) : 0);
	check_equal(*(SPARSE + SPARSE_BYTES - 1), 's');
	check_equal(*SPARSE, 0);
}

/* Both mappings show the same memory, and so does what is forked. */
static void write_shared(void)
{
	int null = open("/dev/zero", O_RDONLY);
	pid_t pid;

	*word(SHARED, 70) = 5;
	check_equal(*(uint64_t *)(SECOND + 6 * PAGE + 70 * 8), 5);
	check(read(null, SHARED + 16 * PAGE, 1) < 0 && errno == EFAULT);
	close(null);
	pid = fork();
	if (!pid) {
		check(shared_is(3, 1) && *word(SHARED, 70) == 5);
		*word(SHARED, 3) = 6;
		*word(SHARED, FILLED + 1) = 7;
		write_page(1, 9);
		_exit(0);
	}
	wait_child(pid);
	check_equal(*word(SHARED, 3), 6);
	check_equal(*word(SHARED, FILLED + 1), 7);
	check(page_is(1, 0));
}

/* True in the child. The pages are summed. */
static bool checkpoint_summed(uint64_t *image)
{
	struct rfork_checkpoint arg = { .head.flags = RFORK_CHECKPOINT_CHECKSUM_DATA };
	int result = call(RFORK_IOC_CHECKPOINT, &arg);

	if (result == 1)
		return true;
	check_equal(result, 0);
	/* Those filled, and one at the end of the sparse memory. */
	check_equal(arg.shared_pages, FILLED + 1);
	*image = arg.image;
	return false;
}

static uint64_t shared_kib(void)
{
	FILE *memory = fopen("/proc/meminfo", "r");
	unsigned long kib = 0;
	char line[128];

	while (fgets(line, sizeof(line), memory))
		sscanf(line, "Shmem: %lu", &kib);
	fclose(memory);
	return kib;
}

static uint64_t other_image(uint64_t image)
{
	struct rfork_image_info images[2];
	struct rfork_list arg = { .images = (uintptr_t)images, .capacity = 2 };

	check_equal(call(RFORK_IOC_LIST, &arg), 0);
	check_equal(arg.count, 2);
	return images[0].image == image ? images[1].image : images[0].image;
}

static void shared_memory_is_each_childs_own(void)
{
	struct rfork_restore options = { .head.flags = RFORK_RESTORE_VERIFY_DATA };
	struct rfork_image info = { };
	uint64_t image, second;

	make_arena(PAGES);
	make_shared();
	if (checkpoint_summed(&image)) {
		struct rfork_counters now = counters(getpid());

		/* The leaf that the arena and shared memory have in common holds no entry of the latter in the image. */
		check_equal(now.leaves_built, 1);
		/* Copied before it ran. */
		check_equal(now.pages_prefetched, FILLED + 1);
		check_shared();
		for (size_t i = 0; i < PAGES; i++)
			check(page_is(i, 0));
		if (checkpoint_self(&second)) {
			check_shared();
			child_exit();
		}
		write_shared();
		child_exit();
	}
	info.image = image;
	check_equal(call(RFORK_IOC_IMAGE, &info), 0);
	check_equal(info.info.shared_pages, FILLED + 1);
	/* Each child leaves an image of its own, from before it wrote. */
	for (int i = 0; i < 3; i++) {
		wait_child(restore_image(image, &options));
		second = other_image(image);
		wait_child(restore_image(second, NULL));
		delete_image(second);
	}
	check_shared();
	delete_image(image);
}

/* Memory of children that were restored, or killed before that, is given back. */
static void shared_memory_of_children_is_given_back(void)
{
	size_t pages = 4096;
	uint64_t image, before;
	char *shared = mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	memset(shared, 'g', pages * PAGE);
	before = shared_kib();
	if (checkpoint_self(&image))
		child_exit();
	check_equal(munmap(shared, pages * PAGE), 0);
	for (int i = 0; i < 10; i++) {
		pid_t pid = restore_image(image, NULL);

		usleep(i * 3000);
		if (i)
			kill(pid, SIGKILL);
		wait_status(pid);
	}
	/* Counted per processor, so told with a delay. */
	for (int i = 0; shared_kib() > before - pages * 2; i++) {
		check(i < 1000);
		usleep(10000);
	}
	for (struct rfork_delete arg = { .image = image }; call(RFORK_IOC_DELETE, &arg) == -EBUSY; )
		usleep(10000);
}

static int refused_for(pid_t pid, const char *words)
{
	struct rfork_checkpoint arg = { .pid = pid };
	int result = call(RFORK_IOC_CHECKPOINT, &arg);

	if (!result)
		delete_image(arg.image);
	else if (!strstr(reason, words))
		printf("# %s\n", reason);
	return result && strstr(reason, words) ? result : 0;
}

/* Not in the process that is checkpointed, which must have no children, but in its child or from outside. */
static void shared_memory_of_others_is_refused(void)
{
	static const char words[] = "which other processes have, too";
	char *shared = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	char path[128];
	int opened;
	pid_t pid;

	memset(shared, 'o', 2 * PAGE);
	pid = fork();
	if (!pid) {
		for (;;)
			pause();
	}
	usleep(50000);
	check_equal(refused_for(pid, words), -EOPNOTSUPP);
	/* Half of it is enough. */
	check_equal(munmap(shared, PAGE), 0);
	check_equal(refused_for(pid, words), -EOPNOTSUPP);
	check_equal(munmap(shared + PAGE, PAGE), 0);
	check_equal(refused_for(pid, words), 0);
	snprintf(path, sizeof(path), "/proc/%d/map_files/%lx-%lx", pid, (unsigned long)shared,
		 (unsigned long)shared + 2 * PAGE);
	opened = open(path, O_RDWR);
	check(opened >= 0);
	check_equal(refused_for(pid, words), -EOPNOTSUPP);
	close(opened);
	check_equal(refused_for(pid, words), 0);
	kill(pid, SIGKILL);
	wait_status(pid);
}

const struct test_case shared_memory_cases[] = {
	{ "shared-anonymous-memory-is-each-childs-own", shared_memory_is_each_childs_own },
	{ "shared-memory-of-children-is-given-back", shared_memory_of_children_is_given_back },
	{ "shared-memory-that-others-have-is-refused", shared_memory_of_others_is_refused },
	{ }
};
