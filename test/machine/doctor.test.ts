/** What is found out about machines of several kinds. */

import assert from 'node:assert/strict';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { textOf } from '../../sim/cli/commands/doctor.ts';
import { type Examination, examine, type Facts } from '../../sim/machine/doctor.ts';
import type { Finding } from '../../sim/machine/finding.ts';
import { probeKvm } from '../../sim/machine/kvm-probe.ts';
import { includes, memoryDevices } from '../../sim/machine/memory-devices.ts';
import {
  cxlDevice,
  cxlRegion,
  daxDevice,
  facts,
  machine,
  memoryNode,
  plain,
  type Tree,
} from './machines.ts';

function part(name: string, trees: readonly Tree[], about: Partial<Facts> = {}): Examination {
  const parts = examine(machine(...trees), { ...facts, ...about });
  return parts.find((each) => each.part === name)!;
}

/** What is found of one need of the host backend. */
function host(name: string, ...trees: readonly Tree[]): Finding {
  const { findings } = part('backend host', trees);
  return findings.find((each) => each.name === name)!;
}

const file = (path: string, content: string | Uint8Array): Tree => ({ files: { [path]: content } });

describe('an examination', () => {
  it('of a machine of which nothing is known ends in findings, never in an error', () => {
    const bare = examine(machine(), facts);
    assert.deepEqual(
      bare.map(({ part: name, ready }) => [name, ready]),
      [
        ['simulator', true],
        ['trace record', false],
        ['backend vm', false],
        ['backend host', false],
      ],
    );
  });

  it('says what to do next wherever something is not as it should be', () => {
    const trees = [
      plain,
      cxlDevice,
      cxlRegion,
      daxDevice('kmem'),
      memoryNode,
      file('.dockerenv', ''),
    ];
    const poor = {
      kvm: 'hangs',
      missing_packages: ['kmod'],
      arch: 'riscv64',
      node: '18.0.0',
    } as const;
    for (const about of [facts, { ...facts, ...poor }]) {
      for (let count = 0; count <= trees.length; count++) {
        for (const { ready, findings } of examine(machine(...trees.slice(0, count)), about)) {
          for (const { state, next } of findings)
            assert.equal(next === undefined, state === 'there');
          assert.equal(ready, !findings.some(({ state }) => state === 'missing'));
        }
      }
    }
  });

  it('shows every finding, and what to do, as lines of text', () => {
    const parts = examine(machine(plain, daxDevice('kmem')), facts);
    const text = textOf(parts);
    for (const { findings } of parts) {
      for (const { name, found, next } of findings) {
        assert.ok(text.includes(name) && text.includes(found) && text.includes(next ?? ''));
      }
    }
    assert.match(text, /^backend host: not ready$/m);
  });
});

describe('the host backend', () => {
  it('is ready where the module is loaded and has a DAX device', () => {
    const loaded = file('sys/module/rfork/refcnt', '0\n');
    const { ready } = part('backend host', [plain, loaded, daxDevice('rfork')]);
    assert.equal(ready, true);
  });

  it('is not ready on a machine without CXL memory, and says where to go instead', () => {
    const { state, next } = host('memory for the module', plain);
    assert.equal(state, 'missing');
    assert.match(next!, /--backend vm/);
  });

  it('is told to install what its module is built with, as far as that is missing', () => {
    const [make, gcc] = [file('usr/bin/make', ''), file('usr/bin/gcc', '')];
    const next = (...trees: Tree[]) => host('module rfork', plain, ...trees).next!;
    assert.match(next(), /^apt-get install make gcc libc6-dev; make -C kernel-module /);
    assert.match(next(make), /^apt-get install gcc libc6-dev; make /);
    assert.match(next(make, gcc), /^make -C kernel-module modules tools, /);
  });

  it('has its way told from the bare device to a DAX device, one step after the other', () => {
    const steps: [Tree[], string, RegExp][] = [
      [[cxlDevice], 'CXL region', /cxl create-region/],
      [
        [cxlDevice, cxlRegion],
        'memory for the module',
        /attach .*--base \$\(cat \/sys\/bus\/cxl\/devices\/region0\/resource\)/,
      ],
      [[cxlDevice, cxlRegion, daxDevice('device_dax')], 'DAX device dax0.0', /device_dax\/unbind/],
      [[daxDevice()], 'DAX device dax0.0', /new_id, then rforkctl attach --node 0 --dax dax0\.0/],
      [[daxDevice('kmem')], 'DAX device dax0.0', /daxctl offline-memory dax0\.0/],
      [[file('proc/iomem', '0-0 : Soft Reserved\n')], 'memory for the module', /modprobe dax_hmem/],
    ];
    for (const [trees, name, next] of steps) assert.match(host(name, plain, ...trees).next!, next);
  });

  it('knows devices, their sizes and their nodes', () => {
    const files = machine(plain, cxlDevice, cxlRegion, daxDevice('device_dax'), memoryNode);
    const { nodes, dax, cxl_memories, cxl_regions } = memoryDevices(files);
    assert.deepEqual(nodes, [
      { number: 0, cpus: '0-1', memory_mb: 905, tier: 4 },
      {
        number: 2,
        cpus: '',
        memory_mb: 249,
        tier: 22,
        promised: { read_latency_ns: 391, read_mb_per_s: 4500 },
      },
    ]);
    const dax_device = { name: 'dax0.0', size_bytes: 2 ** 29, numa_node: 0, target_node: 1 };
    assert.deepEqual(dax, [{ ...dax_device, driver: 'device_dax' }]);
    const [memory] = cxl_memories;
    assert.deepEqual([memory!.persistent_bytes, memory!.numa_node], [2 ** 28, undefined]);
    assert.deepEqual(cxl_regions, [
      { name: 'region0', size_bytes: 2 ** 28, mode: 'pmem', driver: 'cxl_region' },
    ]);
    assert.match(
      host('NUMA node 2', plain, memoryNode).found,
      /391 ns, 4500 MB\/s, can stand for CXL/,
    );
  });

  it('needs a kernel that the module was tested on, with its options', () => {
    const config = 'boot/config-6.12.117+deb12-amd64';
    const without = plain
      .files![config]!.toString()
      .replace('CONFIG_KPROBES=y', '# CONFIG_KPROBES is not set');
    assert.match(host('kernel options', plain, file(config, without)).found, /without KPROBES$/);
    const own = file('proc/config.gz', gzipSync(plain.files![config]!));
    assert.equal(host('kernel options', file(config, without), own).state, 'there');
    const stranger = part('backend host', [plain], { release: '5.15.0' }).findings;
    assert.equal(stranger.find(({ name }) => name === 'kernel')!.state, 'unknown');
  });

  it('needs rights, no indirect branch tracking, and a signed module under Secure Boot', () => {
    const user = file('proc/self/status', 'CapEff:\t0000000000000000\n');
    assert.equal(host('rights', plain, user).state, 'missing');
    const tracking = file('proc/cpuinfo', 'flags\t\t: fpu ibt user_shstk\n');
    const name = 'indirect branch tracking';
    assert.equal(host(name, plain, tracking).state, 'missing');
    assert.equal(
      host(name, plain, tracking, file('proc/cmdline', 'quiet ibt=off\n')).state,
      'there',
    );
    const variable = 'sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c';
    const boot = (value: number) =>
      host('Secure Boot', plain, file(variable, Uint8Array.of(6, 0, 0, 0, value)));
    assert.deepEqual([boot(0).state, boot(1).state], ['there', 'lesser']);
    assert.equal(host('Secure Boot', plain, file('sys/firmware/efi/x', '')).state, 'unknown');
  });

  it('is told to leave a container', () => {
    const { found, next } = host('container', plain, file('run/.containerenv', ''));
    assert.match(`${found}: ${next}`, /this is one: run on the host itself/);
  });
});

describe('the backend vm', () => {
  it('works without KVM, more slowly, and not without packages', () => {
    const kvm = file('dev/kvm', '');
    const apt = file('usr/bin/apt-get', '');
    for (const verdict of ['hangs', 'fails', 'untried', 'works'] as const) {
      const { ready } = part('backend vm', [plain, kvm, apt], { kvm: verdict });
      assert.equal(ready, true, verdict);
    }
    const { ready, findings } = part('backend vm', [plain, apt], {
      missing_packages: ['kmod', 'xz-utils'],
    });
    assert.equal(ready, false);
    assert.ok(findings.some(({ next }) => next === 'apt-get install kmod xz-utils'));
  });

  it('has no more memory than its control group, and those above it, allow', () => {
    const memory = (files: Record<string, string>) =>
      part('backend vm', [plain, { files }], {}).findings.find(({ name }) => name === 'memory')!
        .found;
    const gib = 2 ** 30;
    assert.equal(memory({}), '11.4 GiB available');
    const v2 = {
      'proc/self/cgroup': '0::/user.slice/job\n',
      'sys/fs/cgroup/user.slice/memory.max': `${3 * gib}\n`,
      'sys/fs/cgroup/user.slice/memory.current': `${gib}\n`,
      'sys/fs/cgroup/user.slice/job/memory.max': 'max\n',
    };
    assert.equal(memory(v2), '2.0 GiB available, as much as its control group allows');
    const container = { 'proc/self/cgroup': '0::/\n', 'sys/fs/cgroup/memory.max': `${gib}\n` };
    assert.match(memory(container), /^1\.0 GiB available, as/);
    const v1 = {
      'proc/self/cgroup': '9:cpu,memory:/docker/1\n0::/\n',
      'sys/fs/cgroup/memory/memory.limit_in_bytes': `${gib / 2}\n`,
    };
    assert.match(memory(v1), /^0\.5 GiB available, as/);
    const none = {
      'proc/self/cgroup': '9:memory:/\n',
      'sys/fs/cgroup/memory/memory.limit_in_bytes': '9223372036854771712\n',
    };
    assert.equal(memory(none), '11.4 GiB available');
  });

  it('needs a clone of the repository', () => {
    const { ready } = part('backend vm', [plain], { missing_packages: undefined });
    assert.equal(ready, false);
  });

  it('has KVM tried within a time limit, whatever KVM does', async function () {
    this.timeout(30_000);
    assert.ok(['works', 'hangs', 'fails', 'untried'].includes(await probeKvm()));
  });
});

describe('a list of the kernel', () => {
  it('holds the numbers that its ranges hold', () => {
    const numbers = fc.uniqueArray(fc.nat(40), { maxLength: 12 });
    fc.assert(
      fc.property(numbers, fc.nat(40), (held, wanted) => {
        const sorted = [...held].sort((a, b) => a - b);
        const ranges: [number, number][] = [];
        for (const each of sorted) {
          const last = ranges.at(-1);
          if (last && last[1] + 1 === each) last[1] = each;
          else ranges.push([each, each]);
        }
        const text = ranges
          .map(([low, high]) => (low === high ? `${low}` : `${low}-${high}`))
          .join(',');
        assert.equal(includes(text, wanted), held.includes(wanted));
      }),
    );
  });
});
