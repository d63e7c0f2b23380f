/** The module in the guests: loaded, its region formatted and attached, and its tool's answers as objects. */
import type { Job } from './agent-channel.ts';
import type { ExecOptions, Machine } from './machine.ts';
import type { Testbed } from './testbed.ts';

export const rforkctl = '/rfork/rforkctl';

export interface RegionOptions {
  readonly coherence?: 'hardware' | 'software';
  /** Parameters for insmod, such as `unshare_hooks=0`. */
  readonly moduleParameters?: string;
  /** Where the region lies; at the shared NUMA memory unless told. */
  readonly base?: number;
  readonly size_bytes?: number;
}

/** Runs `rforkctl --json` with these words; it must succeed. */
export async function control<Answer>(
  node: Machine,
  words: string,
  options?: ExecOptions,
): Promise<Answer> {
  return JSON.parse(await node.check(`${rforkctl} --json ${words}`, options));
}

/** Loads the module on one node and attaches the region as node `index`, formatted or not. */
export async function joinRegion(
  { nodes, memory }: Pick<Testbed, 'nodes' | 'memory'>,
  index: number,
  options: RegionOptions = {},
): Promise<void> {
  const node = nodes[index]!;
  const { base = node.sharedBase, size_bytes = memory.size_bytes, moduleParameters = '' } = options;
  await node.check(`[ -d /sys/module/rfork ] || insmod /rfork/rfork.ko ${moduleParameters}`);
  await node.check(
    `${rforkctl} attach --node ${index} --base 0x${base.toString(16)} --size ${size_bytes}`,
  );
}

/** A fresh region that every node has joined. */
export async function startRegion(
  testbed: Pick<Testbed, 'nodes' | 'memory'>,
  options: RegionOptions = {},
): Promise<void> {
  for (const [index, node] of testbed.nodes.entries()) {
    await joinRegion(testbed, index, options);
    if (index === 0) {
      await node.check(`${rforkctl} format --coherence ${options.coherence ?? 'hardware'}`);
    }
  }
}

/** Resolves to the checkpoint's number, which is its image's. */
export async function checkpoint(node: Machine, pid: number): Promise<number> {
  return (await control<{ checkpoint: number }>(node, `checkpoint ${pid}`)).checkpoint;
}

/**
 * Deletes an image whose children have ended. A process is waited for before its last reference
 * to the image is dropped, so for a moment the image may still be in use.
 */
export async function deleteImage(node: Machine, image: number): Promise<{ bytes_freed: number }> {
  const words = `${rforkctl} --json delete ${image}`;
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const { code, stdout, stderr } = await node.exec(words);
    if (code === 0) return JSON.parse(stdout);
    if (!stderr.includes('EBUSY')) throw new Error(`${node.node}: ${words}: ${stderr}`);
    await node.exec('sleep 0.2');
  }
  throw new Error(
    `${node.node}: checkpoint ${image} is still in use long after its children ended`,
  );
}

export interface Child {
  /** Process identifier in the guest. */
  readonly pid: number;
  /** Ends with the child, with its exit code; its output is the child's. */
  readonly job: Job;
  readonly restored: {
    readonly leaves_attached: number;
    readonly leaves_built: number;
    readonly pages_copied: number;
    readonly entries_validated: number;
    readonly validation_ns: number;
    readonly duration_ns: number;
    /** 32 hexadecimal digits. */
    readonly restore_id: string;
    /** In what the child is not like its parent; see the state table. */
    readonly differs: readonly string[];
  };
}

/** Restores an image; resolves once the child runs. */
export async function restore(node: Machine, image: number, words = ''): Promise<Child> {
  const job = node.start(`exec ${rforkctl} --json restore ${image} ${words}`);
  const [line] = await job.output(/^\{.*\}$/m);
  const { pid, ...restored } = JSON.parse(line);
  return { pid, job, restored };
}
