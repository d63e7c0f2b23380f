/** The self-checking program of the selftests (`rfork-selftest --serve`), run as a parent in a guest. */
import assert from 'node:assert/strict';
import type { Job } from './agent-channel.ts';
import type { Machine } from './machine.ts';
import { type Child, checkpoint, control, type RegionOptions, startRegion } from './rfork.ts';
import type { Testbed } from './testbed.ts';

export interface Parent {
  readonly pid: number;
  readonly job: Job;
}

/** Starts it with its arena filled; resolves when it waits for signals. */
export async function serve(
  node: Machine,
  pages: number,
  threads = 0,
  sharedPages = 0,
): Promise<Parent> {
  const job = node.start(`exec /rfork/rfork-selftest --serve ${pages} ${threads} ${sharedPages}`);
  const [, pid] = await job.output(/ready (\d+)/);
  return { pid: Number(pid), job };
}

/** A parent that is checkpointed and ends, checked, before any child runs. */
export async function imageOf(
  node: Machine,
  pages: number,
  threads = 0,
  sharedPages = 0,
): Promise<number> {
  const parent = await serve(node, pages, threads, sharedPages);
  const image = await checkpoint(node, parent.pid);
  parent.job.kill(15);
  assert.equal(await parent.job.exited, 0, parent.job.stdout + parent.job.stderr);
  return image;
}

/** How most scenarios begin: a fresh region on both nodes, and in it the image of a parent of the first. */
export async function startWithImage(
  testbed: Pick<Testbed, 'nodes' | 'memory'>,
  pages: number,
  { threads = 0, ...region }: RegionOptions & { readonly threads?: number } = {},
): Promise<{ here: Machine; there: Machine; image: number }> {
  await startRegion(testbed, region);
  const [here, there] = testbed.nodes;
  return { here: here!, there: there!, image: await imageOf(here!, pages, threads) };
}

export interface ChildCounters {
  readonly pages_copied: number;
  readonly pages_prefetched: number;
  readonly leaves_unshared: number;
  readonly leaves_attached: number;
  readonly leaves_built: number;
  readonly faults: number;
  readonly cow_faults: number;
  readonly migration_faults: number;
}

/** Lets the child read half its pages and write a twentieth; returns what it cost since its restore. */
export async function touch(node: Machine, child: Child): Promise<ChildCounters> {
  await node.check(`kill -USR1 ${child.pid}`);
  await child.job.output(/touched/);
  return control<ChildCounters>(node, `stats --pid ${child.pid}`);
}

/** Ends a parent or a child, which checks every byte it has. */
export async function verify(node: Machine, child: Parent): Promise<void> {
  await node.check(`kill -15 ${child.pid}`);
  assert.equal(await child.job.exited, 0, child.job.stdout + child.job.stderr);
}
