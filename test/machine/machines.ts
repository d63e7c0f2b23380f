/**
 * Trees of files that stand for machines. Their shapes under /sys were read in guests of the testbed
 * (Linux 6.12): one with a CXL type-3 device, one with soft-reserved memory and a node of memory alone.
 */

import { mkdirSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Facts } from '../../sim/machine/doctor.ts';
import { type MachineFiles, machineFiles } from '../../sim/machine/machine-files.ts';
import { scratchFolder } from '../experiment/scratch-folder.ts';

export interface Tree {
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  /** Links by path, to what they point to. */
  readonly links?: Readonly<Record<string, string>>;
}

export const facts: Facts = {
  node: '20.19.0',
  platform: 'linux',
  arch: 'x64',
  release: '6.12.117+deb12-amd64',
  drawing: undefined,
  missing_packages: [],
  kvm: 'works',
  kernels: ['6.12.117+deb12-amd64'],
};

export function machine(...trees: readonly Tree[]): MachineFiles {
  const root = scratchFolder(Object.assign({}, ...trees.map(({ files }) => files ?? {})));
  for (const { links = {} } of trees) {
    for (const [path, target] of Object.entries(links)) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      symlinkSync(target, join(root, path));
    }
  }
  return machineFiles(root, '');
}

/** What any Linux has: one node, an old firmware, a process with all capabilities. */
export const plain: Tree = {
  files: {
    'sys/devices/system/node/node0/cpulist': '0-1\n',
    'sys/devices/system/node/node0/meminfo':
      'Node 0 MemTotal:         926552 kB\nNode 0 MemFree:          849348 kB\n',
    'sys/devices/virtual/memory_tiering/memory_tier4/nodelist': '0\n',
    'proc/self/status': 'Name:\tnode\nCapEff:\t000001ffffffffff\n',
    'proc/cpuinfo': 'processor\t: 0\nflags\t\t: fpu vme de pse tsc\n',
    'proc/cmdline': 'console=ttyS0\n',
    'proc/meminfo': 'MemTotal: 16000000 kB\nMemAvailable:   12000000 kB\n',
    'proc/iomem': '00000000-00000000 : Reserved\n00000000-00000000 : System RAM\n',
    'boot/config-6.12.117+deb12-amd64':
      'CONFIG_MODULES=y\nCONFIG_KPROBES=y\nCONFIG_KALLSYMS=y\nCONFIG_DYNAMIC_FTRACE_WITH_REGS=y\n' +
      'CONFIG_MMU_NOTIFIER=y\nCONFIG_ZONE_DEVICE=y\n',
    'lib/modules/6.12.117+deb12-amd64/build/Makefile': '',
  },
};

const root0 = 'sys/devices/platform/ACPI0017:00/root0';

/** A type-3 device with persistent memory, as the CXL drivers show it. */
export const cxlDevice: Tree = {
  files: {
    'sys/devices/pci0000:0c/0000:0d:00.0/mem0/numa_node': '-1\n',
    'sys/devices/pci0000:0c/0000:0d:00.0/mem0/pmem/size': '0x10000000\n',
    'sys/devices/pci0000:0c/0000:0d:00.0/mem0/ram/size': '0x0\n',
    'sys/devices/pci0000:0c/0000:0d:00.0/mem0/serial': '0x0\n',
  },
  links: {
    'sys/bus/cxl/devices/mem0': '../../../devices/pci0000:0c/0000:0d:00.0/mem0',
    'sys/bus/cxl/devices/root0': '../../../devices/platform/ACPI0017:00/root0',
  },
};

/** A region over that device, in use. */
export const cxlRegion: Tree = {
  files: {
    [`${root0}/decoder0.0/region0/size`]: '0x10000000\n',
    [`${root0}/decoder0.0/region0/mode`]: 'pmem\n',
  },
  links: {
    'sys/bus/cxl/devices/region0': '../../../devices/platform/ACPI0017:00/root0/decoder0.0/region0',
    [`${root0}/decoder0.0/region0/driver`]: '../../../../../../bus/cxl/drivers/cxl_region',
  },
};

/** A DAX device of soft-reserved memory, bound to a driver or to none. */
export function daxDevice(driver?: string): Tree {
  const folder = 'sys/devices/platform/hmem.0/dax0.0';
  return {
    files: {
      [`${folder}/size`]: '536870912\n',
      [`${folder}/numa_node`]: '0\n',
      [`${folder}/target_node`]: '1\n',
    },
    links: {
      'sys/bus/dax/devices/dax0.0': '../../../devices/platform/hmem.0/dax0.0',
      ...(driver && { [`${folder}/driver`]: `../../../../bus/dax/drivers/${driver}` }),
    },
  };
}

/** A node of memory alone, of which firmware tells what it promises. */
export const memoryNode: Tree = {
  files: {
    'sys/devices/system/node/node2/cpulist': '\n',
    'sys/devices/system/node/node2/meminfo': 'Node 2 MemTotal:         254860 kB\n',
    'sys/devices/system/node/node2/access0/initiators/read_latency': '391\n',
    'sys/devices/system/node/node2/access0/initiators/read_bandwidth': '4500\n',
    'sys/devices/virtual/memory_tiering/memory_tier22/nodelist': '2\n',
  },
};

/** A CXL memory with nothing but volatile or persistent capacity, beside node 1. */
export function cxlMemory(
  name: string,
  sizes: { readonly ram?: string; readonly pmem?: string },
): Tree {
  const folder = `sys/bus/cxl/devices/${name}`;
  return {
    files: {
      [`${folder}/numa_node`]: '1\n',
      [`${folder}/ram/size`]: `${sizes.ram ?? '0x0'}\n`,
      [`${folder}/pmem/size`]: `${sizes.pmem ?? '0x0'}\n`,
    },
  };
}

/** A region in use, whose memories the kernel tells of where `memories` names them. */
export function regionOf(name: string, mode: string, memories: readonly string[] = []): Tree {
  const devices = 'sys/bus/cxl/devices';
  const number = (memory: string) => Number(/\d+$/.exec(memory)![0]) + 10;
  return {
    files: {
      [`${devices}/${name}/size`]: '0x1000000000\n',
      [`${devices}/${name}/mode`]: `${mode}\n`,
      ...Object.fromEntries(
        memories.map((memory, i) => [
          `${devices}/${name}/target${i}`,
          `decoder${number(memory)}.0\n`,
        ]),
      ),
    },
    links: {
      [`${devices}/${name}/driver`]: '../../drivers/cxl_region',
      ...Object.fromEntries(
        memories.map((memory) => [
          `${devices}/endpoint${number(memory)}/uport`,
          `../../../devices/pci0000:0c/${memory}`,
        ]),
      ),
    },
  };
}

/** A window of addresses that firmware keeps for CXL memory. */
export function rootDecoder(name: string, caps: { ram: boolean; pmem: boolean }): Tree {
  const folder = `sys/bus/cxl/devices/${name}`;
  const flag = (value: boolean) => (value ? '1\n' : '0\n');
  return {
    files: { [`${folder}/cap_ram`]: flag(caps.ram), [`${folder}/cap_pmem`]: flag(caps.pmem) },
  };
}
