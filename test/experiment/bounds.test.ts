/** Every quantity has a physical bound, refused where it was written; curves rise. */

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { printFabric, readFabric } from '../../sim/experiment/fabric-file.ts';
import { presetFabric } from '../../sim/experiment/find-fabric.ts';
import { settingsOf } from '../../sim/experiment/settings.ts';
import { readRows } from '../../sim/fabric/read-curves.ts';
import { type Complaint, complaintOf, judge } from '../../sim/input/complaint.ts';
import { modelParameters } from '../../sim/plugins.ts';
import { liveSchema } from '../../sim/workload/live-description.ts';
import { traceSchema } from '../../sim/workload/trace-description.ts';
import { scratchFolder } from './scratch-folder.ts';
import { complaint, fileOf, sound } from './sound-experiment.ts';

const absurd = [1e308, -1e308, Number.POSITIVE_INFINITY, Number.NaN, 1e-320, 4294967296e9];

function inWords({ what, expected }: Complaint): string {
  return `${what}; ${expected}`;
}

describe('a setting', () => {
  it('that is a number has a bound on either side, and none is too fine to be measured', () => {
    const own = { knob: { default: 1, unit: 'share', description: 'x', source: 'y' } };
    for (const { path, schema, draws } of settingsOf(
      new Map([...modelParameters, ['mine', own]]),
    ).values()) {
      if (draws === 'none') continue;
      for (const value of absurd) {
        // A share of next to nothing is one.
        if (value === 1e-320 && path.endsWith('_share')) continue;
        const { error } = judge(schema, value);
        assert.ok(error !== undefined, `${path} = ${value}`);
        assert.match(inWords(complaintOf(error.issues[0]!)), /^is [^;]+; expected .+/);
      }
    }
  });

  it('is refused on the command line, swept and drawn alike', async () => {
    const file = fileOf(sound);
    assert.match(
      await complaint(file, { set: ['fabric.cxl.latency_ns=1e-320'] }),
      /^--set fabric\.cxl\.latency_ns=1e-320: .* is 1e-320, finer than anything is measured; exp/,
    );
    assert.match(
      await complaint(file, { set: ['fabric.nodes=0x10'] }),
      /^--set fabric\.nodes=0x10: 0x10 is a hexadecimal number; expected a decimal one, as 16$/,
    );
    const swept = fileOf(`${sound}sweep: {workload.run_pages: [2, 1e308]}\n`);
    assert.match(
      await complaint(swept),
      /^x\.yaml:6:33: .* is 1e\+308; expected 1 to 8388608 pages/,
    );
    const drawn = fileOf(`${sound}ranges: {parameters.kernel.fault_ns: [0, 1e308]}\n`);
    assert.match(
      await complaint(drawn),
      /^x\.yaml:6:42: .* is 1e\+308; expected a number from 0 to 100000/,
    );
    const large = fileOf(`${sound}workload: {footprint_mb: 65536}\n`);
    assert.match(await complaint(large), /^x\.yaml:6:26: .* is 65536; expected 0\.25 to 32768 MiB/);
  });
});

describe('a description of a trace or of a live function', () => {
  it('has bounds, and ranges that hold their values', () => {
    const trace = {
      kind: 'trace',
      description: 'x',
      source: 'y',
      file: 'z',
      sha256: 'a'.repeat(64),
    };
    const told = (change: object) =>
      judge(traceSchema, { ...trace, ...change }).error?.issues.map((issue) =>
        inWords(complaintOf(issue)),
      );
    assert.equal(told({ instructions_per_ns: 2.1 }), undefined);
    for (const instructions_per_ns of [0, 1e308, 1e-320]) {
      assert.match(told({ instructions_per_ns })![0]!, /^is [^;]+; expected 0\.001 to 100 instr/);
    }
    const assumed = { instructions_per_ns: { reason: 'x', range: [1, 2] } };
    assert.match(
      told({ instructions_per_ns: 3, assumed })![0]!,
      /^is \[1, 2\], without the value 3/,
    );
    const live = { kind: 'live', description: 'x', source: 'y', caveat: 'z', program: 'a.c' };
    const times = { warm_ms: 1, initialisation_ms: 1e308 };
    assert.match(
      inWords(complaintOf(judge(liveSchema, { ...live, ...times }).error!.issues[0]!)),
      /^is 1e\+308; expected 0 to 86400000 ms/,
    );
  });
});

describe('a fabric’s file', () => {
  const fabric = presetFabric('cxlfork-testbed');
  const points = [
    { bandwidth_gb_per_s: 0, latency_ns: 100 },
    { bandwidth_gb_per_s: 10, latency_ns: 100 },
    { bandwidth_gb_per_s: 20, latency_ns: 300 },
  ];
  const { preset: _, ...rest } = fabric;
  const text = printFabric({
    description: 'x',
    source: 'y',
    assumed: { nodes: 'z', 'cxl.load_curves': 'z', 'node.local': 'z' },
    fabric: {
      ...rest,
      node: { ...rest.node, local: { ...rest.node.local, load_curves: [] } },
      cxl: { ...rest.cxl, load_curves: [{ read_share: 1, points }] },
    },
  });

  const refused = (changed: string): string => {
    const path = join(scratchFolder({ 'f.yaml': changed }), 'f.yaml');
    try {
      readFabric(path, 'f.yaml');
    } catch (error) {
      return (error as Error).message;
    }
    return 'read';
  };

  it('has curves that rise, refused where a point does not', () => {
    assert.equal(refused(text), 'read');
    const at = (line: string) => text.split('\n').findIndex((each) => each.includes(line)) + 1;
    const same = text.replace('bandwidth_gb_per_s: 20', 'bandwidth_gb_per_s: 10');
    assert.match(
      refused(same),
      new RegExp(
        `^f\\.yaml:${at('bandwidth_gb_per_s: 20')}:\\d+: cxl\\.load_curves\\[0\\]\\.points\\[2\\]\\.bandwidth_gb_per_s is 10, after 10; expected above 10, as load rises$`,
      ),
    );
    const bent = text.replace('latency_ns: 300', 'latency_ns: 99');
    assert.match(
      refused(bent),
      /latency_ns is 99, after 100; expected at least 100, as load rises$/,
    );
  });

  it('has bounds for the points of its curves', () => {
    for (const [from, to] of [
      ['bandwidth_gb_per_s: 20', 'bandwidth_gb_per_s: 4294967296'],
      ['bandwidth_gb_per_s: 20', 'bandwidth_gb_per_s: 1e308'],
      ['latency_ns: 300', 'latency_ns: 1e308'],
      ['latency_ns: 300', 'latency_ns: 1e-320'],
    ] as const) {
      assert.match(refused(text.replace(from, to)), /^f\.yaml:\d+:\d+: cxl\.load_curves.*; /, to);
    }
  });

  it('assumes only what a fabric has', () => {
    const other = text.replace('  nodes: z', '  noodes: z');
    assert.match(
      refused(other),
      /^f\.yaml:\d+:\d+: assumed\.noodes names nothing.*; did you mean nodes/,
    );
  });
});

describe('measured curves', () => {
  it('have decimal numbers within bounds', () => {
    const header = 'system,read_pct,bandwidth_MBps,latency_ns\n';
    for (const row of [
      's,0x64,1,1',
      's,100,0x10,1',
      's,100,1e300,1',
      's,100,1,1e-320',
      's,100,,1',
    ]) {
      assert.throws(() => readRows(header + row, 'x'), /^\S+ x:2: /, row);
    }
    assert.equal(readRows(`${header}s,100,1e3,90.5\n`, 'x')[0]!.point.bandwidth_gb_per_s, 1);
  });
});

describe('an accessed page', () => {
  it('is missed no more often than accessed', async () => {
    const { imported } = await import('../recording/import/text-source.ts');
    const header = 'invocation,page,loads,load_misses,gap_ns\n';
    const rows = (misses: number) => `${header}1,1,1,1,5\n1,1,1,${misses},5\n`;
    assert.equal(imported('csv', rows(1), { llc_mb: 1 }).all.length, 5);
    assert.throws(
      () => imported('csv', rows(9e11), { llc_mb: 1 }),
      /x:3:1: 900000000000 misses of 1/,
    );
  });
});
