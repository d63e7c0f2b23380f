/**
 * Memory as the kernel tells of it: NUMA nodes, DAX devices, and devices of the CXL bus (the kernel's
 * Documentation/ABI: testing/sysfs-bus-dax, testing/sysfs-bus-cxl, stable/sysfs-devices-node).
 */

import type { MachineFiles } from './machine-files.ts';

export interface NumaNode {
  readonly number: number;
  /** As the kernel lists them, `0-31`; empty for a node of memory alone. */
  readonly cpus: string;
  readonly memory_mb: number | undefined;
  /** What firmware promises processors beside it (ACPI HMAT). */
  readonly promised?: { readonly read_latency_ns: number; readonly read_mb_per_s: number };
  /** Number of the kernel's memory tier; greater is slower. */
  readonly tier?: number;
  /** Memory alone in a faster tier than that of any processor's own: HBM beside DRAM. */
  readonly is_fastest?: true;
}

export function hasMemoryAlone({ cpus, memory_mb }: NumaNode): boolean {
  return cpus === '' && (memory_mb ?? 0) > 0;
}

/** Whether the node may stand for CXL memory, which is no faster than local memory. */
export function mayBeCxl(node: NumaNode): boolean {
  return hasMemoryAlone(node) && node.is_fastest !== true;
}

export interface DaxDevice {
  readonly name: string;
  readonly size_bytes: number | undefined;
  readonly numa_node: number | undefined;
  /** The node that its memory gets when it becomes system memory. */
  readonly target_node: number | undefined;
  readonly driver: string | undefined;
}

export interface CxlMemory {
  readonly name: string;
  readonly volatile_bytes: number | undefined;
  readonly persistent_bytes: number | undefined;
  readonly numa_node: number | undefined;
  readonly serial: string | undefined;
}

export interface CxlRegion {
  readonly name: string;
  readonly size_bytes: number | undefined;
  /** `ram` or `pmem`. */
  readonly mode: string | undefined;
  readonly driver: string | undefined;
  /** Names of the memories it is made of, where the kernel tells. */
  readonly memories?: readonly string[];
}

/** A window of addresses that firmware keeps for CXL memory. */
export interface RootDecoder {
  readonly name: string;
  /** Which kinds of memory may lie in it. */
  readonly volatile: boolean;
  readonly persistent: boolean;
  /** Memories behind each host bridge that it leads to; `undefined` where the kernel does not tell. */
  readonly behind: readonly (readonly string[])[] | undefined;
  /** Over how many host bridges its addresses are spread; regions in it are then of as many memories or more. */
  readonly ways: number;
  /** Kinds of regions that this kernel makes in it, as far as it tells. */
  readonly creates: readonly string[];
}

export interface MemoryDevices {
  readonly nodes: readonly NumaNode[];
  readonly dax: readonly DaxDevice[];
  readonly cxl_memories: readonly CxlMemory[];
  readonly cxl_regions: readonly CxlRegion[];
  readonly root_decoders: readonly RootDecoder[];
}

const bus = '/sys/bus/cxl/devices';

export function memoryDevices(files: MachineFiles): MemoryDevices {
  const numbered = (folder: string, name: RegExp) =>
    files.names(folder).filter((each) => name.test(each));
  const on_bus = (name: RegExp) => numbered(bus, name);
  const cxl_memories = on_bus(/^mem\d+$/).map((name) => cxlMemory(files, name));
  const nodes = numbered('/sys/devices/system/node', /^node\d+$/);
  return {
    nodes: withFastest(nodes.map((name) => numaNode(files, name))),
    dax: numbered('/sys/bus/dax/devices', /^dax\d+\.\d+$/).map((name) => daxDevice(files, name)),
    cxl_memories,
    cxl_regions: on_bus(/^region\d+$/).map((name) => cxlRegion(files, name)),
    // Decoders of ports and endpoints do not say what may lie in them.
    root_decoders: on_bus(/^decoder\d+\.\d+$/)
      .filter((name) => files.exists(`${bus}/${name}/cap_ram`))
      .map((name) => rootDecoder(files, name, cxl_memories)),
  };
}

function numaNode(files: MachineFiles, name: string): NumaNode {
  const folder = `/sys/devices/system/node/${name}`;
  const kib = /MemTotal:\s+(\d+) kB/.exec(files.text(`${folder}/meminfo`) ?? '')?.[1];
  const access = `${folder}/access0/initiators`;
  const latency = number(files.text(`${access}/read_latency`));
  const bandwidth = number(files.text(`${access}/read_bandwidth`));
  const tier = files
    .names('/sys/devices/virtual/memory_tiering')
    .find((each) =>
      includes(
        files.text(`/sys/devices/virtual/memory_tiering/${each}/nodelist`) ?? '',
        Number(name.slice(4)),
      ),
    );
  return {
    number: Number(name.slice(4)),
    cpus: files.text(`${folder}/cpulist`) ?? '',
    memory_mb: kib === undefined ? undefined : Math.round(Number(kib) / 1024),
    // Zero stands for what the firmware does not tell.
    ...(latency &&
      bandwidth && { promised: { read_latency_ns: latency, read_mb_per_s: bandwidth } }),
    ...(tier !== undefined && { tier: Number(/\d+$/.exec(tier)![0]) }),
  };
}

function withFastest(nodes: readonly NumaNode[]): NumaNode[] {
  const tiers = nodes.flatMap(({ cpus, tier }) => (cpus === '' ? [] : (tier ?? [])));
  const fastest = Math.min(...tiers);
  return nodes.map((node) => {
    const is_faster = tiers.length > 0 && node.tier !== undefined && node.tier < fastest;
    return hasMemoryAlone(node) && is_faster ? { ...node, is_fastest: true } : node;
  });
}

function daxDevice(files: MachineFiles, name: string): DaxDevice {
  const folder = `/sys/bus/dax/devices/${name}`;
  return {
    name,
    size_bytes: number(files.text(`${folder}/size`)),
    numa_node: nodeNumber(files.text(`${folder}/numa_node`)),
    target_node: nodeNumber(files.text(`${folder}/target_node`)),
    driver: files.linked(`${folder}/driver`),
  };
}

function cxlMemory(files: MachineFiles, name: string): CxlMemory {
  const folder = `${bus}/${name}`;
  return {
    name,
    volatile_bytes: number(files.text(`${folder}/ram/size`)),
    persistent_bytes: number(files.text(`${folder}/pmem/size`)),
    numa_node: nodeNumber(files.text(`${folder}/numa_node`)),
    serial: files.text(`${folder}/serial`),
  };
}

function cxlRegion(files: MachineFiles, name: string): CxlRegion {
  const folder = `${bus}/${name}`;
  const targets = files.names(folder).filter((each) => /^target\d+$/.test(each));
  // decoder3.0 is one of endpoint3, which hangs below the memory that it is the port of.
  const memories = targets.map((target) => {
    const endpoint = /^decoder(\d+)\./.exec(files.text(`${folder}/${target}`) ?? '')?.[1];
    return endpoint && files.linked(`${bus}/endpoint${endpoint}/uport`);
  });
  const known = memories.flatMap((memory) => memory || []);
  return {
    name,
    size_bytes: number(files.text(`${folder}/size`)),
    mode: files.text(`${folder}/mode`),
    driver: files.linked(`${folder}/driver`),
    ...(targets.length > 0 && known.length === targets.length && { memories: known }),
  };
}

function rootDecoder(
  files: MachineFiles,
  name: string,
  memories: readonly CxlMemory[],
): RootDecoder {
  const folder = `${bus}/${name}`;
  const root = `${bus}/root${/\d+/.exec(name)![0]}`;
  const targets = (files.text(`${folder}/target_list`) ?? '').split(',').filter(Boolean);
  const bridges = targets.map((id) => {
    const port = `${root}/dport${id}`;
    const bridge = files.real(`${port}/physical_node`) ?? files.real(port);
    return bridge && /\/(pci[\da-f]+:[\da-f]+)$/.exec(bridge)?.[1];
  });
  const told = targets.length > 0 && bridges.every((bridge) => bridge !== undefined);
  const isBehind = (memory: CxlMemory, bridge: string) =>
    (files.real(`${bus}/${memory.name}`) ?? '').includes(`/${bridge}/`);
  return {
    name,
    volatile: files.text(`${folder}/cap_ram`) === '1',
    persistent: files.text(`${folder}/cap_pmem`) === '1',
    behind: told
      ? bridges.map((bridge) => {
          const those = memories.filter((memory) => isBehind(memory, bridge!));
          return those.map((memory) => memory.name);
        })
      : undefined,
    ways: number(files.text(`${folder}/interleave_ways`)) ?? 1,
    creates: files
      .names(folder)
      .flatMap((each) => /^create_(ram|pmem)_region$/.exec(each)?.[1] ?? []),
  };
}

/** Decimal, or hexadecimal after 0x. */
function number(text: string | undefined): number | undefined {
  return text !== undefined && /^(\d+|0x[0-9a-f]+)$/i.test(text) ? Number(text) : undefined;
}

/** The kernel says -1 for none. */
function nodeNumber(text: string | undefined): number | undefined {
  return text === '-1' ? undefined : number(text);
}

/** Whether a list of the kernel, such as `0-3,8`, holds a number. */
export function includes(list: string, wanted: number): boolean {
  return list
    .split(',')
    .filter(Boolean)
    .some((range) => {
      const [low, high = low] = range.split('-').map(Number) as [number, number?];
      return low <= wanted && wanted <= high;
    });
}
