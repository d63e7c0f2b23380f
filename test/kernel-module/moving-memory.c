/*
 * A function whose memory moves: in each invocation its heap grows and shrinks, mappings come, go in part, and lose
 * their content, and pages are read and written, all by chance from SEED. Served as traces/live/resident.c serves.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define PAGE 4096
#define AREAS 6
#define AREA_PAGES 700
#define HEAP_PAGES 1500
#define STEPS 60

static uint64_t state = SEED;

static unsigned int draw(unsigned int below)
{
	state = state * 6364136223846793005u + 1442695040888963407u;
	return (unsigned int)(state >> 33) % below;
}

/* Which pages of an area are mapped, and which of the heap are there. */
static unsigned char *areas[AREAS];
static unsigned char mapped[AREAS][AREA_PAGES];
static unsigned char *heap;
static unsigned int heap_pages;
static uint64_t sum;

static void touch(unsigned char *page, int store)
{
	if (store)
		page[8] += 1;
	else
		sum += page[8];
}

static void step_area(unsigned int area)
{
	unsigned int first = draw(AREA_PAGES), count = 1 + draw(AREA_PAGES - first), i;
	unsigned char *at = areas[area] + (size_t)first * PAGE;

	switch (draw(6)) {
	case 0:
		munmap(at, (size_t)count * PAGE);
		for (i = first; i < first + count; i++)
			mapped[area][i] = 0;
		break;
	case 1:
		mmap(at, (size_t)count * PAGE, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
		for (i = first; i < first + count; i++)
			mapped[area][i] = 1;
		break;
	case 2:
		madvise(at, (size_t)count * PAGE, MADV_DONTNEED);
		break;
	default:
		for (i = 0; i < 20; i++) {
			unsigned int page = (first + draw(60)) % AREA_PAGES;

			if (mapped[area][page])
				touch(areas[area] + (size_t)page * PAGE, draw(2));
		}
	}
}

static void step_heap(void)
{
	unsigned int pages = draw(HEAP_PAGES), i;

	if (draw(3) == 0) {
		sbrk(((long)pages - (long)heap_pages) * PAGE);
		heap_pages = pages;
	}
	for (i = 0; i < 20 && heap_pages; i++) {
		/* Near the end, where the next step may cut. */
		unsigned int back = draw(heap_pages < 80 ? heap_pages : 80);

		touch(heap + (size_t)(heap_pages - 1 - back) * PAGE, draw(2));
	}
}

static void invoke(void)
{
	for (unsigned int i = 0; i < STEPS; i++) {
		unsigned int which = draw(AREAS + 3);

		if (which < AREAS)
			step_area(which);
		else
			step_heap();
	}
}

static uint64_t now_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

int main(void)
{
	sigset_t signals;
	unsigned int count = 0, i;
	int signal_number;
	uint64_t begin_ns;

	sigemptyset(&signals);
	sigaddset(&signals, SIGUSR1);
	sigaddset(&signals, SIGTERM);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	setvbuf(stdout, NULL, _IONBF, 0);
	heap = sbrk(0);
	sbrk((PAGE - (uintptr_t)heap % PAGE) % PAGE);
	heap = sbrk(0);
	for (i = 0; i < AREAS; i++) {
		areas[i] = mmap(NULL, AREA_PAGES * PAGE, PROT_READ | PROT_WRITE,
				MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		for (unsigned int page = 0; page < AREA_PAGES; page++)
			mapped[i][page] = 1;
	}
	printf("ready %d %llu\n", getpid(), (unsigned long long)now_ns(CLOCK_BOOTTIME));
	for (;;) {
		sigwait(&signals, &signal_number);
		if (signal_number == SIGTERM)
			return 0;
		begin_ns = now_ns(CLOCK_MONOTONIC);
		invoke();
		printf("done %u %020llu %020llu %llx\n", ++count, (unsigned long long)begin_ns,
		       (unsigned long long)now_ns(CLOCK_MONOTONIC), (unsigned long long)sum);
	}
}
