import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { readFabric, readFabricFile } from '../../sim/experiment/fabric-file.ts';
import { installed } from '../../sim/experiment/installed.ts';
import { scratchFolder } from './scratch-folder.ts';

const csv = `system,read_pct,bandwidth_MBps,latency_ns
a,100,1000,200
a,100,4000,300
a,50,2000,250
`;
const inline = [
  {
    read_share: 1,
    points: [
      { bandwidth_gb_per_s: 1, latency_ns: 200 },
      { bandwidth_gb_per_s: 4, latency_ns: 300 },
    ],
  },
];
const shipped = parse(readFileSync(installed.fabrics.get('vistara')!, 'utf8'));

/** The path of a fabric whose CXL memory has these curves, beside the CSV file. */
function fabricOf(load_curves: unknown): string {
  const text = stringify({ ...shipped, cxl: { ...shipped.cxl, load_curves } });
  return join(scratchFolder({ 'x.yaml': text, 'curves.csv': csv }), 'x.yaml');
}

describe('load curves that a fabric names in another file', () => {
  it('are those points, wherever the file is read from', () => {
    const named = fabricOf({ file: './curves.csv', system: 'a', read_shares: [1] });
    assert.deepEqual(readFabric(named, 'x.yaml'), readFabric(fabricOf(inline), 'x.yaml'));
  });

  for (const [name, load_curves, message] of [
    [
      'a file that is missing',
      { file: 'no.csv', system: 'a', read_shares: [1] },
      /^x\.yaml:\d+:\d+: .*no\.csv/,
    ],
    [
      'a system that the file has not',
      { file: 'curves.csv', system: 'b', read_shares: [1] },
      /^curves\.csv:1: no point of b /,
    ],
    [
      'one share twice',
      { file: 'curves.csv', system: 'a', read_shares: [1, 1] },
      /^x\.yaml:\d+:\d+: curves\.csv: cannot be used: .*one curve a share/,
    ],
    [
      'a share beyond 1',
      { file: 'curves.csv', system: 'a', read_shares: [50] },
      /^x\.yaml:\d+:\d+: cxl\.load_curves\.read_shares\[0\].*from 0 to 1/,
    ],
    [
      'no file',
      { system: 'a', read_shares: [1] },
      /^x\.yaml:\d+:\d+: cxl\.load_curves\.file is missing/,
    ],
    [
      'an unknown key',
      { file: 'curves.csv', system: 'a', read_shares: [1], shares: [1] },
      /^x\.yaml:\d+:\d+: .*shares/,
    ],
  ] as const) {
    it(`are refused with the place: ${name}`, () => {
      assert.throws(() => readFabric(fabricOf(load_curves), 'x.yaml'), { message });
    });
  }
});

describe('shipped fabrics', () => {
  for (const [name, path] of installed.fabrics) {
    it(`${name} is a file as users write it, and goes by its name`, () => {
      assert.equal(readFabric(path, path).preset, name);
      assert.ok(readFabricFile(path, path).description.length > 0);
    });
  }
});
