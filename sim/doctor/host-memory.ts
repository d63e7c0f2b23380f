/** What of this machine's memory can stand for the memory that nodes share, and how to give it to the module. */

import { type Finding, lesser, missing, there } from './finding.ts';
import type { MachineFiles } from './machine-files.ts';
import type { DaxDevice, MemoryDevices, NumaNode } from './memory-devices.ts';

export function hostMemoryFindings(files: MachineFiles, devices: MemoryDevices): Finding[] {
  return [
    ...devices.nodes.map(nodeFinding),
    ...cxlFindings(devices),
    ...devices.dax.map(daxFinding),
    verdict(files, devices),
  ];
}

export function hasMemoryAlone({ cpus, memory_mb }: NumaNode): boolean {
  return cpus === '' && (memory_mb ?? 0) > 0;
}

function nodeFinding(node: NumaNode): Finding {
  const { cpus, memory_mb, promised, tier } = node;
  const words = [
    memory_mb === undefined ? 'memory not told' : `${memory_mb} MiB`,
    cpus === '' ? 'no processors' : `processors ${cpus}`,
    ...(tier === undefined ? [] : [`memory tier ${tier}`]),
    ...(promised
      ? [`firmware promises ${promised.read_latency_ns} ns, ${promised.read_mb_per_s} MB/s`]
      : []),
    ...(hasMemoryAlone(node) ? ['can stand for CXL memory (numactl --membind)'] : []),
  ];
  return there(`NUMA node ${node.number}`, words.join(', '));
}

function cxlFindings({ cxl_memories, cxl_regions }: MemoryDevices): Finding[] {
  const memories = cxl_memories.map(
    ({ name, volatile_bytes = 0, persistent_bytes = 0, ...each }) => {
      const sizes = [
        ...(volatile_bytes > 0 ? [`${size(volatile_bytes)} volatile`] : []),
        ...(persistent_bytes > 0 ? [`${size(persistent_bytes)} persistent`] : []),
        ...(each.numa_node === undefined ? [] : [`beside node ${each.numa_node}`]),
      ];
      return there(`CXL memory ${name}`, sizes.join(', ') || 'size not told');
    },
  );
  const regions = cxl_regions.map(({ name, size_bytes, mode, driver }) =>
    driver === undefined
      ? lesser(`CXL region ${name}`, 'not in use', `cxl enable-region ${name}, as root`)
      : there(`CXL region ${name}`, [size(size_bytes), mode].filter(Boolean).join(', ')),
  );
  if (memories.length > 0 && regions.length === 0) {
    const next = 'cxl create-region -m -d decoder0.0 -w 1 mem0, as root (package ndctl)';
    return [...memories, lesser('CXL region', 'none', next)];
  }
  return [...memories, ...regions];
}

function daxFinding({ name, size_bytes, target_node, driver }: DaxDevice): Finding {
  const about = `${size(size_bytes)}${target_node === undefined ? '' : `, NUMA node ${target_node}`}`;
  const bind =
    `echo ${name} > /sys/bus/dax/drivers/rfork/new_id, then ` +
    `rforkctl attach --node 0 --dax ${name}, as root`;
  switch (driver) {
    case 'rfork':
      return there(`DAX device ${name}`, `${about}, bound to rfork`);
    case 'kmem':
      return lesser(
        `DAX device ${name}`,
        `${about}, in use as system memory`,
        `to give it to the module: daxctl offline-memory ${name} && daxctl disable-device ${name}, ` +
          `then ${bind}`,
      );
    case undefined:
      return lesser(`DAX device ${name}`, `${about}, no driver`, `with the module loaded: ${bind}`);
    default:
      return lesser(
        `DAX device ${name}`,
        `${about}, bound to ${driver}`,
        `with the module loaded: echo ${name} > /sys/bus/dax/drivers/${driver}/unbind, then ${bind}`,
      );
  }
}

function verdict(
  files: MachineFiles,
  { dax, nodes, cxl_memories, cxl_regions }: MemoryDevices,
): Finding {
  const name = 'memory for the module';
  const bound = dax.find(({ driver }) => driver === 'rfork');
  if (bound) return there(name, bound.name);
  if (dax.length > 0) return missing(name, 'no DAX device is bound to rfork', 'see the DAX device');
  const [region] = cxl_regions;
  if (region?.mode === 'pmem') {
    // Memory of a persistent region has no driver that would have to let go of it.
    const resource = `/sys/bus/cxl/devices/${region.name}/resource`;
    const next = `rforkctl attach --node 0 --base $(cat ${resource}) --size ${region.size_bytes}, as root`;
    return lesser(name, `CXL region ${region.name}, of which a part or all can be attached`, next);
  }
  if (region) {
    return missing(
      name,
      `CXL region ${region.name} without a DAX device`,
      'modprobe dax_cxl, as root',
    );
  }
  if (cxl_memories.length > 0) {
    return missing(name, 'CXL memory without a region', 'see the CXL region');
  }
  const reserved = /soft reserved/i.test(files.text('/proc/iomem') ?? '');
  if (reserved) {
    return missing(name, 'soft-reserved memory without a DAX device', 'modprobe dax_hmem, as root');
  }
  const next =
    'reserve a range with memmap=SIZE%BASE-1+0xefffffff on the kernel command line, or stay with --backend vm';
  const found = nodes.some(hasMemoryAlone)
    ? 'no CXL or DAX device, but a node of memory alone'
    : 'no CXL device, no DAX device, no node of memory alone';
  return missing(name, found, next);
}

function size(bytes: number | undefined): string {
  if (bytes === undefined) return 'size not told';
  return bytes >= 2 ** 30
    ? `${(bytes / 2 ** 30).toFixed(1)} GiB`
    : `${Math.round(bytes / 2 ** 20)} MiB`;
}
