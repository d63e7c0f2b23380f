/** What of this machine's memory can stand for the memory that nodes share, and how to give it to the module. */

import { cxlFindings, isSoftReserved, sizeOf } from './cxl-memory.ts';
import { type Finding, lesser, missing, there } from './finding.ts';
import type { MachineFiles } from './machine-files.ts';
import {
  type CxlRegion,
  type DaxDevice,
  includes,
  type MemoryDevices,
  mayBeCxl,
  type NumaNode,
} from './memory-devices.ts';

export function hostMemoryFindings(
  files: MachineFiles,
  seen: MemoryDevices,
  release: string,
): Finding[] {
  // Where memory could be given a device, the kernel shows one of size zero.
  const dax = seen.dax.filter(({ size_bytes }) => size_bytes !== 0);
  const devices = { ...seen, dax };
  return [
    ...devices.nodes.map((node) => nodeFinding(node, isAllowed(files, node))),
    ...cxlFindings(files, devices, release),
    ...dax.map(daxFinding),
    verdict(files, devices),
  ];
}

/** Whether this process may have memory there: a container or a batch system may keep it to some nodes. */
function isAllowed(files: MachineFiles, { number }: NumaNode): boolean {
  const status = files.text('/proc/self/status') ?? '';
  const allowed = /^Mems_allowed_list:\s+(\S+)/m.exec(status)?.[1];
  return allowed === undefined || includes(allowed, number);
}

function nodeFinding(node: NumaNode, is_allowed: boolean): Finding {
  const { cpus, memory_mb, promised, tier } = node;
  const words = [
    memory_mb === undefined ? 'memory not told' : `${memory_mb} MiB`,
    cpus === '' ? 'no processors' : `processors ${cpus}`,
    ...(tier === undefined ? [] : [`memory tier ${tier}`]),
    ...(promised
      ? [`firmware promises ${promised.read_latency_ns} ns, ${promised.read_mb_per_s} MB/s`]
      : []),
    ...(mayBeCxl(node) && is_allowed ? ['can stand for CXL memory (numactl --membind)'] : []),
    ...(node.is_fastest ? ['faster than local memory, as HBM is'] : []),
  ];
  if (mayBeCxl(node) && !is_allowed) {
    const next = 'leave the container or cpuset, or have it given this node (cpuset.mems)';
    return lesser(`NUMA node ${node.number}`, `${words.join(', ')}, not for this process`, next);
  }
  return there(`NUMA node ${node.number}`, words.join(', '));
}

function daxFinding({ name, size_bytes, target_node, driver }: DaxDevice): Finding {
  const about = `${sizeOf(size_bytes)}${target_node === undefined ? '' : `, NUMA node ${target_node}`}`;
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
        `to give it to the module, once that is loaded: daxctl offline-memory ${name} && daxctl disable-device ${name}, ` +
          `then ${bind}; where its memory is too much in use to go offline, boot with ` +
          `memhp_default_state=offline before`,
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
  if (dax.length > 0) {
    const names = dax.map((device) => device.name).join(' or ');
    return missing(name, 'no DAX device is bound to rfork', `see DAX device ${names}`);
  }
  const of_regions = regionVerdict(name, files, cxl_regions);
  if (of_regions !== undefined) return of_regions;
  if (cxl_regions.length > 0 || cxl_memories.length > 0) {
    const what =
      cxl_regions.length > 0 ? 'CXL regions that are not in use' : 'CXL memory without a region';
    return missing(name, what, 'see the CXL region');
  }
  if (isSoftReserved(files)) {
    return missing(name, 'soft-reserved memory without a DAX device', 'modprobe dax_hmem, as root');
  }
  const next =
    'reserve a range with memmap=SIZE%BASE-1+0xefffffff on the kernel command line, or stay with --backend vm';
  const found = nodes.some(mayBeCxl)
    ? 'no CXL or DAX device, but a node of memory alone'
    : 'no CXL device, no DAX device, no node of memory alone';
  return missing(name, found, next);
}

/** What regions in use have to offer: persistent memory first, which needs no DAX device. */
function regionVerdict(
  name: string,
  files: MachineFiles,
  regions: readonly CxlRegion[],
): Finding | undefined {
  const region = regions.find(({ mode, driver }) => mode === 'pmem' && driver !== undefined);
  const volatile = regions.filter(({ mode, driver }) => mode !== 'pmem' && driver !== undefined);
  const names = volatile.map((each) => each.name).join(' and ');
  const makes_dax = files.exists('/sys/module/dax_cxl')
    ? 'dmesg says why dax_cxl made no DAX device'
    : 'modprobe dax_cxl, as root';
  if (region !== undefined) {
    // Memory of a persistent region has no driver that would have to let go of it.
    const resource = `/sys/bus/cxl/devices/${region.name}/resource`;
    const next = `rforkctl attach --node 0 --base $(cat ${resource}) --size ${region.size_bytes}, as root`;
    const namespaces = namespacesInUse(files);
    const warned =
      namespaces.length === 0
        ? next
        : `where they lie in it, ndctl disable-namespace ${namespaces.join(' ')} first (what they hold is lost); then ${next}`;
    const held = namespaces.length === 0 ? '' : `; in use: ${namespaces.join(', ')}`;
    const other = names === '' ? '' : `; or, for ${names}: ${makes_dax}`;
    const found = `CXL region ${region.name}, of which a part or all can be attached${held}`;
    return lesser(name, found, `${warned}${other}`);
  }
  if (volatile.length > 0) {
    return missing(name, `CXL region ${names} without a DAX device`, makes_dax);
  }
  return undefined;
}

/** Namespaces of persistent memory that a driver has. */
function namespacesInUse(files: MachineFiles): string[] {
  const folder = '/sys/bus/nd/devices';
  return files
    .names(folder)
    .filter((name) => /^namespace\d+\.\d+$/.test(name) && files.linked(`${folder}/${name}/driver`));
}
