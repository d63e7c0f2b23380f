// SPDX-License-Identifier: Apache-2.0
/*
 * Measures the memory of one NUMA node as processors of another see it.
 *
 *   memory-speed latency NODE BYTES SAMPLES CPU        loads, each of which waits for the one before
 *   memory-speed read    NODE BYTES SAMPLES CPU...     every processor reads its own part, again and again
 *   memory-speed write   NODE BYTES SAMPLES CPU...     the same with stores past the caches
 *
 * NODE -1 leaves the choice of memory to the kernel. BYTES is the whole working set, which must be many times
 * the last-level cache. Prints a line "nodes N ..." with the nodes that the pages came to lie on, then a line
 * per sample: nanoseconds a load, or 10^9 bytes a second.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#ifdef __x86_64__
#include <emmintrin.h>
#endif

#define MPOL_BIND 2		/* linux/mempolicy.h */
#define LINE 64
#define SAMPLE_NS 200000000	/* long enough that the clock and a timer interrupt do not count */
#define MAX_NODE 1023
#define MAX_CPUS 1024

static void die(const char *what)
{
	fprintf(stderr, "%s: %s\n", what, strerror(errno));
	exit(1);
}

static double clock_ns(clockid_t clock)
{
	struct timespec time;

	clock_gettime(clock, &time);
	return time.tv_sec * 1e9 + time.tv_nsec;
}

static double now_ns(void)
{
	return clock_ns(CLOCK_MONOTONIC);
}

static void pin(int cpu)
{
	cpu_set_t *set = CPU_ALLOC(cpu + 1);
	size_t size = CPU_ALLOC_SIZE(cpu + 1);

	CPU_ZERO_S(size, set);
	CPU_SET_S(cpu, size, set);
	if (sched_setaffinity(0, size, set))
		die("sched_setaffinity");
	CPU_FREE(set);
}

/* Large pages keep most of the time of page walks out of what is measured. */
static char *memory(size_t bytes, long node)
{
	unsigned long mask[(MAX_NODE + 1) / (8 * sizeof(long))] = { 0 };
	char *base = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (base == MAP_FAILED)
		die("mmap");
	madvise(base, bytes, MADV_HUGEPAGE);
	if (node >= 0) {
		mask[node / (8 * sizeof(long))] = 1ul << (node % (8 * sizeof(long)));
		if (syscall(SYS_mbind, base, bytes, MPOL_BIND, mask, MAX_NODE + 1, 0))
			die("mbind");
	}
	memset(base, 1, bytes);
	return base;
}

/* Which nodes a thousand pages of the working set lie on. */
static void tell_nodes(char *base, size_t bytes)
{
	int lies[MAX_NODE + 1] = { 0 };

	for (int i = 0; i < 1000; i++) {
		void *page = base + (bytes / 4096 * i / 1000) * 4096;
		int node = -1;

		if (syscall(SYS_move_pages, 0, 1ul, &page, NULL, &node, 0))
			return;		/* a kernel without NUMA */
		if (node >= 0 && node <= MAX_NODE)
			lies[node] = 1;
	}
	printf("nodes");
	for (int node = 0; node <= MAX_NODE; node++)
		if (lies[node])
			printf(" %d", node);
	printf("\n");
}

static uint64_t random_state = 88172645463325252ull;

/* Marsaglia, Xorshift RNGs, Journal of Statistical Software 8 (2003), 14: xor64. */
static uint64_t next_random(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return random_state;
}

/* One cycle through all lines in random order (Sattolo), which no prefetcher foresees. */
static void *make_cycle(char *base, size_t lines)
{
	uint32_t *order = malloc(lines * sizeof(*order));

	if (!order)
		die("malloc");
	for (size_t i = 0; i < lines; i++)
		order[i] = i;
	for (size_t i = lines - 1; i > 0; i--) {
		size_t j = next_random() % i;
		uint32_t swapped = order[i];

		order[i] = order[j];
		order[j] = swapped;
	}
	for (size_t i = 0; i < lines; i++)
		*(void **)(base + i * LINE) = base + (size_t)order[i] * LINE;
	free(order);
	return base;
}

static void measure_latency(char *base, size_t bytes, int samples)
{
	void *at = make_cycle(base, bytes / LINE);
	long turn = 1 << 14;

	/* The thread's own time: what other programs take from this processor is no latency. */
	for (int sample = -1; sample < samples; sample++) {	/* one goes before all others */
		double start = clock_ns(CLOCK_THREAD_CPUTIME_ID), passed;
		long loads = 0;

		do {
			for (long i = 0; i < turn; i++)
				at = *(void *volatile *)at;
			loads += turn;
			passed = clock_ns(CLOCK_THREAD_CPUTIME_ID) - start;
		} while (passed < SAMPLE_NS);
		if (sample >= 0)
			printf("%.3f\n", passed / loads);
	}
}

struct worker {
	pthread_t thread;
	int cpu;
	char *base;
	size_t bytes;
	int writes;
	double bytes_moved;
};

static pthread_barrier_t barrier;
static int nr_samples;
static volatile uint64_t sink;

static void read_all(const char *base, size_t bytes)
{
#ifdef __x86_64__
	__m128i sum[4] = { _mm_setzero_si128() };

	for (size_t i = 0; i < bytes; i += LINE)
		for (int part = 0; part < 4; part++)
			sum[part] = _mm_add_epi64(sum[part],
				_mm_load_si128((const __m128i *)(base + i) + part));
	sink = _mm_cvtsi128_si64(_mm_add_epi64(_mm_add_epi64(sum[0], sum[1]),
					       _mm_add_epi64(sum[2], sum[3])));
#else
	uint64_t sum = 0;

	for (size_t i = 0; i < bytes; i += 8)
		sum += *(const uint64_t *)(base + i);
	sink = sum;
#endif
}

static void write_all(char *base, size_t bytes)
{
#ifdef __x86_64__
	__m128i value = _mm_set1_epi64x(now_ns());

	for (size_t i = 0; i < bytes; i += LINE)
		for (int part = 0; part < 4; part++)
			_mm_stream_si128((__m128i *)(base + i) + part, value);
	_mm_sfence();
#else
	memset(base, (int)now_ns(), bytes);
#endif
}

static void *work(void *data)
{
	struct worker *worker = data;
	size_t step = 1 << 20;

	pin(worker->cpu);
	for (int sample = -1; sample < nr_samples; sample++) {
		size_t at = 0;
		double start;

		pthread_barrier_wait(&barrier);
		worker->bytes_moved = 0;
		start = now_ns();
		while (now_ns() - start < SAMPLE_NS) {
			if (worker->writes)
				write_all(worker->base + at, step);
			else
				read_all(worker->base + at, step);
			worker->bytes_moved += step;
			at = at + 2 * step <= worker->bytes ? at + step : 0;
		}
		worker->bytes_moved /= now_ns() - start;
		pthread_barrier_wait(&barrier);
	}
	return NULL;
}

static void measure_stream(char *base, size_t bytes, int writes, char **cpus, int nr_cpus)
{
	static struct worker workers[MAX_CPUS];

	pthread_barrier_init(&barrier, NULL, nr_cpus + 1);
	for (int i = 0; i < nr_cpus; i++) {
		size_t part = bytes / nr_cpus & ~((size_t)(1 << 20) - 1);

		workers[i] = (struct worker){ .cpu = atoi(cpus[i]), .base = base + i * part,
					      .bytes = part, .writes = writes };
		if (pthread_create(&workers[i].thread, NULL, work, &workers[i]))
			die("pthread_create");
	}
	for (int sample = -1; sample < nr_samples; sample++) {
		double sum = 0;

		pthread_barrier_wait(&barrier);
		pthread_barrier_wait(&barrier);
		for (int i = 0; i < nr_cpus; i++)
			sum += workers[i].bytes_moved;
		if (sample >= 0)
			printf("%.4f\n", sum);	/* bytes a nanosecond */
	}
	for (int i = 0; i < nr_cpus; i++)
		pthread_join(workers[i].thread, NULL);
}

int main(int argc, char **argv)
{
	size_t bytes;
	char *base;
	long node;

	if (argc < 6 || argc - 5 > MAX_CPUS) {
		fprintf(stderr, "usage: memory-speed latency|read|write NODE BYTES SAMPLES CPU...\n");
		return 2;
	}
	/* Nobody would read the answer. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	node = atol(argv[2]);
	bytes = strtoull(argv[3], NULL, 10) & ~((1ul << 21) - 1);
	nr_samples = atoi(argv[4]);
	if (node > MAX_NODE || bytes < 1ul << 21 || bytes / (argc - 5) < 1 << 20) {
		fprintf(stderr, "a node to %d and a MiB for each processor are needed\n", MAX_NODE);
		return 2;
	}
	pin(atoi(argv[5]));
	base = memory(bytes, node);
	tell_nodes(base, bytes);
	if (!strcmp(argv[1], "latency"))
		measure_latency(base, bytes, nr_samples);
	else
		measure_stream(base, bytes, !strcmp(argv[1], "write"), argv + 5, argc - 5);
	return 0;
}
