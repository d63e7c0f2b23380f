/*
 * The hold model on a textbook binary heap with first-in-first-out ties: what `cases/event-queue.ts`
 * does, with the same random numbers, so that both must come to the same sum of ids.
 *
 *     binary-heap PENDING WARM_UP OPERATIONS (pop-push | replace)   prints: cpu_ns sum
 */

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "random.h"

struct event {
	int64_t time_ns;
	uint64_t order;
	uint32_t id;
};

static struct event *heap;
static size_t count;
static uint64_t next_order;

static inline int before(const struct event *a, const struct event *b)
{
	return a->time_ns < b->time_ns || (a->time_ns == b->time_ns && a->order < b->order);
}

/* The upper 20 bits of a word. */
static inline int64_t random_delay_ns(void)
{
	return random_word() >> 12;
}

static void push(int64_t time_ns, uint32_t id)
{
	struct event event = { time_ns, next_order++, id };
	size_t node = count++;

	while (node > 0) {
		size_t parent = (node - 1) / 2;

		if (!before(&event, &heap[parent]))
			break;
		heap[node] = heap[parent];
		node = parent;
	}
	heap[node] = event;
}

static void sink(struct event event)
{
	size_t node = 0;

	for (;;) {
		size_t child = 2 * node + 1;

		if (child >= count)
			break;
		if (child + 1 < count && before(&heap[child + 1], &heap[child]))
			child++;
		if (!before(&heap[child], &event))
			break;
		heap[node] = heap[child];
		node = child;
	}
	heap[node] = event;
}

static struct event pop(void)
{
	struct event first = heap[0];

	sink(heap[--count]);
	return first;
}

static int64_t hold(size_t operations, int replace)
{
	int64_t sum = 0;

	for (size_t i = 0; i < operations; i++) {
		if (replace) {
			struct event event = heap[0];

			sum += event.id;
			event.time_ns += random_delay_ns();
			event.order = next_order++;
			sink(event);
		} else {
			struct event event = pop();

			sum += event.id;
			push(event.time_ns + random_delay_ns(), event.id);
		}
	}
	return sum;
}

int main(int argc, char **argv)
{
	struct timespec begin, end;

	if (argc != 5)
		return 2;
	size_t pending = strtoull(argv[1], NULL, 10);
	size_t warm_up = strtoull(argv[2], NULL, 10);
	size_t operations = strtoull(argv[3], NULL, 10);
	int replace = strcmp(argv[4], "replace") == 0;

	heap = malloc(pending * sizeof(*heap));
	if (!heap)
		return 1;
	for (size_t id = 0; id < pending; id++)
		push(random_delay_ns(), id);
	hold(warm_up, replace);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &begin);
	int64_t sum = hold(operations, replace);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &end);
	printf("%" PRId64 " %" PRId64 "\n",
	       (int64_t)(end.tv_sec - begin.tv_sec) * 1000000000 + end.tv_nsec - begin.tv_nsec, sum);
	return 0;
}
