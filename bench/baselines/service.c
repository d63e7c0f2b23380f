/*
 * A node that serves requests: what `cases/service.ts` asks of scenario service, by the same rules and with the same
 * random numbers, so that both must come to the same sum.
 *
 *     service REQUESTS FUNCTIONS CORES MEAN_GAP_NS KEEP_NS           prints: cpu_ns sum
 *
 * A request takes the instance of its function that was idle last, or has one made, which takes a core, too; where no
 * core is free, it waits in line. An instance that is idle for KEEP_NS goes. Latencies are noted one by one, and cores,
 * instances and idle memory over time.
 */

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "random.h"

enum kind { ARRIVAL, READY, DONE, EXPIRY };

struct event {
	int64_t time_ns;
	uint64_t order;
	uint32_t slot;
	uint32_t kind;
};

struct request {
	int64_t arrived_ns;
	uint32_t of;
};

struct instance {
	struct request request;
	uint32_t of;
	/* Neighbours among the idle ones of its function, plus 1; 0 is none. */
	uint32_t before, after;
	/* When it goes, if it is idle until then; and when the queue has an entry for that. */
	int64_t expires_ns, pending_ns;
	int idle;
};

static struct event *heap;
static size_t count, room;
static uint64_t next_order;

static inline int before(const struct event *a, const struct event *b)
{
	return a->time_ns < b->time_ns || (a->time_ns == b->time_ns && a->order < b->order);
}

static void *grown(void *array, size_t *held, size_t needed, size_t size)
{
	if (needed <= *held)
		return array;
	*held = 2 * needed;
	array = realloc(array, *held * size);
	if (!array)
		exit(1);
	return array;
}

static void push(int64_t time_ns, uint32_t kind, uint32_t slot)
{
	struct event own = { time_ns, next_order++, slot, kind };
	size_t at = count++;

	heap = grown(heap, &room, count, sizeof(*heap));
	while (at > 0 && before(&own, &heap[(at - 1) / 2])) {
		heap[at] = heap[(at - 1) / 2];
		at = (at - 1) / 2;
	}
	heap[at] = own;
}

static struct event pop(void)
{
	struct event first = heap[0];
	struct event last = heap[--count];
	size_t at = 0;

	for (size_t child = 1; child < count; child = 2 * at + 1) {
		if (child + 1 < count && before(&heap[child + 1], &heap[child]))
			child++;
		if (!before(&heap[child], &last))
			break;
		heap[at] = heap[child];
		at = child;
	}
	heap[at] = last;
	return first;
}

static struct instance *instances;
static size_t slots, instance_room;
static uint32_t *free_slots;
static size_t free_count, free_room;
/* The idle instance of each function that was used last, plus 1. */
static uint32_t *top;
static struct request *line;
static size_t line_head, line_tail, line_room;
static int64_t *latencies;
static size_t served;

static int64_t now_ns, noted_ns, keep_ns;
static int cores, cores_used;
static uint64_t cold, idle_count, alive;
static double core_ns, idle_ns, alive_ns;

static void note(void)
{
	double passed_ns = now_ns - noted_ns;

	core_ns += passed_ns * cores_used;
	idle_ns += passed_ns * idle_count;
	alive_ns += passed_ns * alive;
	noted_ns = now_ns;
}

static int64_t warm_ns(uint32_t of)
{
	return 5000000 + (int64_t)(of * 7919 % 90) * 1000000;
}

static int64_t start_ns(uint32_t of)
{
	return 100000000 + (int64_t)(of % 10) * 10000000;
}

static void unlink_idle(uint32_t slot)
{
	struct instance *own = &instances[slot];

	if (own->after)
		instances[own->after - 1].before = own->before;
	else
		top[own->of] = own->before;
	if (own->before)
		instances[own->before - 1].after = own->after;
	own->idle = 0;
	idle_count--;
}

static int serve(struct request request)
{
	uint32_t slot;

	if (cores_used >= cores)
		return 0;
	note();
	cores_used++;
	if (top[request.of]) {
		slot = top[request.of] - 1;
		unlink_idle(slot);
		instances[slot].request = request;
		push(now_ns + warm_ns(request.of), DONE, slot);
		return 1;
	}
	if (free_count > 0) {
		slot = free_slots[--free_count];
	} else {
		slot = slots++;
		instances = grown(instances, &instance_room, slots, sizeof(*instances));
		instances[slot].pending_ns = -1;
	}
	instances[slot].of = request.of;
	instances[slot].request = request;
	instances[slot].idle = 0;
	alive++;
	cold++;
	push(now_ns + start_ns(request.of), READY, slot);
	return 1;
}

static void drain(void)
{
	while (line_head < line_tail && serve(line[line_head]))
		line_head++;
}

static void rest(uint32_t slot)
{
	struct instance *own = &instances[slot];

	note();
	latencies[served++] = now_ns - own->request.arrived_ns;
	cores_used--;
	own->idle = 1;
	own->before = top[own->of];
	own->after = 0;
	if (own->before)
		instances[own->before - 1].after = slot + 1;
	top[own->of] = slot + 1;
	idle_count++;
	own->expires_ns = now_ns + keep_ns;
	if (own->pending_ns < 0) {
		own->pending_ns = own->expires_ns;
		push(own->expires_ns, EXPIRY, slot);
	}
	drain();
}

static void expire(uint32_t slot)
{
	struct instance *own = &instances[slot];

	if (own->idle && own->expires_ns == now_ns) {
		note();
		own->pending_ns = -1;
		unlink_idle(slot);
		alive--;
		free_slots = grown(free_slots, &free_room, free_count + 1, sizeof(*free_slots));
		free_slots[free_count++] = slot;
		drain();
		return;
	}
	if (own->expires_ns <= now_ns)
		own->expires_ns = now_ns + keep_ns;
	own->pending_ns = own->expires_ns;
	push(own->expires_ns, EXPIRY, slot);
}

int main(int argc, char **argv)
{
	int64_t sum = 0, next_ns = 0;
	uint64_t requests, made = 0;
	uint32_t functions, mean_ns;
	struct timespec used;

	if (argc != 6)
		return 2;
	requests = strtoull(argv[1], NULL, 10);
	functions = strtoul(argv[2], NULL, 10);
	cores = atoi(argv[3]);
	mean_ns = strtoul(argv[4], NULL, 10);
	keep_ns = strtoll(argv[5], NULL, 10);
	top = calloc(functions, sizeof(*top));
	latencies = malloc(requests * sizeof(*latencies));
	if (!top || !latencies)
		return 1;
	next_ns += random_word() % (2 * mean_ns);
	push(next_ns, ARRIVAL, 0);
	while (served < requests) {
		struct event event = pop();

		now_ns = event.time_ns;
		if (event.kind == ARRIVAL) {
			uint32_t a = random_word() % functions;
			uint32_t b = random_word() % functions;
			struct request request = { now_ns, a < b ? a : b };

			if (line_head < line_tail || !serve(request)) {
				if (line_head == line_tail)
					line_head = line_tail = 0;
				line = grown(line, &line_room, line_tail + 1, sizeof(*line));
				line[line_tail++] = request;
			}
			if (++made < requests) {
				next_ns += random_word() % (2 * mean_ns);
				push(next_ns, ARRIVAL, 0);
			}
		} else if (event.kind == READY) {
			push(now_ns + warm_ns(instances[event.slot].of), DONE, event.slot);
		} else if (event.kind == DONE) {
			rest(event.slot);
		} else {
			expire(event.slot);
		}
	}
	for (size_t i = 0; i < served; i++)
		sum += latencies[i];
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
	printf("%" PRId64 " %" PRId64 "\n", (int64_t)used.tv_sec * 1000000000 + used.tv_nsec,
	       sum + (int64_t)cold);
	/* What was noted over time is part of the work. */
	return core_ns + idle_ns + alive_ns < 0;
}
