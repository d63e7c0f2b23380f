/** What the doctor proposes for CXL memory: commands that can work on that machine, with its names. */

import assert from 'node:assert/strict';
import { examine } from '../../sim/machine/doctor.ts';
import type { Finding } from '../../sim/machine/finding.ts';
import { planOf } from '../../sim/machine/measure-fabric.ts';
import {
  cxlMemory,
  daxDevice,
  facts,
  machine,
  memoryNode,
  plain,
  regionOf,
  rootDecoder,
  type Tree,
} from './machines.ts';

const gib64 = '0x1000000000';
const mem1 = cxlMemory('mem1', { ram: gib64 });
const mem3 = cxlMemory('mem3', { ram: gib64 });
const file = (path: string, content: string): Tree => ({ files: { [path]: content } });

/** Node 2 with 64 GiB and no processors, as firmware makes it of CXL memory. */
const node2: Tree = {
  files: {
    'sys/devices/system/node/node2/cpulist': '\n',
    'sys/devices/system/node/node2/meminfo': 'Node 2 MemTotal: 67108864 kB\n',
  },
};

function findings(trees: readonly Tree[], release = facts.release): Finding[] {
  const parts = examine(machine(plain, ...trees), { ...facts, release });
  return [...parts.find(({ part }) => part === 'backend host')!.findings];
}

function next(name: string, trees: readonly Tree[], release?: string): string {
  return findings(trees, release).find((each) => each.name === name)?.next ?? '';
}

function proposed(trees: readonly Tree[]): string {
  return findings(trees)
    .filter(({ name }) => /^(CXL|DAX|memory for)/.test(name))
    .map((each) => each.next ?? '')
    .join('\n');
}

describe('a node of memory alone', () => {
  const status = (allowed: string) =>
    file(
      'proc/self/status',
      `CapEff:\t000001ffffffffff\nMems_allowed:\t00000005\nMems_allowed_list:\t${allowed}\n`,
    );
  const found = (...trees: Tree[]) => findings(trees).find(({ name }) => name === 'NUMA node 2')!;

  it('stands for CXL memory where this process may have memory there', () => {
    for (const trees of [[node2], [node2, status('0,2')], [node2, status('0-3')]]) {
      assert.match(found(...trees).found, /can stand for CXL memory/);
    }
    const kept_out = found(node2, status('0-1'));
    assert.match(kept_out.found, /no processors, not for this process$/);
    assert.match(kept_out.next!, /cpuset\.mems/);
  });
});

describe('a node of memory alone that is faster than local memory', () => {
  const tier = (name: string, nodes: string) =>
    file(`sys/devices/virtual/memory_tiering/${name}/nodelist`, `${nodes}\n`);
  const trees = [node2, tier('memory_tier2', '2')];

  it('is HBM, and stands for CXL memory in no measurement', () => {
    const { found } = findings(trees).find(({ name }) => name === 'NUMA node 2')!;
    assert.match(found, /memory tier 2, faster than local memory, as HBM is$/);
    assert.match(next('memory for the module', trees), /^reserve a range/);
    const measured = (...those: Tree[]) =>
      planOf(machine(plain, ...those), { node: undefined, working_set_mb: 1 }).cxl?.number;
    assert.throws(
      () => measured(...trees),
      /1 nodes could stand for CXL memory; expected --node 2/,
    );
    assert.equal(measured(node2, tier('memory_tier22', '2')), 2);
    assert.equal(planOf(machine(plain, ...trees), { node: 2, working_set_mb: 1 }).cxl?.number, 2);
  });
});

describe('a CXL memory without a region', () => {
  it('is to get one of its kind, by its name', () => {
    const advice = next('CXL region', [mem1, mem3]);
    assert.match(advice, /cxl create-region -m -t ram -w 1 mem1, as root/);
    assert.match(advice, /cxl create-region -m -t ram -w 1 mem3, as root/);
    assert.ok(!advice.includes('mem0') && !advice.includes('decoder'));
    const persistent = cxlMemory('mem2', { pmem: gib64 });
    assert.match(next('CXL region', [persistent]), /create-region -m -t pmem -w 1 mem2/);
    const both = next('CXL region', [cxlMemory('mem7', { ram: gib64, pmem: gib64 })]);
    assert.match(both, /-t ram -w 1 mem7.*-t pmem -w 1 mem7/);
  });

  it('is to get it below the one decoder that takes its kind, if there is one', () => {
    const [ram, pmem] = [
      rootDecoder('decoder0.0', { ram: true, pmem: false }),
      rootDecoder('decoder0.1', { ram: false, pmem: true }),
    ];
    assert.match(next('CXL region', [mem1, ram, pmem]), /-t ram -d decoder0\.0 -w 1 mem1/);
    const two = rootDecoder('decoder0.2', { ram: true, pmem: true });
    assert.match(next('CXL region', [mem1, ram, two]), /-t ram -w 1 mem1/);
    assert.match(next('CXL region', [mem1, pmem]), /^no command can: firmware has no window/);
  });

  it('is to get it below the decoder that leads to it', () => {
    const devices = 'sys/bus/cxl/devices';
    const pci = 'sys/devices/pci0000:0c/0000:0d:00.0/mem4';
    const there: Tree = {
      files: {
        [`${pci}/ram/size`]: '0x10000000\n',
        [`${devices}/decoder0.0/target_list`]: '12\n',
        [`${devices}/decoder0.1/target_list`]: '13\n',
        [`${devices}/root0/dport12/physical_node/uevent`]: '',
        'sys/devices/pci0000:0e/uevent': '',
      },
      links: {
        [`${devices}/mem4`]: '../../../devices/pci0000:0c/0000:0d:00.0/mem4',
        [`${devices}/root0/dport13`]: '../../../../devices/pci0000:0c',
      },
    };
    const other: Tree = {
      links: { [`${devices}/root0/dport12`]: '../../../../devices/pci0000:0e' },
    };
    const { [`${devices}/root0/dport12/physical_node/uevent`]: _, ...files } = there.files!;
    const decoders = ['decoder0.0', 'decoder0.1'].map((name) =>
      rootDecoder(name, { ram: true, pmem: true }),
    );
    const advice = next('CXL region', [...decoders, { ...there, files }, other]);
    assert.match(advice, /-t ram -d decoder0\.1 -w 1 mem4/);
  });

  it('is to get it together with one behind each other host bridge where firmware spreads the window', () => {
    const devices = 'sys/bus/cxl/devices';
    const window = rootDecoder('decoder0.0', { ram: true, pmem: false });
    const memory = (name: string, bridge: string, volatile = gib64): Tree => ({
      files: {
        [`sys/devices/${bridge}/0000:0d:00.0/${name}/ram/size`]: `${volatile}\n`,
      },
      links: {
        [`${devices}/${name}`]: `../../../devices/${bridge}/0000:0d:00.0/${name}`,
      },
    });
    const spread: Tree = {
      files: {
        [`${devices}/decoder0.0/interleave_ways`]: '2\n',
        [`${devices}/decoder0.0/target_list`]: '12,53\n',
        'sys/devices/pci0000:0c/uevent': '',
        'sys/devices/pci0000:35/uevent': '',
      },
      links: {
        [`${devices}/root0/dport12`]: '../../../../devices/pci0000:0c',
        [`${devices}/root0/dport53`]: '../../../../devices/pci0000:35',
      },
    };
    const [near, far] = [memory('mem1', 'pci0000:0c'), memory('mem0', 'pci0000:35')];
    assert.equal(
      next('CXL region', [window, spread, near, far]),
      'cxl create-region -m -t ram -d decoder0.0 -w 2 mem1 mem0, as root (package ndctl or cxl)',
    );
    assert.match(
      next('CXL region', [window, spread, near]),
      /^no command can: .*decoder0\.0 over 2 host bridges, and free volatile memory is behind 1;/,
    );
    const own = rootDecoder('decoder0.1', { ram: true, pmem: false });
    assert.match(
      next('CXL region', [window, own, spread, near]),
      /-t ram -d decoder0\.1 -w 1 mem1/,
    );
  });

  it('gets one of volatile memory from an older kernel that says that it makes them', () => {
    const able = rootDecoder('decoder0.0', { ram: true, pmem: false });
    const creates = file('sys/bus/cxl/devices/decoder0.0/create_ram_region', 'region1\n');
    const rhel = '5.14.0-427.13.1.el9_4.x86_64';
    assert.match(next('CXL region', [mem1, able, creates], rhel), /-d decoder0\.0 -w 1 mem1/);
    assert.match(next('CXL region', [mem1, able], rhel), /^boot Linux 6\.3 or later/);
  });

  it('gets none of volatile memory from a kernel that makes none', () => {
    const old = next('CXL region', [mem1], '6.1.0-57-amd64');
    assert.match(old, /^boot Linux 6\.3 or later: 6\.1\.0-57-amd64 makes no region of volatile/);
    assert.match(next('CXL region', [cxlMemory('mem1', { pmem: '0x10' })], '6.1.0'), /-t pmem/);
    assert.match(next('CXL region', [mem1], '6.3.1'), /-t ram/);
  });

  it('needs none where firmware made it a NUMA node, which no command takes back', () => {
    const trees = [mem1, mem3, node2];
    assert.match(next('CXL region', trees), /^numactl --membind=2 .*EFI_MEMORY_SP/);
    assert.ok(!proposed(trees).includes('create-region'));
    const ignored = [...trees, file('proc/cmdline', 'quiet efi=nosoftreserve\n')];
    assert.match(next('CXL region', ignored), /boot without efi=nosoftreserve$/);
    // Merged into a node that has processors.
    const window = '0-0 : CXL Window 0\n  0-0 : System RAM\n0-0 : Reserved\n';
    const merged = next('CXL region', [mem1, file('proc/iomem', window)]);
    assert.match(merged, /^for the module, have firmware's setup/);
    const outside = '0-0 : CXL Window 0\n  0-0 : region0\n0-0 : System RAM\n';
    assert.match(next('CXL region', [mem1, file('proc/iomem', outside)]), /create-region/);
    // More memory than the device has: HBM, or another device's.
    assert.match(next('CXL region', [cxlMemory('mem1', { ram: '0x1000' }), memoryNode]), /create/);
  });

  it('comes as a DAX device where firmware has reserved it', () => {
    const reserved = file('proc/iomem', '0-0 : CXL Window 0\n  0-0 : Soft Reserved\n');
    assert.match(next('CXL region', [mem1, reserved]), /^modprobe dax_hmem/);
    const dax = [mem1, daxDevice('device_dax')];
    assert.match(next('CXL region', dax), /^see DAX device dax0\.0$/);
    assert.ok(!proposed(dax).includes('create-region'));
  });
});

describe('CXL regions', () => {
  it('leave to be made only what is of memories in none', () => {
    const used = regionOf('region0', 'ram', ['mem1']);
    assert.match(next('CXL region', [mem1, mem3, used]), /-w 1 mem3, as root/);
    assert.ok(!next('CXL region', [mem1, mem3, used]).includes('mem1'));
    assert.equal(next('CXL region', [mem1, regionOf('region0', 'ram', ['mem1'])]), '');
    // Nobody tells which memory this one is made of.
    assert.equal(next('CXL region', [mem1, mem3, regionOf('region0', 'ram')]), '');
  });

  it('are all looked at: persistent memory can be attached at once', () => {
    const two = [mem1, mem3, regionOf('region0', 'ram'), regionOf('region1', 'pmem')];
    const advice = next('memory for the module', two);
    assert.match(advice, /attach .*--base \$\(cat \/sys\/bus\/cxl\/devices\/region1\/resource\)/);
    assert.match(advice, /for region0: modprobe dax_cxl/);
    const volatile = [mem1, regionOf('region0', 'ram'), regionOf('region2', 'ram')];
    const [found] = findings(volatile).filter(({ name }) => name === 'memory for the module');
    assert.match(found!.found, /region0 and region2 without a DAX device/);
    const loaded = file('sys/module/dax_cxl/refcnt', '0');
    assert.match(next('memory for the module', [...volatile, loaded]), /^dmesg/);
  });

  it('are not attached over a namespace without a word', () => {
    const folder = 'sys/bus/nd/devices/namespace0.0';
    const held: Tree = { links: { [`${folder}/driver`]: '../../drivers/nd_pmem' } };
    const advice = next('memory for the module', [mem1, regionOf('region1', 'pmem'), held]);
    assert.match(advice, /ndctl disable-namespace namespace0\.0 first .* then rforkctl attach/);
  });

  it('that are not in use are to be enabled, or taken away where never finished', () => {
    const idle = (size: string): Tree => ({
      files: {
        'sys/bus/cxl/devices/region4/size': `${size}\n`,
        'sys/bus/cxl/devices/region4/mode': 'ram\n',
      },
    });
    assert.match(next('CXL region region4', [mem1, idle(gib64)]), /cxl enable-region region4/);
    assert.match(next('CXL region region4', [mem1, idle('0x0')]), /cxl destroy-region region4/);
  });
});

describe('DAX devices', () => {
  it('are named where none is bound to the module, and empty ones are none', () => {
    const kmem = daxDevice('kmem');
    assert.match(next('memory for the module', [mem1, kmem]), /^see DAX device dax0\.0$/);
    assert.match(next('DAX device dax0.0', [kmem]), /offline-memory dax0\.0 .*memhp_default_state/);
    const seed = file('sys/bus/dax/devices/dax1.0/size', '0\n');
    assert.equal(next('DAX device dax1.0', [seed]), '');
    assert.match(next('memory for the module', [seed]), /--backend vm/);
    assert.match(next('CXL region', [mem1, seed]), /create-region .* mem1/);
  });

  it('have drivers in a copy of a machine’s files, too, which holds no links', () => {
    const copy: Tree = {
      files: {
        'sys/bus/dax/devices/dax1.0/size': '68719476736\n',
        'sys/bus/dax/devices/dax1.0/driver': '../../drivers/kmem\n',
      },
    };
    assert.match(next('DAX device dax1.0', [copy]), /daxctl offline-memory dax1\.0/);
  });
});
