import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { printFabric, readFabric } from '../../sim/experiment/fabric-file.ts';
import { fabricOfCurves } from '../../sim/experiment/fabric-of-curves.ts';
import { fabricOfMlc } from '../../sim/experiment/fabric-of-mlc.ts';
import { presetFabric } from '../../sim/experiment/find-fabric.ts';
import { readMlc } from '../../sim/fabric/read-mlc.ts';
import { fixture, shipped } from '../recording/import/text-source.ts';
import { scratchFolder } from './scratch-folder.ts';

const base = presetFabric('cxlfork-testbed');
const ofMlc = (text: string, options = {}) =>
  fabricOfMlc(readMlc(text, 'mlc.txt'), { file: 'mlc.txt', base, ...options });
const spr = shipped('mlc/sapphirerapids.txt');
const two = fixture('mlc-two-sockets.txt');

describe('a fabric of what MLC measured', () => {
  it('is the shipped preset that was made from the same file by hand', () => {
    const { fabric } = ofMlc(spr).fabric;
    const preset = presetFabric('cxlmemsim-node');
    assert.equal(fabric.cxl.latency_ns, preset.cxl.latency_ns);
    assert.equal(fabric.node.local.latency_ns, preset.node.local.latency_ns);
    const near = (a: number, b: number) => assert.ok(Math.abs(a / b - 1) < 0.005, `${a} and ${b}`);
    near(fabric.cxl.read_gb_per_s, preset.cxl.read_gb_per_s);
    near(fabric.node.local.read_gb_per_s, preset.node.local.read_gb_per_s);
    near(fabric.node.local.write_gb_per_s, preset.node.local.write_gb_per_s);
  });

  it('takes the node without processors as CXL memory, seen from the nearest that has them', () => {
    const { fabric, choices } = ofMlc(two);
    assert.equal(fabric.fabric.cxl.latency_ns, 298.3);
    assert.equal(fabric.fabric.node.local.latency_ns, 87.9);
    assert.match(choices.join('\n'), /node 2 is the CXL memory: the one node without/);
    assert.match(choices.join('\n'), /node 1 is local: the nearest/);
    const chosen = ofMlc(two, { cxl_node: 1, from_node: 0 });
    assert.equal(chosen.fabric.fabric.cxl.latency_ns, 141);
    assert.match(chosen.choices[0]!, /it has processors, so this emulates CXL memory/);
  });

  it('has the measured loaded latencies of local memory, and only a shape for the rest', () => {
    const { assumed, fabric } = ofMlc(spr).fabric;
    const [curve] = fabric.node.local.load_curves;
    assert.equal(curve!.read_share, 1);
    assert.equal(curve!.points[0]!.latency_ns, 110.14);
    assert.ok(!('node.local.load_curves' in assumed));
    assert.match(assumed['cxl.load_curves']!, /not measured/);
    assert.match(ofMlc(two).fabric.assumed['node.local.load_curves']!, /not measured/);
  });

  it('says of every number where it comes from', () => {
    const { assumed, fabric, source } = ofMlc(spr).fabric;
    const paths = (held: object, prefix = ''): string[] =>
      Object.entries(held).flatMap(([key, value]) =>
        typeof value === 'object' && !Array.isArray(value)
          ? paths(value, `${prefix}${key}.`)
          : [`${prefix}${key}`],
      );
    const measured = paths(fabric).filter((path) => !(path in assumed) && !path.endsWith('source'));
    assert.deepEqual(measured.sort(), [
      'cxl.latency_ns',
      'cxl.read_gb_per_s',
      'node.local.latency_ns',
      'node.local.load_curves',
      'node.local.read_gb_per_s',
    ]);
    assert.equal(source, 'Intel MLC v3.10, mlc.txt');
  });

  it('is refused where the file does not tell which memory is which', () => {
    assert.throws(
      () => ofMlc(shipped('mlc/alderlake.txt')),
      /^InputError: mlc\.txt: only node 0 was measured, so nothing stands for CXL memory; expected a run/,
    );
    const all = two.replaceAll('Numa node            0       1       2', 'Numa node 0 1');
    const without = all.replaceAll(/^( +\d +\S+ +\S+) +\S+$/gm, '$1');
    assert.throws(
      () => ofMlc(without),
      /all nodes with memory have processors.*; expected --cxl-node N to say which/,
    );
    assert.throws(
      () => ofMlc(two, { cxl_node: 7 }),
      /--cxl-node 7: mlc\.txt has no such node with memory; expected 0 or/,
    );
    assert.throws(() => ofMlc(two, { from_node: 2 }), /--from-node 2: .* expected 0 or 1/);
    const latencies = spr.slice(0, spr.indexOf('Measuring Peak'));
    assert.throws(() => ofMlc(latencies), /no bandwidths between nodes; .*--bandwidth_matrix/);
    const mixed = fixture('mlc-mixed-bandwidth.txt');
    assert.throws(() => ofMlc(mixed), /no bandwidths between nodes \(left out: .* -W5, a mix/);
    const other = latencies + two.slice(two.indexOf('Measuring Memory'));
    assert.throws(() => ofMlc(other), /latencies of nodes 0, 1, bandwidths of nodes 0, 1, 2/);
  });

  it('takes no socket for CXL memory whose row is missing in one of the tables', () => {
    const [first, second] = [...two.matchAll(/^ +1 .*\n/gm)].map(([row]) => row) as [
      string,
      string,
    ];
    const message = (from: string) =>
      new RegExp(`^mlc.txt: latencies from nodes ${from}; expected both of one machine`);
    assert.throws(() => ofMlc(two.replace(first, '')), {
      message: message('0, bandwidths from nodes 0, 1'),
    });
    assert.throws(() => ofMlc(two.replace(second, '')), {
      message: message('0, 1, bandwidths from nodes 0'),
    });
  });

  it('never takes a node without memory as local or as CXL memory', () => {
    const npss = fixture('mlc-memoryless-node.txt');
    const { fabric, choices } = ofMlc(npss);
    assert.deepEqual(
      [fabric.fabric.node.local.latency_ns, fabric.fabric.cxl.latency_ns],
      [90.4, 310.2],
    );
    assert.deepEqual(
      [fabric.fabric.node.local.read_gb_per_s, fabric.fabric.cxl.read_gb_per_s],
      [80.0003, 19.0007],
    );
    assert.match(choices.join('\n'), /node 0 has no memory, so it can be neither/);
    assert.throws(() => ofMlc(npss, { from_node: 0 }), /no such node with processors and memory/);
    assert.throws(() => ofMlc(npss, { cxl_node: 0 }), /no such node with memory; expected 1 or 2/);
    // A row without any value is of a node without processors.
    const row = two.replaceAll(/^( +1 .*\n)/gm, '$1       2 - - -\n');
    assert.deepEqual(ofMlc(row).fabric.fabric, ofMlc(two).fabric.fabric);
  });

  it('is refused where the one node without processors is faster than local memory, as HBM', () => {
    const hbm = fixture('mlc-hbm.txt');
    assert.throws(
      () => ofMlc(hbm),
      /node 1 has no processors, but is faster than local memory, as HBM.*; expected --cxl-node N/,
    );
    assert.equal(ofMlc(hbm, { cxl_node: 1 }).fabric.fabric.cxl.read_gb_per_s, 580.0001);
    const beside = hbm
      .replaceAll(/^(Numa node.*1)\s*$/gm, '$1 2')
      .replace('132.9', '132.9 300.5')
      .replace('580000.1', '580000.1 30000.5');
    const { fabric, choices } = ofMlc(beside);
    assert.equal(fabric.fabric.cxl.latency_ns, 300.5);
    assert.match(choices[0]!, /; node 1 has no processors either, but more speed than local/);
  });

  it('has loaded latencies of the CXL memory where mlc was told to measure it', () => {
    const loaded = spr.slice(spr.indexOf('Measuring Loaded'), spr.indexOf('Measuring cache'));
    const of_cxl = loaded.replaceAll(/^(\d+) +(\S+) +(\S+)$/gm, '$1 4$2 $3');
    const run = `\nIntel(R) Memory Latency Checker - v3.10\nCommand line parameters: --loaded_latency -j1\n`;
    const { fabric, choices } = ofMlc(spr + run + of_cxl);
    assert.equal(fabric.fabric.cxl.load_curves[0]!.points[0]!.latency_ns, 4110.14);
    assert.equal(fabric.fabric.node.local.load_curves[0]!.points[0]!.latency_ns, 110.14);
    assert.ok(!('cxl.load_curves' in fabric.assumed));
    assert.ok(choices.includes('measured with options: loaded latencies: --loaded_latency -j1'));
  });
});

describe('a fabric of measured curves', () => {
  const options = { file: 'curves.csv', base, of: 'cxl' } as const;
  const expander = shipped('memory-curves/mess_cxl_expander.csv');

  it('has the measured latency and bandwidth, as the shipped preset of the same file', () => {
    const { fabric, assumed } = fabricOfCurves(expander, options).fabric;
    const { cxl } = presetFabric('mess-expander');
    assert.ok(Math.abs(fabric.cxl.latency_ns / cxl.latency_ns - 1) < 0.001);
    assert.ok(Math.abs(fabric.cxl.read_gb_per_s / cxl.read_gb_per_s - 1) < 0.002);
    assert.ok(Math.abs(fabric.cxl.write_gb_per_s / cxl.write_gb_per_s - 1) < 0.002);
    assert.equal(fabric.cxl.duplex, cxl.duplex);
    assert.equal(fabric.node.local.latency_ns, base.node.local.latency_ns);
    assert.match(assumed['node.local']!, /as in cxlfork-testbed/);
  });

  it('needs the name of the system where there are several', () => {
    const measured = shipped('memory-curves/mess_measured_ddr.csv');
    assert.throws(() => fabricOfCurves(measured, options), /curves of 4 systems; --system ddr4/);
    const system = 'ddr5_4800__intel__sapphire_rapids__xeon_platinum_8480';
    const { fabric } = fabricOfCurves(measured, { ...options, of: 'local', system }).fabric;
    assert.ok(Math.abs(fabric.node.local.read_gb_per_s / 264.1 - 1) < 0.001);
    assert.ok(Math.abs(fabric.node.local.write_gb_per_s / 227.6 - 1) < 0.001);
    assert.throws(
      () => fabricOfCurves(measured, { ...options, system: `${system}x` }),
      /no such system; did you mean ddr5_4800__intel__sapphire_rapids__xeon_platinum_8480\?/,
    );
  });

  it('is refused without a curve at reads alone', () => {
    const mixed = expander.replaceAll(/^[^,\n]*,100,[^\n]*\n?/gm, '');
    assert.throws(
      () => fabricOfCurves(mixed, options),
      /no curve of \S+ at reads alone; a curve at/,
    );
  });
});

describe('an imported fabric’s file', () => {
  it('is read as the fabric that was written', () => {
    for (const { fabric } of [
      ofMlc(spr),
      fabricOfCurves(shipped('memory-curves/mess_cxl_expander.csv'), {
        file: 'curves.csv',
        base,
        of: 'cxl',
      }),
    ]) {
      const path = join(scratchFolder(), 'mine.yaml');
      writeFileSync(path, printFabric(fabric));
      assert.deepEqual(readFabric(path, path), { preset: 'mine', ...fabric.fabric });
    }
  });
});
