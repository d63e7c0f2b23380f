/*
 * A serving engine: what `cases/engine-steps.ts` does, with the same requests and by the same rules, so that all take
 * the same time.
 *
 *     engine-steps REQUESTS MEAN_GAP_NS KV_BLOCKS MOST_SEQUENCES BLOCK_TOKENS      prints: cpu_ns sum
 *
 * Two steps are under way. Each has a token of all that decode, and as much of prompts as it has room for.
 */

#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "pool.h"
#include "random.h"

enum { trunks = 50, trunk_blocks = 32, depth = 2 };

struct request {
	int64_t arrival_ns, done_ns, first_token_ns;
	int32_t input, output, all, trunk, own;
	int32_t scheduled, generated, pending, epoch, found;
	int32_t settled, block_count;
	int32_t *identities, *blocks;
};

struct output {
	struct request *request;
	int32_t epoch;
};

struct step {
	int32_t *prompt_tokens, *prompt_contexts;
	int32_t prompts, decodes, longest_context, shares, output_count;
	int64_t context_sum, end_ns;
	struct output *outputs;
};

static struct request *requests, **waiting, **running;
static int32_t request_count, running_count;
/* Known only when it runs, as in ours. */
static int32_t block_tokens, step_tokens = 2048, most_sequences;
static int64_t head, tail;
static int64_t now_ns, gpu_free_ns;
static int64_t steps, preempted, computed_tokens, recomputed_tokens, found_tokens;
static void *room(size_t bytes)
{
	void *got = calloc(1, bytes);

	if (!got)
		exit(1);
	return got;
}

static int32_t ceil_blocks(int32_t tokens)
{
	return (tokens + block_tokens - 1) / block_tokens;
}

static inline double larger(double a, double b)
{
	return a > b ? a : b;
}

/* Llama 3.1 8B on an H100 along its roofline. */
static int64_t step_ns(const struct step *step)
{
	const double weights = 32.0 * (2.0 * 4096 * 4096 + 2.0 * 4096 * 1024 + 3.0 * 4096 * 14336) +
			       4096.0 * 128256;
	const double kv_bytes = 131072;
	const double flops_per_ns = 989.4 * 1e3 * 1 * 0.75;
	const double bytes_per_ns = 3350.0 * 1 * 0.92;
	const double weights_ns = weights * 2 / bytes_per_ns;
	const double pair_flops = 4.0 * 32 * 128 * 32;
	double tokens = 0, pairs = step->context_sum, read = step->context_sum;

	for (int32_t i = 0; i < step->prompts; i++) {
		double own = step->prompt_tokens[i];

		tokens += own;
		pairs += own * (step->prompt_contexts[i] + own / 2);
		read += step->prompt_contexts[i] + own;
	}
	tokens += step->decodes;
	double matrices_ns = larger(2 * tokens * weights / flops_per_ns, weights_ns);
	double attention_ns = larger(pair_flops * pairs / flops_per_ns, kv_bytes * read / bytes_per_ns);

	return (int64_t)(matrices_ns + attention_ns + 0.5);
}

static void submit(struct request *request)
{
	int32_t blocks = ceil_blocks(request->all);

	request->identities = room(blocks * sizeof(int32_t));
	request->blocks = room(blocks * sizeof(int32_t));
	for (int32_t k = 0; k < blocks; k++)
		request->identities[k] = k < request->input / block_tokens && k < trunk_blocks ?
			request->trunk * trunk_blocks + k : request->own + k;
	waiting[tail++] = request;
}

static bool grow_blocks(struct request *request, int32_t tokens)
{
	int32_t needed = ceil_blocks(tokens) - request->block_count;
	int32_t full = tokens / block_tokens;

	if (needed > free_count)
		return false;
	for (int32_t i = 0; i < needed; i++)
		request->blocks[request->block_count++] = pool_take();
	request->settled = tokens % block_tokens ? (full + 1) * block_tokens : tokens + 1;
	for (int32_t i = request->scheduled / block_tokens; i < full; i++)
		pool_name(request->blocks[i], request->identities[i]);
	return true;
}

static void release_blocks(struct request *request)
{
	for (int32_t i = request->block_count - 1; i >= 0; i--)
		pool_release(request->blocks[i]);
	request->block_count = 0;
	request->settled = 0;
}

static inline int32_t known(const struct request *request)
{
	return request->input + request->generated + request->pending;
}

static void share(struct step *step, struct request *request, int32_t tokens)
{
	int32_t from = request->scheduled, all = from + tokens, before = known(request);

	request->scheduled = all;
	step->shares++;
	if (from < request->input)
		computed_tokens += tokens;
	if (tokens == 1 && from >= request->input) {
		step->decodes++;
		step->context_sum += all;
		if (all > step->longest_context)
			step->longest_context = all;
	} else {
		step->prompt_tokens[step->prompts] = tokens;
		step->prompt_contexts[step->prompts++] = from;
		if (request->epoch > 0)
			recomputed_tokens += tokens;
	}
	if (all < before)
		return;
	request->pending++;
	step->outputs[step->output_count++] = (struct output){ request, request->epoch };
}

static void give_up(struct request *request)
{
	release_blocks(request);
	request->scheduled = 0;
	request->pending = 0;
	request->epoch++;
	preempted++;
	waiting[--head] = request;
}

static int32_t go_on(struct step *step)
{
	int32_t left = step_tokens;

	for (int32_t i = 0; i < running_count && left > 0; i++) {
		struct request *request = running[i];
		int32_t all = known(request), from = request->scheduled;

		if (all >= request->all && from >= all - 1)
			continue;
		int32_t tokens = all - from < left ? all - from : left;

		if (tokens == 0)
			continue;
		if (from + tokens >= request->settled) {
			while (!grow_blocks(request, from + tokens)) {
				give_up(running[--running_count]);
				if (running_count <= i)
					return left;
			}
		}
		share(step, request, tokens);
		left -= tokens;
	}
	return left;
}

/* Whether the first in line may begin: what is there of it is held, and there is room for all of it. */
static bool begin(struct request *request)
{
	int32_t all = known(request), most = (all - 1) / block_tokens, found = 0;
	int32_t available = free_count;

	for (; found < most; found++) {
		int32_t block = pool_find(request->identities[found]);

		if (block == -1)
			break;
		request->blocks[found] = block;
	}
	for (int32_t i = 0; i < found; i++)
		if (blocks[request->blocks[i]].holders == 0)
			available--;
	if (ceil_blocks(all) - found > available)
		return false;
	for (int32_t i = 0; i < found; i++)
		pool_hold(request->blocks[i]);
	request->block_count = found;
	request->scheduled = found * block_tokens;
	request->found += request->scheduled;
	found_tokens += request->scheduled;
	return true;
}

static void admit(struct step *step, int32_t left)
{
	while (left > 0 && running_count < most_sequences && head < tail && begin(waiting[head])) {
		struct request *request = waiting[head++];
		int32_t lacking = known(request) - request->scheduled;
		int32_t tokens = lacking < left ? lacking : left;

		if (!grow_blocks(request, request->scheduled + tokens))
			exit(1);
		running[running_count++] = request;
		share(step, request, tokens);
		left -= tokens;
	}
}

static bool schedule(struct step *step)
{
	int64_t before = preempted;

	step->prompts = step->decodes = step->longest_context = 0;
	step->shares = step->output_count = 0;
	step->context_sum = 0;
	int32_t left = go_on(step);

	if (preempted == before)
		admit(step, left);
	return step->shares > 0;
}

/* The step's tokens come out; how many requests are done by that. */
static int32_t give(const struct step *step)
{
	int32_t done = 0;

	for (int32_t i = 0; i < step->output_count; i++) {
		struct request *request = step->outputs[i].request;

		if (request->epoch != step->outputs[i].epoch || request->generated == request->output)
			continue;
		request->pending--;
		if (++request->generated == 1)
			request->first_token_ns = now_ns;
		if (request->generated < request->output)
			continue;
		request->done_ns = now_ns;
		int32_t at = 0;

		while (running[at] != request)
			at++;
		memmove(running + at, running + at + 1,
			(--running_count - at) * sizeof(*running));
		release_blocks(request);
		free(request->identities);
		free(request->blocks);
		done++;
	}
	return done;
}

static void serve(struct step *all_steps)
{
	int32_t next = 0, done = 0, first = 0, under_way = 0;

	while (done < request_count) {
		while (under_way < depth) {
			struct step *step = &all_steps[(first + under_way) % depth];

			if (!schedule(step))
				break;
			gpu_free_ns = (gpu_free_ns > now_ns ? gpu_free_ns : now_ns) + step_ns(step);
			step->end_ns = gpu_free_ns;
			steps++;
			under_way++;
		}
		if (under_way == 0) {
			now_ns = requests[next].arrival_ns;
		} else {
			int64_t end_ns = all_steps[first].end_ns;

			while (next < request_count && requests[next].arrival_ns < end_ns)
				submit(&requests[next++]);
			now_ns = end_ns;
			done += give(&all_steps[first]);
			first = (first + 1) % depth;
			under_way--;
		}
		while (next < request_count && requests[next].arrival_ns <= now_ns)
			submit(&requests[next++]);
	}
}

int main(int argc, char **argv)
{
	struct step all_steps[depth];
	struct timespec begin, end;
	int64_t arrival_ns = 0, sum;
	int32_t own = trunks * trunk_blocks;

	if (argc != 6)
		return 2;
	request_count = strtol(argv[1], NULL, 10);
	uint32_t mean_gap_ns = strtoul(argv[2], NULL, 10);

	pool_init(strtol(argv[3], NULL, 10));
	most_sequences = strtol(argv[4], NULL, 10);
	block_tokens = strtol(argv[5], NULL, 10);
	requests = room(request_count * sizeof(*requests));
	/* Those that give way come back in front. */
	waiting = room((request_count + most_sequences) * sizeof(*waiting));
	head = tail = most_sequences;
	running = room(most_sequences * sizeof(*running));
	for (int i = 0; i < depth; i++) {
		all_steps[i].prompt_tokens = room(most_sequences * sizeof(int32_t));
		all_steps[i].prompt_contexts = room(most_sequences * sizeof(int32_t));
		all_steps[i].outputs = room(most_sequences * sizeof(struct output));
	}
	for (int32_t i = 0; i < request_count; i++) {
		arrival_ns += random_word() % (2 * mean_gap_ns);
		requests[i].arrival_ns = arrival_ns;
		requests[i].trunk = random_word() % trunks;
		requests[i].input = 1 + random_word() % 1024;
		requests[i].output = 1 + random_word() % 1024;
		requests[i].all = requests[i].input + requests[i].output;
		requests[i].own = own;
		own += ceil_blocks(requests[i].all);
	}
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &begin);
	serve(all_steps);
	sum = steps + preempted + found_tokens;
	for (int32_t i = 0; i < request_count; i++)
		sum += requests[i].done_ns - requests[i].arrival_ns;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &end);
	printf("%" PRId64 " %" PRId64 "\n",
	       (int64_t)(end.tv_sec - begin.tv_sec) * 1000000000 + end.tv_nsec - begin.tv_nsec, sum);
	return 0;
}
