import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { Simulation } from '../../sim/engine/simulation.ts';
import { type FabricFile, readFabricFile } from '../../sim/experiment/fabric-file.ts';
import { presetFabric } from '../../sim/experiment/find-fabric.ts';
import { installed } from '../../sim/experiment/installed.ts';
import { MemoryDevice } from '../../sim/fabric/memory-device.ts';
import { readRows } from '../../sim/fabric/read-curves.ts';
import type { MemorySettings } from '../../sim/fabric/settings.ts';

const readText = (path: string) => readFileSync(path, 'utf8');
const presets = new Map(
  [...installed.fabrics].map(([name, path]) => [name, readFabricFile(path, path)]),
);
const fabricOf = (name: string): FabricFile['fabric'] => presets.get(name)!.fabric;

/** Published points by id, as far as presets quote them. */
const points = new Map(
  readText('traces/memory-curves/cxl_device_points.csv')
    .trim()
    .split(/\r?\n/)
    .slice(1)
    .map((line) => {
      const cells = line.match(/("([^"]|"")*"|[^,]*)(,|$)/g)!.map((cell) => cell.replace(/,$/, ''));
      return [cells[0]!, { latency_ns: Number(cells[4]), evidence: cells[7]! }] as const;
    }),
);

function valueAt(settings: unknown, path: string): unknown {
  return path
    .split('.')
    .reduce((value, key) => (value as Record<string, unknown> | undefined)?.[key], settings);
}

/** Bandwidth of reads and writes in half duplex at equal shares. */
const evenMix = ({ read_gb_per_s, write_gb_per_s }: MemorySettings) =>
  1 / (0.5 / read_gb_per_s + 0.5 / write_gb_per_s);

describe('presets', () => {
  for (const [name, preset] of presets) {
    it(`${name} quotes the published points it names`, () => {
      const settings = presetFabric(name);
      assert.equal(settings.preset, name);
      assert.equal(settings.cxl.latency_ns, points.get(preset.points!.cxl)?.latency_ns);
      assert.equal(points.get(preset.points!.cxl)?.evidence, preset.evidence);
      if (preset.points!.local !== undefined) {
        const local = points.get(preset.points!.local);
        assert.equal(settings.node.local.latency_ns, local?.latency_ns);
      }
      for (const memory of [settings.cxl, settings.node.local]) {
        assert.ok(memory.read_gb_per_s > 0 && memory.write_gb_per_s > 0 && memory.capacity_mb > 0);
        assert.ok(memory.source.length > 0);
        assert.ok(memory.load_curves.length > 0);
      }
      assert.deepEqual(settings, structuredClone(settings), 'settings are plain data');
    });

    it(`${name} quotes each value from its source or says that it is assumed`, () => {
      const settings = presetFabric(name);
      const quoted = (text: string, value: number) =>
        text.split(/[^0-9.]+/).some((number) => Number.parseFloat(number) === value);
      const check = (path: string, text: string, value: number) =>
        assert.ok(
          path in preset.assumed || quoted(text, value),
          `${name}: ${path} is ${value}, which is neither quoted nor assumed`,
        );
      check('node.cores', preset.source, settings.node.cores);
      check('node.llc_mb', preset.source, settings.node.llc_mb);
      for (const [path, memory] of [
        ['cxl', settings.cxl],
        ['node.local', settings.node.local],
      ] as const) {
        for (const key of ['latency_ns', 'read_gb_per_s', 'write_gb_per_s'] as const) {
          check(`${path}.${key}`, memory.source, memory[key]);
        }
        check(`${path}.capacity_mb`, preset.source, memory.capacity_mb / 1024);
      }
    });

    it(`${name} assumes only settings that exist`, () => {
      const settings = presetFabric(name);
      for (const path of Object.keys(preset.assumed)) {
        assert.notEqual(valueAt(settings, path), undefined, path);
      }
    });
  }

  it('load as published: Vistara at 10, 30 and 60 %, the Mess expander up to its knee', () => {
    const deviceOf = (name: string) => new MemoryDevice(new Simulation(), presetFabric(name).cxl);
    const vistara = deviceOf('vistara');
    assert.deepEqual(
      [0, 0.1, 0.3, 0.6].map((utilisation) => Math.round(vistara.latency_at_ns(utilisation, 1))),
      [269, 269, 292, 372],
    );
    const mess = deviceOf('mess-expander');
    assert.equal(mess.latency_at_ns(0, 1), 107.4);
    const below_knee_ns = mess.latency_at_ns(24 / 26.76, 1);
    assert.ok(below_knee_ns > 107.4 && below_knee_ns < 119.4);
    assert.equal(Math.round(mess.latency_at_ns(26.654 / 26.759, 1)), 136);
    assert.equal(Math.round(mess.latency_at_ns(1, 1) / 10), 61);
  });

  it('keep the disagreement about switches visible', () => {
    assert.deepEqual(
      ['switch-fast', 'switch-polar', 'switch-beluga'].map((name) => fabricOf(name).cxl.latency_ns),
      [220.5, 549, 750],
    );
  });

  it('derive the bandwidths that their sources do not print', () => {
    const round = (value: number, digits: number) => Number(value.toPrecision(digits));
    assert.equal(fabricOf('cxlfork-testbed').cxl.read_gb_per_s, round(0.2 * 25.6, 2));
    assert.equal(fabricOf('switch-polar').cxl.read_gb_per_s, round(12_288 / 600, 3));
    assert.equal(fabricOf('switch-polar').cxl.write_gb_per_s, round(12_288 / 660, 3));
    assert.equal(round(evenMix(fabricOf('vistara').cxl), 2), 42);
    assert.equal(round(evenMix(fabricOf('vistara').node.local), 3), 439);
    assert.equal(round(evenMix(fabricOf('cxlmemsim-node').node.local), 3), 24);
  });

  it('take the local bandwidth from the highest measured of the curve they name', () => {
    const { read_gb_per_s, write_gb_per_s } = fabricOf('cxlfork-testbed').node.local;
    const [file, system] = [
      'traces/memory-curves/mess_measured_ddr.csv',
      'ddr5_4800__intel__sapphire_rapids__xeon_platinum_8480',
    ];
    const text = readText(installed.fabrics.get('cxlfork-testbed')!);
    assert.ok(text.includes(`file: ${file.replace('traces', '..')}`) && text.includes(system));
    const rows = readRows(readText(file), file).filter((row) => row.system === system);
    const highest = (read_share: number) =>
      Math.max(
        ...rows
          .filter((row) => row.read_share === read_share)
          .map((row) => row.point.bandwidth_gb_per_s),
      );
    assert.equal(read_gb_per_s, Number(highest(1).toFixed(1)));
    assert.equal(write_gb_per_s, Number(highest(0).toFixed(1)));
  });

  it('reach the measured ceilings of the Mess expander with two one-way limits, within 4 %', () => {
    const { read_gb_per_s, write_gb_per_s } = fabricOf('mess-expander').cxl;
    const file = 'traces/memory-curves/mess_cxl_expander.csv';
    const rows = readRows(readText(file), file);
    for (const share of [0.5, 0.66, 0.8, 0.9, 1]) {
      const measured = Math.max(
        ...rows
          .filter((row) => row.read_share === share)
          .map((row) => row.point.bandwidth_gb_per_s),
      );
      const modelled = Math.min(read_gb_per_s / share, write_gb_per_s / (1 - share));
      assert.ok(Math.abs(modelled / measured - 1) < 0.04, `${share}: ${modelled} for ${measured}`);
    }
  });
});
