/**
 * Measures this machine's memory and makes a fabric of it: the node with processors is local memory, the
 * node that stands for CXL memory is seen from there. What is not measured is taken from a preset and says so.
 */

import { loadavg } from 'node:os';
import type { FabricFile } from '../experiment/fabric-file.ts';
import type { FabricSettings, MemorySettings } from '../fabric/settings.ts';
import { expected } from '../input/expected.ts';
import { InputError } from '../input/input-error.ts';
import { bytes_per_mb } from '../units.ts';
import { lastLevelCacheBytes, numbersOf } from './cache-size.ts';
import { type MachineFiles, machineFiles } from './machine-files.ts';
import { mayBeCxl, memoryDevices, type NumaNode } from './memory-devices.ts';
import { type MemorySpeed, MemorySpeedProgram } from './memory-speed.ts';

export interface MeasureOptions {
  /** Node that stands for CXL memory; chosen where only one can. */
  readonly node: number | undefined;
  /** Working set; by default eight times the last-level cache. */
  readonly working_set_mb: number | undefined;
  readonly samples: number;
  /** What is not measured is as in this preset. */
  readonly base: FabricSettings;
  readonly onProgress?: (what: string) => void;
}

export interface NodeSpeed {
  readonly node: number;
  /** Where the processors that measured are. */
  readonly from_node: number;
  readonly latency_ns: MemorySpeed;
  readonly read_gb_per_s: MemorySpeed;
  readonly write_gb_per_s: MemorySpeed;
}

export interface MeasuredFabric {
  readonly file: FabricFile;
  readonly nodes: readonly NodeSpeed[];
  readonly notes: readonly string[];
}

/** Caches evict as they like: a small multiple still finds lines there. */
const caches_in_working_set = 8;
const unknown_cache_bytes = 64 * bytes_per_mb;

export async function measureFabric(options: MeasureOptions): Promise<MeasuredFabric> {
  const files = machineFiles();
  const plan = planOf(files, options);
  const program = await MemorySpeedProgram.compiled();
  try {
    const nodes: NodeSpeed[] = [];
    for (const { node, from_node, cpus } of plan.measured) {
      const at = {
        node: plan.single ? undefined : node,
        bytes: plan.bytes,
        samples: options.samples,
      };
      const say = (what: string) => options.onProgress?.(`node ${node}: ${what}`);
      say('latency');
      const latency_ns = await program.measure({ kind: 'latency', ...at, cpus: cpus.slice(0, 1) });
      say('reads');
      const read_gb_per_s = await program.measure({ kind: 'read', ...at, cpus });
      say('writes');
      const write_gb_per_s = await program.measure({ kind: 'write', ...at, cpus });
      nodes.push({ node, from_node, latency_ns, read_gb_per_s, write_gb_per_s });
    }
    return fabricOf(plan, nodes, options, about(files));
  } finally {
    program.close();
  }
}

interface Plan {
  readonly bytes: number;
  readonly llc_bytes: number | undefined;
  readonly cores: number;
  readonly local: NumaNode;
  readonly cxl: NumaNode | undefined;
  /** A kernel with one node, or none that it tells of, is not told where memory should lie. */
  readonly single: boolean;
  readonly measured: readonly { node: number; from_node: number; cpus: readonly number[] }[];
  readonly notes: readonly string[];
}

/** What is measured from where; throws an `InputError` where that cannot be. */
export function planOf(
  files: MachineFiles,
  options: Pick<MeasureOptions, 'node' | 'working_set_mb'>,
): Plan {
  const { nodes } = memoryDevices(files);
  const local = nodes.find(({ cpus, memory_mb }) => cpus !== '' && memory_mb !== 0);
  if (local === undefined) {
    throw new InputError(
      '/sys/devices/system/node',
      'tells of no node with processors and memory',
      expected('a Linux kernel with NUMA'),
    );
  }
  const cxl = cxlNode(nodes, local, options.node);
  const llc_bytes = lastLevelCacheBytes(files);
  const bytes = workingSet(llc_bytes, [local, ...(cxl ? [cxl] : [])], options.working_set_mb);
  const cpus = numbersOf(local.cpus);
  const measured = [local, ...(cxl ? [cxl] : [])].map(({ number }) => {
    return { node: number, from_node: local.number, cpus };
  });
  const notes =
    cxl === undefined
      ? [
          'There is no second node: only local memory was measured, and CXL memory is that of the preset.',
        ]
      : [];
  return {
    bytes,
    llc_bytes,
    cores: cpus.length,
    local,
    cxl,
    single: nodes.length === 1,
    measured,
    notes,
  };
}

function cxlNode(
  nodes: readonly NumaNode[],
  local: NumaNode,
  wanted: number | undefined,
): NumaNode | undefined {
  const others = nodes.filter((node) => node !== local && node.memory_mb !== 0);
  if (wanted !== undefined) {
    const node = nodes.find(({ number }) => number === wanted);
    const names = others.map(({ number }) => number).join(' or ') || 'no --node';
    if (node === undefined)
      throw new InputError(`--node ${wanted}`, 'there is no such NUMA node', `expected ${names}`);
    if (node === local)
      throw new InputError(
        `--node ${wanted}`,
        'this is the local memory itself',
        `expected ${names}`,
      );
    if (node.memory_mb === 0)
      throw new InputError(`--node ${wanted}`, 'the node has no memory', `expected ${names}`);
    return node;
  }
  const alone = others.filter(mayBeCxl);
  if (alone.length === 1) return alone[0];
  if (others.length === 0) return undefined;
  const names = others.map(({ number }) => `--node ${number}`).join(' or ');
  throw new InputError(
    'fabric measure',
    `${others.length} nodes could stand for CXL memory`,
    `expected ${names}`,
  );
}

function workingSet(
  llc_bytes: number | undefined,
  nodes: readonly NumaNode[],
  wanted_mb: number | undefined,
): number {
  const bytes =
    wanted_mb === undefined
      ? caches_in_working_set * (llc_bytes ?? unknown_cache_bytes)
      : wanted_mb * bytes_per_mb;
  for (const { number, memory_mb } of nodes) {
    if (memory_mb === undefined || bytes <= (memory_mb * bytes_per_mb) / 2) continue;
    throw new InputError(
      `NUMA node ${number}`,
      `has ${memory_mb} MiB, and the working set would be ${Math.ceil(bytes / bytes_per_mb)} MiB`,
      'expected at most half: --working-set-mb',
    );
  }
  return bytes;
}

/** The machine, as a reader of the file must know it. */
function about(files: MachineFiles): string {
  const processor =
    /^model name\s*:\s*(.*)$/m.exec(files.text('/proc/cpuinfo') ?? '')?.[1] ?? 'unknown processor';
  const virtual = /^flags\s*:.*\bhypervisor\b/m.test(files.text('/proc/cpuinfo') ?? '');
  const release = files.text('/proc/sys/kernel/osrelease') ?? 'unknown kernel';
  return `${processor}${virtual ? ' in a virtual machine' : ''}, Linux ${release}`;
}

export function fabricOf(
  plan: Plan,
  nodes: readonly NodeSpeed[],
  { base, samples }: Pick<MeasureOptions, 'base' | 'samples'>,
  machine: string,
  load = loadavg()[0]!,
): MeasuredFabric {
  const megabytes = Math.round(plan.bytes / bytes_per_mb);
  const method =
    `cxlsim fabric measure: dependent loads of ${megabytes} MiB in random order, streams of all ${plan.cores} ` +
    `processors (reads; stores past the caches), medians of ${samples}`;
  const [local, cxl] = nodes as [NodeSpeed, NodeSpeed?];
  const notes = [...plan.notes, ...misplaced(nodes)];
  if (load > 0.5 * plan.cores) {
    notes.push(
      `The machine was busy (load ${load.toFixed(1)} on ${plan.cores} processors): it is faster than these numbers.`,
    );
  }
  if (plan.llc_bytes === undefined)
    notes.push('The kernel does not tell the size of the last-level cache.');
  const as_base = `not measured; as in ${base.preset}`;
  const assumed: Record<string, string> = {
    nodes: 'not a property of this machine; two',
    coherence: 'not measured; no pool on the market keeps hosts coherent in hardware',
    'node.local.duplex': 'not measured; a DRAM bus takes turns',
    'node.local.load_curves': 'not measured; flat',
    ...(plan.llc_bytes === undefined && { 'node.llc_mb': as_base }),
    ...(cxl === undefined
      ? { cxl: as_base }
      : {
          'cxl.duplex':
            'not measured; reads and writes share one ceiling, which is the lower bound',
          'cxl.load_curves': 'not measured; flat',
        }),
  };
  const source = `${machine}; ${method}${load > 0.5 * plan.cores ? `; busy, load ${load.toFixed(1)}` : ''}`;
  const fabric: FabricFile['fabric'] = {
    nodes: 2,
    coherence: 'software',
    node: {
      cores: plan.cores,
      llc_mb: plan.llc_bytes === undefined ? base.node.llc_mb : plan.llc_bytes / bytes_per_mb,
      local: memoryOf(local, plan.local, source),
    },
    cxl: cxl === undefined ? base.cxl : memoryOf(cxl, plan.cxl!, source),
  };
  const description =
    cxl === undefined
      ? `local memory of this machine, CXL memory of ${base.preset}`
      : `node ${cxl.node} as CXL memory beside node ${local.node}, as measured on this machine`;
  return { file: { description, source, assumed, fabric }, nodes, notes };
}

function memoryOf(speed: NodeSpeed, node: NumaNode, source: string): MemorySettings {
  const { latency_ns, read_gb_per_s, write_gb_per_s } = speed;
  return {
    latency_ns: rounded(latency_ns.median, 10),
    read_gb_per_s: rounded(read_gb_per_s.median, 100),
    write_gb_per_s: rounded(write_gb_per_s.median, 100),
    duplex: 'half',
    capacity_mb: Math.max(1, node.memory_mb ?? 1),
    load_curves: [],
    source: `node ${speed.node} from node ${speed.from_node}; ${source}`,
  };
}

/** More digits than repeat would pretend. */
function rounded(value: number, to: number): number {
  return Math.max(1, Math.round(value * to)) / to;
}

function misplaced(nodes: readonly NodeSpeed[]): string[] {
  return nodes.flatMap(({ node, ...speeds }) => {
    const lay = new Set(
      [speeds.latency_ns, speeds.read_gb_per_s, speeds.write_gb_per_s].flatMap(
        (each) => each.nodes,
      ),
    );
    const others = [...lay].filter((each) => each !== node);
    return others.length === 0
      ? []
      : [`Of node ${node}'s memory some lay on node ${others.join(', ')}.`];
  });
}
