import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Simulation } from '../../sim/engine/simulation.ts';
import { type CoreCopy, coreCopyTime_ns } from '../../sim/fabric/core-copy.ts';
import { MemoryDevice } from '../../sim/fabric/memory-device.ts';
import type { Direction } from '../../sim/fabric/traffic.ts';
import { kernelParameters } from '../../sim/memory/kernel-costs.ts';
import { two_nodes } from '../arbitraries.ts';

const core: CoreCopy = {
  copy_start_ns: kernelParameters.copy_start_ns.default,
  copy_first_lines: kernelParameters.copy_first_lines.default,
  copy_growth: kernelParameters.copy_growth.default,
  copy_lines: kernelParameters.copy_lines.default,
};

const cores: fc.Arbitrary<CoreCopy> = fc.record({
  copy_start_ns: fc.nat(1000),
  copy_first_lines: fc.integer({ min: 1, max: 64 }),
  copy_growth: fc.integer({ min: 1, max: 5 }),
  copy_lines: fc.integer({ min: 1, max: 400 }),
});
const latency_ns = fc.nat(5000);
const bytes = fc.nat(200_000);
const direction = fc.constantFrom<Direction>('read', 'write');

/** Line by line: how many latencies pass, and how far the last has come. */
function latenciesOf(
  lines: number,
  { copy_first_lines, copy_growth, copy_lines }: CoreCopy,
): number {
  let came = 1;
  let window = Math.min(copy_first_lines, copy_lines);
  for (let latencies = 1; ; latencies += 1) {
    for (let line = 1; line <= window; line += 1) {
      if (came === lines) return latencies + (line - 1) / window;
      came += 1;
    }
    window = Math.min(copy_lines, window * copy_growth);
  }
}

describe('one core’s copy', () => {
  it('takes what PolarCXLMem measured through a switch, within 15 %', () => {
    // Table 2 (SIGMOD 2025), at 549 ns; µs by bytes.
    const measured = {
      read: { 64: 0.75, 4096: 1.86, 16384: 2.46 },
      write: { 64: 0.78, 4096: 1.02, 16384: 1.68 },
    };
    for (const way of ['read', 'write'] as const) {
      for (const [size, us] of Object.entries(measured[way])) {
        const error = coreCopyTime_ns(Number(size), way, 549, core) / (1000 * us) - 1;
        assert.ok(Math.abs(error) < 0.15, `${way} of ${size}: ${error}`);
      }
    }
  });

  it('takes the 1.3 µs of CXLfork’s faults at 391 ns within 10 %, though they had no part in it', () => {
    const { cxl } = two_nodes;
    const device = new MemoryDevice(
      new Simulation(),
      { ...cxl, latency_ns: 391, read_gb_per_s: 5.1 },
      core,
    );
    assert.ok(Math.abs(device.transfer_ns(4096, 'read') / 1300 - 1) < 0.1);
  });

  it('is what counting line by line gives', () => {
    fc.assert(
      fc.property(cores, fc.nat(3000), latency_ns, (any, lines, latency) => {
        const took = coreCopyTime_ns(64 * (lines + 1), 'read', latency, any);
        const expected = any.copy_start_ns + latency * latenciesOf(lines + 1, any);
        assert.ok(Math.abs(took - expected) <= 1e-9 * (1 + expected), `${took}, not ${expected}`);
      }),
    );
  });

  it('never becomes shorter with more bytes or a farther device, and loads never precede stores', () => {
    fc.assert(
      fc.property(
        cores,
        bytes,
        bytes,
        latency_ns,
        latency_ns,
        direction,
        (any, a, b, c, d, way) => {
          const at = (size: number, latency: number) => coreCopyTime_ns(size, way, latency, any);
          assert.ok(at(Math.min(a, b), c) <= at(Math.max(a, b), c));
          assert.ok(at(a, Math.min(c, d)) <= at(a, Math.max(c, d)));
          const stored = coreCopyTime_ns(a, 'write', c, any);
          assert.ok(coreCopyTime_ns(a, 'read', c, any) >= stored * (1 - 1e-12));
        },
      ),
    );
  });

  it('has no more lines in flight than a core holds', () => {
    fc.assert(
      fc.property(cores, bytes, latency_ns, direction, (any, size, latency, way) => {
        const took = coreCopyTime_ns(size, way, latency, any);
        const lines = Math.max(0, Math.ceil(size / 64) - 1);
        assert.ok(took >= ((lines * latency) / any.copy_lines) * (1 - 1e-9));
      }),
    );
  });

  it('is bounded by the device, and many cores together fill it', () => {
    const gb_per_s = 20;
    const simulation = new Simulation();
    const settings = { ...two_nodes.cxl, latency_ns: 600, read_gb_per_s: gb_per_s };
    const device = new MemoryDevice(simulation, settings, core);
    const each = 256 * 1024;
    assert.ok(device.transfer_ns(each, 'read') > 600 + each / gb_per_s, 'one core is slower');
    for (let n = 0; n < 50; n += 1) simulation.start(device.transfer(each, 'read', []));
    simulation.run();
    const bound_ns = (50 * each) / gb_per_s;
    assert.ok(simulation.now_ns >= bound_ns && simulation.now_ns < 1.05 * bound_ns);
  });
});
