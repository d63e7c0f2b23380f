import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Simulation } from '../../sim/engine/simulation.ts';
import { presetFabric } from '../../sim/experiment/find-fabric.ts';
import { installed } from '../../sim/experiment/installed.ts';
import { MemoryDevice } from '../../sim/fabric/memory-device.ts';
import { lossless_gb_per_s, MixedTraffic } from '../../sim/fabric/mixed-traffic.ts';
import type { LoadCurve, MemorySettings } from '../../sim/fabric/settings.ts';
import { two_nodes } from '../arbitraries.ts';

const curve = (read_share: number, ceiling: number): LoadCurve => ({
  read_share,
  points: [{ bandwidth_gb_per_s: ceiling, latency_ns: 100 }],
});

function deviceOf(parts: Partial<MemorySettings>): MemorySettings {
  return { ...two_nodes.node.local, ...parts };
}

/** What a device delivers of copies that are asked for at once, every other one a write. */
function delivered_gb_per_s(settings: MemorySettings, copies: number): number {
  const simulation = new Simulation();
  const device = new MemoryDevice(simulation, settings);
  for (let index = 0; index < copies; index += 1) {
    simulation.start(device.transfer(2 ** 20, index % 2 === 0 ? 'read' : 'write', []));
  }
  simulation.run();
  return (copies * 2 ** 20) / (simulation.now_ns - Math.ceil(settings.latency_ns));
}

describe('mixed traffic', () => {
  it('loses what the measured ceilings say, and nothing of reads or writes alone', () => {
    const bus = deviceOf({
      read_gb_per_s: 200,
      write_gb_per_s: 200,
      duplex: 'half',
      load_curves: [curve(0.5, 80), curve(1, 100)],
    });
    const mixed = new MixedTraffic(bus);
    assert.deepEqual(
      [0, 0.25, 0.5, 0.75, 1].map((share) => mixed.efficiency(share)),
      [1, 0.9, 0.8, 0.9, 1],
    );
    assert.ok(Math.abs(delivered_gb_per_s(bus, 2_000) / 160 - 1) < 0.01);
  });

  it('never moves more than if nothing were lost, whatever curves are stretched to the device', () => {
    const gb_per_s = fc.double({ min: 1, max: 400, noNaN: true });
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(
        fc.record({
          read_gb_per_s: gb_per_s,
          write_gb_per_s: gb_per_s,
          duplex: fc.constantFrom('half' as const, 'full' as const),
          load_curves: fc
            .uniqueArray(fc.tuple(fc.integer({ min: 0, max: 100 }), gb_per_s), {
              selector: ([percent]) => percent,
              maxLength: 5,
            })
            .map((each) => each.map(([percent, most]) => curve(percent / 100, most))),
        }),
        share,
        (parts, read_share) => {
          const settings = deviceOf(parts);
          const efficiency = new MixedTraffic(settings).efficiency(read_share);
          assert.ok(efficiency > 0 && efficiency <= 1);
          const device = new MemoryDevice(new Simulation(), settings);
          const most = lossless_gb_per_s(read_share, settings) * efficiency;
          const bytes = { read: read_share * most * 1e6, write: (1 - read_share) * most * 1e6 };
          assert.ok(Math.abs(device.utilisationOf(bytes, 1e6) - 1) < 1e-9);
          const half = { read: bytes.read / 2, write: bytes.write / 2 };
          assert.ok(Math.abs(device.utilisationOf(half, 1e6) - 0.5) < 1e-9);
        },
      ),
    );
  });

  it('forgets a mix once the device stands idle', () => {
    const bus = deviceOf({
      read_gb_per_s: 1,
      write_gb_per_s: 1,
      duplex: 'half',
      load_curves: [curve(0.5, 50), curve(1, 100)],
    });
    const simulation = new Simulation();
    const device = new MemoryDevice(simulation, bus);
    function* one(direction: 'read' | 'write') {
      const begin_ns = simulation.now_ns;
      yield* device.transfer(4096, direction, []);
      return simulation.now_ns - begin_ns;
    }
    const first = simulation.start(one('read'));
    const later = simulation.start(one('write'), 1e6);
    simulation.run();
    assert.equal(first.result, later.result);
  });
});

describe('load curves that ship for a device itself', () => {
  // Presets whose curves were measured on the memory that they describe.
  const own = [
    ['mess-expander', 'cxl'],
    ['cxlmemsim-node', 'local'],
    ['vistara', 'cxl'],
    ['vistara', 'local'],
  ] as const;

  for (const [name, which] of own) {
    it(`come back from the ${which} memory of ${name}: within 5 %, and 15 % at the ceiling`, () => {
      assert.ok(installed.fabrics.has(name));
      const fabric = presetFabric(name);
      const settings = which === 'cxl' ? fabric.cxl : fabric.node.local;
      const device = new MemoryDevice(new Simulation(), settings);
      for (const { read_share, points, ceiling_gb_per_s } of settings.load_curves) {
        const most = ceiling_gb_per_s ?? points.at(-1)!.bandwidth_gb_per_s;
        // Curves without bandwidths of their own are relative to the device's.
        const scale = read_share === 1 ? settings.read_gb_per_s / most : 1;
        for (const { bandwidth_gb_per_s, latency_ns } of points) {
          const moved = bandwidth_gb_per_s * scale;
          const bytes = { read: read_share * moved, write: (1 - read_share) * moved };
          const found = device.latency_at_ns(device.utilisationOf(bytes, 1), read_share);
          const bound = bandwidth_gb_per_s > 0.95 * most ? 0.15 : 0.05;
          const off = Math.abs(found / latency_ns - 1);
          assert.ok(off <= bound, `${read_share} ${bandwidth_gb_per_s}: ${found}, ${latency_ns}`);
        }
      }
    });
  }
});
