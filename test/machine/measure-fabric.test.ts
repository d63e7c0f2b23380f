/** Measuring memory: what is planned on which machine, what is made of it, and one real measurement. */

import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { printFabric, readFabric } from '../../sim/experiment/fabric-file.ts';
import { presetFabric } from '../../sim/experiment/find-fabric.ts';
import { loadExperiment } from '../../sim/experiment/load.ts';
import { numbersOf } from '../../sim/machine/cache-size.ts';
import { fabricOf, measureFabric, planOf } from '../../sim/machine/measure-fabric.ts';
import { MemorySpeedProgram, readAnswer } from '../../sim/machine/memory-speed.ts';
import { bin, cxlsim } from '../cli/cxlsim.ts';
import { scratchFolder } from '../experiment/scratch-folder.ts';
import { machine, memoryNode, plain, type Tree } from './machines.ts';

const base = presetFabric('cxlfork-testbed');
const cache: Tree = {
  files: {
    'sys/devices/system/cpu/cpu0/cache/index0/size': '32K\n',
    'sys/devices/system/cpu/cpu0/cache/index3/size': '8192K\n',
  },
};
const nodeOf = (number: number, cpus: string): Tree => ({
  files: {
    [`sys/devices/system/node/node${number}/cpulist`]: `${cpus}\n`,
    [`sys/devices/system/node/node${number}/meminfo`]: `Node ${number} MemTotal: 1048576 kB\n`,
  },
});
const plan = (trees: readonly Tree[], node?: number, working_set_mb?: number) =>
  planOf(machine(plain, cache, ...trees), { node, working_set_mb });

/** What the program says of each measurement: made up, all different. */
const speed = (value: number) => readAnswer(`nodes 0\n${value}\n${value * 1.1}\n${value * 1.2}\n`);
const speeds = (node: number, times: number) => ({
  node,
  from_node: 0,
  latency_ns: speed(100 * times),
  read_gb_per_s: speed(20 / times),
  write_gb_per_s: speed(10 / times),
});

describe('a measurement of memory', () => {
  it('is planned for local memory and the one node of memory alone, from the processors', () => {
    const { measured, bytes, single } = plan([memoryNode], undefined, 100);
    assert.deepEqual(measured, [
      { node: 0, from_node: 0, cpus: [0, 1] },
      { node: 2, from_node: 0, cpus: [0, 1] },
    ]);
    assert.deepEqual([bytes, single], [100 * 2 ** 20, false]);
  });

  it('takes eight times the last-level cache, and refuses memory that is too small for it', () => {
    assert.equal(plan([]).bytes, 8 * 8 * 2 ** 20);
    assert.throws(() => plan([memoryNode], undefined, 200), {
      message:
        'NUMA node 2: has 249 MiB, and the working set would be 200 MiB; expected at most half: --working-set-mb',
    });
  });

  it('says what to choose where several nodes could stand for CXL memory', () => {
    const trees = [nodeOf(1, '2-3'), nodeOf(3, '4-5')];
    assert.throws(
      () => plan(trees),
      /2 nodes could stand for CXL memory; expected --node 1 or --node 3/,
    );
    assert.equal(plan(trees, 3).cxl!.number, 3);
    assert.throws(
      () => plan(trees, 0),
      /--node 0: this is the local memory itself; expected 1 or 3/,
    );
    assert.throws(() => plan(trees, 9), /--node 9: there is no such NUMA node; expected 1 or 3/);
  });

  it('of a machine with one node leaves CXL memory as in the preset, and says so', () => {
    const { file, notes } = fabricOf(
      plan([]),
      [speeds(0, 1)],
      { base, samples: 3 },
      'a machine',
      0,
    );
    assert.deepEqual(file.fabric.cxl, base.cxl);
    assert.match(notes[0]!, /There is no second node: only local memory was measured/);
    assert.equal(file.assumed['cxl'], 'not measured; as in cxlfork-testbed');
    assert.equal(file.fabric.node.local.latency_ns, 110);
  });

  it('of a busy machine says so, in the file, too', () => {
    const { file, notes } = fabricOf(
      plan([]),
      [speeds(0, 1)],
      { base, samples: 3 },
      'a machine',
      7,
    );
    assert.ok(notes.some((note) => note.startsWith('The machine was busy (load 7.0')));
    assert.match(file.source, /; busy, load 7\.0$/);
  });

  it('makes a file that an experiment takes, with every number that was measured', async () => {
    const measured = fabricOf(
      plan([memoryNode], undefined, 100),
      [speeds(0, 1), speeds(2, 4)],
      { base, samples: 3 },
      'a machine',
      0,
    );
    const text = printFabric(measured.file);
    const folder = scratchFolder({
      'mine.yaml': text,
      'x.yaml':
        'question: How fast?\nmechanisms: [cxlfork]\npolicies: [hybrid]\nworkloads: [float]\nfabric: ./mine.yaml\n',
    });
    const { fabric } = await loadExperiment(join(folder, 'x.yaml'));
    const { node, cxl } = fabric;
    assert.deepEqual([node.local.latency_ns, node.local.read_gb_per_s, node.llc_mb], [110, 22, 8]);
    assert.deepEqual([cxl.latency_ns, cxl.read_gb_per_s, cxl.write_gb_per_s], [440, 5.5, 2.75]);
    assert.deepEqual(
      { ...measured.file.fabric, preset: 'mine' },
      readFabric(join(folder, 'mine.yaml'), 'mine.yaml'),
    );
  });
});

describe('a fabric file', () => {
  const text = printFabric(fabricOf(plan([]), [speeds(0, 1)], { base, samples: 3 }, 'm', 0).file);
  const refusal = (changed: string) => {
    const folder = scratchFolder({ 'f.yaml': changed });
    try {
      readFabric(join(folder, 'f.yaml'), 'f.yaml');
      return 'accepted';
    } catch (error) {
      return (error as Error).message;
    }
  };

  it('is refused in one line that names the place, whatever is wrong with it', () => {
    const cases: [string, RegExp][] = [
      [
        text.replace(/latency_ns: 110/, 'latency_ns: fast'),
        /^f\.yaml:\d+:\d+: node\.local\.latency_ns is "fast"; expected a number/,
      ],
      [
        text.replace('duplex: half', 'duplex: both'),
        /^f\.yaml:\d+:\d+: node\.local\.duplex is "both"; expected half or full/,
      ],
      [
        text.replace(/^coherence:/m, 'coherance:'),
        /^f\.yaml:\d+:\d+: .*coherance.*did you mean coherence\?/,
      ],
      [
        text.replace(/^ {4}source:.*$/m, ''),
        /^f\.yaml:\d+:\d+: node\.local\.source is missing; expected a sentence/,
      ],
      [
        text.replace('load_curves: []', 'load_curves: [{read_share: 1, points: []}]'),
        /^f\.yaml:\d+:\d+: /,
      ],
      ['', /^f\.yaml: the file is empty; expected a fabric$/],
      ['a: [', /^f\.yaml:\d+:\d+: not YAML: /],
    ];
    for (const [changed, expected] of cases) {
      assert.notEqual(changed, text);
      assert.match(refusal(changed), expected);
      assert.doesNotMatch(refusal(changed), /\n/);
    }
  });
});

describe('the program that measures', function () {
  this.timeout(60_000);

  it('measures the memory of this machine, and an experiment takes the result', async () => {
    const options = { node: undefined, working_set_mb: 8, samples: 1, base };
    const { file, nodes } = await measureFabric(options);
    const [local] = nodes;
    for (const { median } of [local!.latency_ns, local!.read_gb_per_s, local!.write_gb_per_s]) {
      assert.ok(Number.isFinite(median) && median > 0);
    }
    const folder = scratchFolder();
    writeFileSync(join(folder, 'here.yaml'), printFabric(file));
    assert.deepEqual(readFabric(join(folder, 'here.yaml'), 'here.yaml').node, file.fabric.node);
  });

  it('says in one line why a node cannot be measured', async () => {
    const program = await MemorySpeedProgram.compiled();
    try {
      const request = {
        kind: 'latency',
        node: 1000,
        bytes: 2 ** 23,
        samples: 1,
        cpus: [0],
      } as const;
      await assert.rejects(
        program.measure(request),
        /^InputError: NUMA node 1000: cannot be measured: mbind: /,
      );
    } finally {
      program.close();
    }
  });

  it('leaves nothing behind when the command is killed while it measures', async () => {
    const folder = scratchFolder();
    const words = ['TMPDIR=.', bin, 'fabric', 'measure', '--working-set-mb', '8'];
    let measuring = 0;
    const { code } = await cxlsim(words, {
      cwd: folder,
      command: 'env',
      async meanwhile({ pid }) {
        const children = () => readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
        const named = (child: string) => readFileSync(`/proc/${child}/cmdline`, 'utf8');
        const found = () =>
          children()
            .split(' ')
            .find((child) => child && named(child).startsWith('memory-speed'));
        while (found() === undefined) await new Promise((resolve) => setTimeout(resolve, 20));
        measuring = Number(found());
        process.kill(pid!, 'SIGKILL');
      },
    });
    assert.equal(code, null);
    // The loader of TypeScript keeps a cache there.
    assert.deepEqual(
      readdirSync(folder).filter((name) => !name.startsWith('tsx-')),
      [],
    );
    while (existsSync(`/proc/${measuring}/exe`))
      await new Promise((resolve) => setTimeout(resolve, 20));
  });

  it('is refused where there is no compiler, with the package to install', async () => {
    const before = process.env['CC'];
    process.env['CC'] = 'no-such-cc';
    try {
      await assert.rejects(
        MemorySpeedProgram.compiled(),
        /no-such-cc: there is no such compiler; apt-get install gcc/,
      );
    } finally {
      if (before === undefined) delete process.env['CC'];
      else process.env['CC'] = before;
    }
  });

  it('has every constant of the kernel that it repeats right', () => {
    const header = '/usr/include/linux/mempolicy.h';
    const text = readFileSync(header, 'utf8');
    const names = /enum \{([^}]*)\}/
      .exec(text)![1]!
      .replace(/\/\*.*?\*\//g, '')
      .match(/MPOL_\w+/g);
    assert.equal(names!.indexOf('MPOL_BIND'), 2);
  });
});

describe('a list of processors', () => {
  it('has every number of its ranges', () => {
    assert.deepEqual(numbersOf('0-2,5,8-9'), [0, 1, 2, 5, 8, 9]);
    fc.assert(
      fc.property(fc.nat(50), fc.nat(50), (low, length) => {
        const numbers = numbersOf(`${low}-${low + length}`);
        assert.deepEqual(
          numbers,
          Array.from({ length: length + 1 }, (_, i) => low + i),
        );
      }),
    );
  });
});
