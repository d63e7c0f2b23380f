/** One or two machines of one kernel over one shared memory: what every scenario runs on. */
import type { ArchiveEntry } from './cpio.ts';
import type { Kernel } from './kernel.ts';
import { kernelComplaints } from './kernel-complaints.ts';
import { Machine, type MachineOptions } from './machine.ts';
import type { Accelerator } from './qemu-arguments.ts';
import { SharedMemory } from './shared-memory.ts';

const mebibyte = 1024 * 1024;

export interface TestbedOptions {
  /** One entry for each node. */
  readonly machines: readonly {
    readonly kernel: Kernel;
    readonly files?: readonly ArchiveEntry[];
  }[];
  readonly accelerator: Accelerator;
  /** How the nodes see the shared memory. */
  readonly sharedAs?: 'numa-node' | 'cxl-device';
  readonly shared_bytes?: number;
  /** How much of its end each node has as a disk (/dev/pmem…), by which nodes hand over files. */
  readonly shared_disk_bytes?: number;
  /** Its physical address in each node, 4 GiB unless told. */
  readonly sharedBases?: readonly number[];
  readonly memory_bytes?: number;
  /** Private memory of each node on a further NUMA node without processors: emulated local CXL memory. */
  readonly tier_bytes?: number;
  readonly cpus?: number;
  readonly disks?: MachineOptions['disks'];
  readonly kernelParameters?: readonly string[];
  /** Kills all machines, also while they boot. */
  readonly signal?: AbortSignal;
}

export class Testbed {
  /** Zeroed when the testbed starts; keeps its contents while nodes come and go. */
  readonly memory: SharedMemory;
  readonly nodes: Machine[] = [];
  readonly #options: TestbedOptions;

  static async start(options: TestbedOptions): Promise<Testbed> {
    const testbed = new Testbed(options);
    const booting = options.machines.map((_, index) => testbed.#boot(index));
    const outcomes = await Promise.allSettled(booting);
    for (const outcome of outcomes) {
      if (outcome.status === 'fulfilled') testbed.nodes.push(outcome.value);
    }
    const failure = outcomes.find((outcome) => outcome.status === 'rejected');
    if (failure !== undefined) {
      await testbed.stop();
      throw failure.reason;
    }
    return testbed;
  }

  private constructor(options: TestbedOptions) {
    this.#options = options;
    this.memory = new SharedMemory(options.shared_bytes ?? 512 * mebibyte);
  }

  /** Boots a node anew over the same memory, after killing it if it still runs. */
  async restart(index: number): Promise<Machine> {
    await this.nodes[index]!.kill();
    const machine = await this.#boot(index);
    this.nodes[index] = machine;
    return machine;
  }

  /**
   * Makes the testbed as good as new: module unloaded, memory zero. A node that is gone, does not let the module go
   * or has told of a bug is booted anew.
   */
  async reset(): Promise<void> {
    const sound = await Promise.all(this.nodes.map(letsModuleGo));
    this.memory.clear();
    await Promise.all(sound.map((good, index) => (good ? undefined : this.restart(index))));
  }

  /** What the nodes' kernels said last, for whoever tells of a failure. */
  async endOfLogs(): Promise<string> {
    const ends = this.nodes.map(async (node) => {
      const log = await node.kernelLog().catch(() => node.consoleLog());
      const last = log.split('\n').slice(-60).join('\n');
      return `--- kernel log of ${node.node} ends with:\n${last}`;
    });
    return (await Promise.all(ends)).join('\n');
  }

  /** Ends all machines and frees the memory. */
  async stop(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.powerOff()));
    this.memory.close();
  }

  /** Linux now and then panics while it boots under emulation on a busy host; three times would be ours. */
  async #boot(index: number): Promise<Machine> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#bootOnce(index);
      } catch (error) {
        if (attempt === 3 || this.#options.signal?.aborted) throw error;
        console.error(`boots again, since ${(error as Error).message}`);
      }
    }
  }

  #bootOnce(index: number): Promise<Machine> {
    const { machines, sharedAs, sharedBases, shared_disk_bytes, ...options } = this.#options;
    const base = sharedBases?.[index];
    return Machine.boot({
      ...options,
      ...machines[index]!,
      node: `n${index}`,
      shared: {
        memory: this.memory,
        as: sharedAs ?? 'numa-node',
        ...(base !== undefined && { base }),
        ...(shared_disk_bytes !== undefined && { disk_bytes: shared_disk_bytes }),
      },
    });
  }
}

async function letsModuleGo(node: Machine): Promise<boolean> {
  // After a bug the module may never go.
  if (!node.running || kernelComplaints(node.consoleLog()).length > 0) return false;
  try {
    await node.check('[ ! -d /sys/module/rfork ] || rmmod rfork');
    return (await node.kernelComplaints()).length === 0;
  } catch {
    return false;
  }
}
