/** CXL memories and regions, and which commands of this machine's make the one into the other. */

import { type Finding, lesser, there } from './finding.ts';
import type { MachineFiles } from './machine-files.ts';
import {
  type CxlMemory,
  type CxlRegion,
  type MemoryDevices,
  mayBeCxl,
  type NumaNode,
  type RootDecoder,
} from './memory-devices.ts';

type Kind = 'ram' | 'pmem';

/** Linux that makes regions of each kind (Documentation/ABI/testing/sysfs-bus-cxl). */
const makes_regions: Readonly<Record<Kind, readonly [number, number]>> = {
  ram: [6, 3],
  pmem: [6, 0],
};

export function cxlFindings(
  files: MachineFiles,
  devices: MemoryDevices,
  release: string,
): Finding[] {
  const { cxl_memories, cxl_regions } = devices;
  return [
    ...cxl_memories.map(memoryFinding),
    ...cxl_regions.map(regionFinding),
    ...withoutRegion(files, devices, release),
  ];
}

export function isSoftReserved(files: MachineFiles): boolean {
  return /soft reserved/i.test(files.text('/proc/iomem') ?? '');
}

export function sizeOf(bytes: number | undefined): string {
  if (bytes === undefined) return 'size not told';
  return bytes >= 2 ** 30
    ? `${(bytes / 2 ** 30).toFixed(1)} GiB`
    : `${Math.round(bytes / 2 ** 20)} MiB`;
}

function memoryFinding({ name, numa_node, ...each }: CxlMemory): Finding {
  const { volatile_bytes = 0, persistent_bytes = 0 } = each;
  const sizes = [
    ...(volatile_bytes > 0 ? [`${sizeOf(volatile_bytes)} volatile`] : []),
    ...(persistent_bytes > 0 ? [`${sizeOf(persistent_bytes)} persistent`] : []),
  ];
  const beside = numa_node === undefined ? [] : [`beside node ${numa_node}`];
  return there(
    `CXL memory ${name}`,
    [...(sizes.length > 0 ? sizes : ['size not told']), ...beside].join(', '),
  );
}

function regionFinding({ name, size_bytes, mode, driver, memories }: CxlRegion): Finding {
  const what = [sizeOf(size_bytes), mode, memories && `of ${memories.join(' and ')}`];
  const found = what.filter(Boolean).join(', ');
  if (driver !== undefined) return there(`CXL region ${name}`, found);
  if (size_bytes === 0) {
    const next = `cxl destroy-region ${name}, as root`;
    return lesser(`CXL region ${name}`, 'without any memory: never finished', next);
  }
  return lesser(`CXL region ${name}`, `${found}, not in use`, `cxl enable-region ${name}, as root`);
}

/** Memories in no region, and what there is to do about them. */
function withoutRegion(files: MachineFiles, devices: MemoryDevices, release: string): Finding[] {
  const { cxl_memories, cxl_regions } = devices;
  // Of which memories a region is made is not always told; then none is sure to be free.
  if (cxl_memories.length === 0 || cxl_regions.some(({ memories }) => memories === undefined)) {
    return [];
  }
  const used = new Set(cxl_regions.flatMap(({ memories }) => memories!));
  const free = cxl_memories.filter(({ name }) => !used.has(name));
  if (free.length === 0) return [];
  const name = 'CXL region';
  const found =
    cxl_regions.length === 0 ? 'none' : `none of ${free.map((each) => each.name).join(' and ')}`;
  const dax = devices.dax.map((each) => each.name).join(' and ');
  if (cxl_regions.length === 0 && dax !== '') {
    return [lesser(name, `${found}: the memory came as ${dax}`, `see DAX device ${dax}`)];
  }
  if (isSoftReserved(files)) {
    const next = 'modprobe dax_hmem, as root, makes a DAX device of it';
    return [lesser(name, `${found}: firmware has reserved its memory (soft reserved)`, next)];
  }
  const online = firmwareNodes(devices, free);
  if (online.length > 0 || isSystemMemory(files)) {
    return [lesser(name, `${found}: ${inUse(online)}`, fromFirmware(files, online))];
  }
  const steps = new Set(free.flatMap((memory) => creating(memory, free, devices, release)));
  return [lesser(name, found, [...steps].join('; ') || 'none of the memories has a size')];
}

/** Nodes of memory alone that no DAX device explains, and that could be these memories. */
function firmwareNodes({ nodes, dax }: MemoryDevices, free: readonly CxlMemory[]): NumaNode[] {
  const bytes = free.reduce((sum, each) => sum + (each.volatile_bytes ?? 0), 0);
  const alone = nodes.filter(
    (node) => mayBeCxl(node) && !dax.some(({ target_node }) => target_node === node.number),
  );
  return alone.filter(({ memory_mb }) => memory_mb! * 2 ** 20 <= bytes);
}

/** Whether the kernel has ordinary memory in a window for CXL memory, outside of any region. */
function isSystemMemory(files: MachineFiles): boolean {
  const lines = (files.text('/proc/iomem') ?? '').split('\n');
  const window = lines.findIndex((line) => / : CXL Window \d+$/.test(line));
  if (window === -1) return false;
  const depth = (line: string) => line.length - line.trimStart().length;
  const inside = lines.slice(window + 1);
  const end = inside.findIndex((line) => depth(line) <= depth(lines[window]!));
  const held = end === -1 ? inside : inside.slice(0, end);
  return held.some((line) => / : System RAM$/.test(line));
}

function inUse(nodes: readonly NumaNode[]): string {
  const which = nodes.map(({ number }) => number).join(' and ');
  return which === ''
    ? 'firmware gave its memory to the kernel as system memory'
    : `firmware gave its memory to the kernel as NUMA node ${which}`;
}

function fromFirmware(files: MachineFiles, nodes: readonly NumaNode[]): string {
  const [node] = nodes;
  const here = node ? `numactl --membind=${node.number} uses it as it is; ` : '';
  const ignored = /(^|[\s,=])nosoftreserve(?=[\s,]|$)/.test(files.text('/proc/cmdline') ?? '');
  return ignored
    ? `${here}for the module, boot without efi=nosoftreserve`
    : `${here}for the module, have firmware's setup mark it as special-purpose memory (EFI_MEMORY_SP), so that it comes as a DAX device`;
}

function has(memory: CxlMemory, kind: Kind): boolean {
  const bytes = kind === 'ram' ? memory.volatile_bytes : memory.persistent_bytes;
  return (bytes ?? 0) > 0;
}

function creating(
  memory: CxlMemory,
  free: readonly CxlMemory[],
  devices: MemoryDevices,
  release: string,
): string[] {
  const kinds = (['ram', 'pmem'] as const).filter((kind) => has(memory, kind));
  return kinds.map((kind) => {
    const others = free.filter((each) => has(each, kind)).map(({ name }) => name);
    return createRegion(memory.name, kind, others, devices, release);
  });
}

function createRegion(
  memory: string,
  kind: Kind,
  free: readonly string[],
  { root_decoders }: MemoryDevices,
  release: string,
): string {
  const of = kind === 'ram' ? 'volatile' : 'persistent';
  const [major, minor] = makes_regions[kind];
  const [has_major = 0, has_minor = 0] = release.split('.').map(Number.parseFloat);
  const is_older = has_major < major || (has_major === major && has_minor < minor);
  // Distributions bring what is newer into older kernels.
  if (is_older && !root_decoders.some(({ creates }) => creates.includes(kind))) {
    return `boot Linux ${major}.${minor} or later: ${release} makes no region of ${of} memory (${memory})`;
  }
  const able = root_decoders.filter(({ behind, volatile, persistent }) => {
    return (kind === 'ram' ? volatile : persistent) && (behind?.flat().includes(memory) ?? true);
  });
  if (root_decoders.length > 0 && able.length === 0) {
    return `no command can: firmware has no window of addresses for ${of} memory of ${memory}; see its setup`;
  }
  const single = able.filter(({ ways }) => ways === 1);
  const [spread] = able;
  if (spread !== undefined && single.length === 0) return spreadRegion(spread, kind, free);
  const decoder = single.length === 1 ? ` -d ${single[0]!.name}` : '';
  return creatingCommand(`${kind}${decoder}`, [memory]);
}

/** A region over a window that is spread over host bridges has a memory behind each. */
function spreadRegion(
  { name, ways, behind }: RootDecoder,
  kind: Kind,
  free: readonly string[],
): string {
  const chosen =
    behind?.flatMap((memories) => memories.find((each) => free.includes(each)) ?? []) ??
    free.slice(0, ways);
  if (chosen.length === ways) return creatingCommand(`${kind} -d ${name}`, chosen);
  const of = kind === 'ram' ? 'volatile' : 'persistent';
  return `no command can: firmware spreads the window of addresses ${name} over ${ways} host bridges, and free ${of} memory is behind ${chosen.length}; see its setup`;
}

function creatingCommand(kind: string, memories: readonly string[]): string {
  return `cxl create-region -m -t ${kind} -w ${memories.length} ${memories.join(' ')}, as root (package ndctl or cxl)`;
}
