/* A radix tree of blocks, as sim/scenarios/kv-cache/radix-tree.ts and what it is made of keep it. */

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct node {
	/* -1 of a root, and of a node that is gone. */
	int32_t parent;
	int32_t from, length, depth;
	int32_t holders, children;
	bool queued;
	int64_t used;
};

/* The child plus one, of which 0 is none. */
struct child {
	int32_t parent, key, child;
};

struct leaf {
	int64_t used;
	int32_t node;
};

struct edge {
	int32_t identity, block;
};

struct tree {
	struct node *nodes;
	int32_t node_count, node_room, live_nodes;
	int32_t *free_nodes, free_count, free_room;
	struct child *children;
	uint32_t child_mask, child_count;
	struct edge *edges;
	int32_t edge_end, edge_room, live;
	struct leaf *leaves;
	int32_t leaf_count, leaf_room;
	int64_t clock, held;
	int32_t *there, there_room;
	void (*release)(int32_t block);
};

static void *resized(void *from, size_t bytes)
{
	void *got = realloc(from, bytes);

	if (!got)
		exit(1);
	return got;
}

static inline uint32_t home(const struct tree *tree, int32_t parent, int32_t key)
{
	uint32_t mixed = ((uint32_t)key ^ (uint32_t)parent * 0x9e3779b1u) * 0x9e3779b1u;

	return (mixed ^ mixed >> 15) & tree->child_mask;
}

static int32_t child_find(const struct tree *tree, int32_t parent, int32_t key)
{
	const struct child *all = tree->children;

	for (uint32_t at = home(tree, parent, key);; at = (at + 1) & tree->child_mask) {
		if (!all[at].child)
			return -1;
		if (all[at].parent == parent && all[at].key == key)
			return all[at].child - 1;
	}
}

static void child_grow(struct tree *tree)
{
	struct child *before = tree->children;
	uint32_t room = tree->child_mask + 1;

	tree->child_mask = 2 * tree->child_mask + 1;
	tree->children = calloc(2 * (size_t)room, sizeof(*before));
	if (!tree->children)
		exit(1);
	for (uint32_t i = 0; i < room; i++) {
		if (!before[i].child)
			continue;
		uint32_t at = home(tree, before[i].parent, before[i].key);

		while (tree->children[at].child)
			at = (at + 1) & tree->child_mask;
		tree->children[at] = before[i];
	}
	free(before);
}

static void child_set(struct tree *tree, int32_t parent, int32_t key, int32_t child)
{
	if (2 * tree->child_count > tree->child_mask)
		child_grow(tree);
	struct child *all = tree->children;
	uint32_t at = home(tree, parent, key);

	for (; all[at].child; at = (at + 1) & tree->child_mask)
		if (all[at].parent == parent && all[at].key == key) {
			all[at].child = child + 1;
			return;
		}
	all[at] = (struct child){ parent, key, child + 1 };
	tree->child_count++;
}

static void child_remove(struct tree *tree, int32_t parent, int32_t key)
{
	struct child *all = tree->children;
	uint32_t mask = tree->child_mask, at = home(tree, parent, key);

	while (all[at].parent != parent || all[at].key != key)
		at = (at + 1) & mask;
	for (uint32_t behind = (at + 1) & mask; all[behind].child; behind = (behind + 1) & mask) {
		uint32_t its = home(tree, all[behind].parent, all[behind].key);

		if (((behind - its) & mask) < ((behind - at) & mask))
			continue;
		all[at] = all[behind];
		at = behind;
	}
	all[at] = (struct child){ 0 };
	tree->child_count--;
}

static void leaf_sink(struct tree *tree, struct leaf leaf)
{
	struct leaf *all = tree->leaves;
	int32_t at = 0;

	for (;;) {
		int32_t below = 2 * at + 1;

		if (below >= tree->leaf_count)
			break;
		if (below + 1 < tree->leaf_count && all[below + 1].used < all[below].used)
			below++;
		if (all[below].used >= leaf.used)
			break;
		all[at] = all[below];
		at = below;
	}
	all[at] = leaf;
}

static void leaf_push(struct tree *tree, struct leaf leaf)
{
	if (tree->leaf_count == tree->leaf_room) {
		tree->leaf_room = 2 * tree->leaf_room + 1024;
		tree->leaves = resized(tree->leaves, tree->leaf_room * sizeof(leaf));
	}
	struct leaf *all = tree->leaves;
	int32_t at = tree->leaf_count++;

	while (at > 0) {
		int32_t above = (at - 1) >> 1;

		if (all[above].used <= leaf.used)
			break;
		all[at] = all[above];
		at = above;
	}
	all[at] = leaf;
}

static void leaf_pop(struct tree *tree)
{
	if (--tree->leaf_count > 0)
		leaf_sink(tree, tree->leaves[tree->leaf_count]);
}

static int32_t node_add(struct tree *tree, int32_t parent, int32_t from, int32_t length,
			int32_t depth)
{
	int32_t node = tree->free_count ? tree->free_nodes[--tree->free_count] : tree->node_count++;

	if (node == tree->node_room) {
		tree->node_room = 2 * tree->node_room + 1024;
		tree->nodes = resized(tree->nodes, tree->node_room * sizeof(*tree->nodes));
	}
	tree->nodes[node] =
		(struct node){ .parent = parent, .from = from, .length = length, .depth = depth };
	tree->live_nodes++;
	return node;
}

static void await(struct tree *tree, int32_t node)
{
	if (tree->nodes[node].queued)
		return;
	tree->nodes[node].queued = true;
	leaf_push(tree, (struct leaf){ tree->nodes[node].used, node });
}

static void tree_init(struct tree *tree, void (*release)(int32_t block))
{
	*tree = (struct tree){ .child_mask = 63, .release = release };
	tree->children = calloc(64, sizeof(*tree->children));
	if (!tree->children)
		exit(1);
	node_add(tree, -1, 0, 0, 0);
}

/* The first `count` blocks of the node become one above it. */
static int32_t part(struct tree *tree, int32_t node, int32_t count)
{
	struct node before = tree->nodes[node];
	int32_t above = node_add(tree, before.parent, before.from, count,
				 before.depth - before.length + count);
	struct node *nodes = tree->nodes;

	nodes[above].holders = before.holders;
	nodes[above].children = 1;
	nodes[node].parent = above;
	nodes[node].from = before.from + count;
	nodes[node].length = before.length - count;
	child_set(tree, before.parent, tree->edges[before.from].identity, above);
	child_set(tree, above, tree->edges[before.from + count].identity, node);
	return above;
}

static int32_t tree_match(struct tree *tree, const int32_t *identities, int32_t count,
			  int32_t *blocks, int32_t root)
{
	int32_t node = root, found = 0;

	tree->clock++;
	while (found < count) {
		int32_t child = child_find(tree, node, identities[found]);

		if (child == -1)
			break;
		int32_t length = tree->nodes[child].length, same = 0;
		int32_t most = length < count - found ? length : count - found;
		const struct edge *edges = tree->edges + tree->nodes[child].from;

		do {
			blocks[found + same] = edges[same].block;
			same++;
		} while (same < most && edges[same].identity == identities[found + same]);
		node = same < length ? part(tree, child, same) : child;
		tree->nodes[node].used = tree->clock;
		found += same;
		if (same < length)
			break;
	}
	return node;
}

static void tree_hold(struct tree *tree, int32_t node)
{
	struct node *nodes = tree->nodes;

	for (; nodes[node].parent != -1; node = nodes[node].parent)
		if (nodes[node].holders++ == 0)
			tree->held += nodes[node].length;
}

static void tree_release(struct tree *tree, int32_t node)
{
	struct node *nodes = tree->nodes;

	for (; nodes[node].parent != -1; node = nodes[node].parent) {
		if (--nodes[node].holders > 0)
			continue;
		tree->held -= nodes[node].length;
		if (nodes[node].children == 0)
			await(tree, node);
	}
}

static int32_t tree_insert(struct tree *tree, const int32_t *identities, int32_t count,
			   const int32_t *blocks, int32_t root)
{
	if (tree->there_room < count) {
		tree->there_room = 2 * count;
		tree->there = resized(tree->there, tree->there_room * sizeof(*tree->there));
	}
	int32_t node = tree_match(tree, identities, count, tree->there, root);
	int32_t found = tree->nodes[node].depth, from = tree->edge_end;

	for (int32_t i = 0; i < found; i++)
		if (blocks[i] != tree->there[i])
			tree->release(blocks[i]);
	if (found == count)
		return node;
	tree->edge_end += count - found;
	tree->live += count - found;
	if (tree->edge_end > tree->edge_room) {
		tree->edge_room = 2 * tree->edge_end;
		tree->edges = resized(tree->edges, tree->edge_room * sizeof(*tree->edges));
	}
	for (int32_t i = found; i < count; i++)
		tree->edges[from + i - found] = (struct edge){ identities[i], blocks[i] };
	int32_t added = node_add(tree, node, from, count - found, count);

	tree->nodes[added].used = tree->clock;
	child_set(tree, node, identities[found], added);
	tree->nodes[node].children++;
	await(tree, added);
	return added;
}

/* The leaf to go first, or -1. */
static int32_t tree_next(struct tree *tree)
{
	while (tree->leaf_count > 0) {
		struct leaf first = tree->leaves[0];
		struct node *node = &tree->nodes[first.node];

		if (node->holders > 0 || node->children > 0) {
			node->queued = false;
			leaf_pop(tree);
		} else if (node->used > first.used) {
			leaf_sink(tree, (struct leaf){ node->used, first.node });
		} else {
			return first.node;
		}
	}
	return -1;
}

/* Edges lie side by side again where too much lies between them. */
static void tidy(struct tree *tree)
{
	if (tree->edge_end <= 4096 || 2 * (int64_t)tree->live >= tree->edge_end)
		return;
	int32_t end = 0;

	tree->edge_room = tree->live > 32 ? 2 * tree->live : 64;
	struct edge *edges = resized(NULL, tree->edge_room * sizeof(*edges));

	for (int32_t i = 0; i < tree->node_count; i++) {
		struct node *node = &tree->nodes[i];

		if (node->parent == -1)
			continue;
		memcpy(edges + end, tree->edges + node->from, node->length * sizeof(*edges));
		node->from = end;
		end += node->length;
	}
	free(tree->edges);
	tree->edges = edges;
	tree->edge_end = end;
}

static int32_t tree_evict(struct tree *tree, int32_t most)
{
	int32_t leaf = tree_next(tree);

	if (leaf == -1)
		return 0;
	struct node *node = &tree->nodes[leaf];
	int32_t count = most < node->length ? most : node->length;

	for (int32_t i = 1; i <= count; i++)
		tree->release(tree->edges[node->from + node->length - i].block);
	node->length -= count;
	node->depth -= count;
	if (node->length == 0) {
		int32_t parent = node->parent;

		leaf_pop(tree);
		child_remove(tree, parent, tree->edges[node->from].identity);
		node->parent = -1;
		if (tree->free_count == tree->free_room) {
			tree->free_room = 2 * tree->free_room + 1024;
			tree->free_nodes = resized(tree->free_nodes,
						   tree->free_room * sizeof(*tree->free_nodes));
		}
		tree->free_nodes[tree->free_count++] = leaf;
		tree->live_nodes--;
		if (--tree->nodes[parent].children == 0 && tree->nodes[parent].holders == 0 &&
		    tree->nodes[parent].parent != -1)
			await(tree, parent);
	}
	tree->live -= count;
	tidy(tree);
	return count;
}
