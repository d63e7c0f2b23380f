import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { LoadedLatency, risingPoints } from '../../sim/fabric/load-curve.ts';
import { readRows } from '../../sim/fabric/read-curves.ts';
import type { CurvePoint } from '../../sim/fabric/settings.ts';

const point = fc.record({
  bandwidth_gb_per_s: fc.double({ min: 0, max: 500, noNaN: true }),
  latency_ns: fc.double({ min: 1, max: 5000, noNaN: true }),
});
const points = fc
  .array(point, { minLength: 1, maxLength: 40 })
  .filter((all) => all.some((p) => p.bandwidth_gb_per_s > 1e-6));
const share = fc.double({ min: 0, max: 1, noNaN: true });
const curves = fc.uniqueArray(fc.record({ read_share: share, points }), {
  minLength: 1,
  maxLength: 4,
  selector: (curve) => curve.read_share,
});

/** Brute force: a point is kept if none has at least its bandwidth at less or equal latency. */
function unbeaten(all: readonly CurvePoint[]): CurvePoint[] {
  return all.filter(
    (p, index) =>
      !all.some(
        (q, other) =>
          q.bandwidth_gb_per_s >= p.bandwidth_gb_per_s &&
          q.latency_ns <= p.latency_ns &&
          (q.bandwidth_gb_per_s > p.bandwidth_gb_per_s ||
            q.latency_ns < p.latency_ns ||
            other < index),
      ),
  );
}

describe('load curve', () => {
  it('drops the branch that returns past saturation', () => {
    const measured = [
      { bandwidth_gb_per_s: 10, latency_ns: 100 },
      { bandwidth_gb_per_s: 25, latency_ns: 130 },
      { bandwidth_gb_per_s: 24, latency_ns: 400 },
      { bandwidth_gb_per_s: 22, latency_ns: 600 },
    ];
    assert.deepEqual(risingPoints(measured), measured.slice(0, 2));
  });

  it('is flat below the first measured point and past the ceiling', () => {
    const loaded = new LoadedLatency([
      {
        read_share: 1,
        points: [
          { bandwidth_gb_per_s: 10, latency_ns: 100 },
          { bandwidth_gb_per_s: 20, latency_ns: 150 },
        ],
      },
    ]);
    assert.deepEqual(
      [0, 0.25, 0.5, 0.75, 1, 2].map((utilisation) => loaded.stretch(utilisation, 1)),
      [1, 1, 1, 1.25, 1.5, 1.5],
    );
  });

  it('counts utilisation against a ceiling that the points do not reach', () => {
    const points = [
      { bandwidth_gb_per_s: 10, latency_ns: 100 },
      { bandwidth_gb_per_s: 20, latency_ns: 150 },
    ];
    const loaded = new LoadedLatency([{ read_share: 1, ceiling_gb_per_s: 40, points }]);
    assert.equal(loaded.stretch(0.25, 1), 1);
    assert.equal(loaded.stretch(0.5, 1), 1.5);
    assert.equal(loaded.stretch(1, 1), 1.5);
  });

  it('blends two read shares at equal utilisation and takes the nearest beyond them', () => {
    const at = (read_share: number, ceiling: number, latency_ns: number) => ({
      read_share,
      points: [
        { bandwidth_gb_per_s: 0, latency_ns: 100 },
        { bandwidth_gb_per_s: ceiling, latency_ns },
      ],
    });
    const loaded = new LoadedLatency([at(1, 20, 300), at(0.5, 40, 200)]);
    assert.equal(loaded.stretch(1, 0.75), 2.5);
    assert.equal(loaded.stretch(1, 0), 2);
    assert.equal(loaded.stretch(0.5, 1), 2);
  });

  it('stretches nothing without curves', () => {
    assert.equal(new LoadedLatency([]).stretch(0.9, 0.5), 1);
  });

  it('refuses a curve without a usable point, two for one read share, and a ceiling below a point', () => {
    const points = [{ bandwidth_gb_per_s: 10, latency_ns: 100 }];
    assert.throws(() => new LoadedLatency([{ read_share: 1, points: [] }]), RangeError);
    assert.throws(
      () =>
        new LoadedLatency([
          { read_share: 1, points },
          { read_share: 1, points },
        ]),
      /two load curves for a read share of 1/,
    );
    assert.throws(
      () => new LoadedLatency([{ read_share: 1, ceiling_gb_per_s: 5, points }]),
      RangeError,
    );
  });

  it('keeps exactly the points that no other beats', () => {
    fc.assert(
      fc.property(points, (all) => {
        const expected = unbeaten(all).sort((a, b) => a.bandwidth_gb_per_s - b.bandwidth_gb_per_s);
        assert.deepEqual(risingPoints(all), expected);
      }),
    );
  });

  it('passes through every kept point', () => {
    fc.assert(
      fc.property(points, share, (all, read_share) => {
        const kept = risingPoints(all);
        const loaded = new LoadedLatency([{ read_share, points: all }]);
        for (const { bandwidth_gb_per_s, latency_ns } of kept) {
          const utilisation = bandwidth_gb_per_s / kept.at(-1)!.bandwidth_gb_per_s;
          // Two bandwidths may be so close that they share a utilisation; the lower latency holds.
          const first = kept.find(
            (p) => p.bandwidth_gb_per_s / kept.at(-1)!.bandwidth_gb_per_s === utilisation,
          )!;
          assert.equal(
            loaded.stretch(utilisation, read_share),
            first.latency_ns / kept[0]!.latency_ns,
          );
          assert.ok(first.latency_ns <= latency_ns);
        }
      }),
    );
  });

  it('never falls with utilisation and is exactly 1 when idle, at any read share', () => {
    fc.assert(
      fc.property(curves, share, fc.array(share, { minLength: 2 }), (all, read_share, at) => {
        const loaded = new LoadedLatency(all);
        const stretches = [...at].sort((a, b) => a - b).map((u) => loaded.stretch(u, read_share));
        stretches.forEach((stretch, index) => {
          assert.ok(index === 0 || stretch >= stretches[index - 1]!);
        });
        assert.equal(loaded.stretch(0, read_share), 1);
      }),
    );
  });

  it('holds on every shipped curve: rising, and through the measured points it keeps', () => {
    for (const file of [
      'mess_cxl_expander',
      'mess_measured_ddr',
      'mess_skylake_remote_numa_ddr4',
    ]) {
      const path = `traces/memory-curves/${file}.csv`;
      const groups = new Map<string, CurvePoint[]>();
      for (const { system, read_share, point } of readRows(readFileSync(path, 'utf8'), path)) {
        const key = `${system} ${read_share}`;
        groups.set(key, [...(groups.get(key) ?? []), point]);
      }
      for (const measured of groups.values()) {
        const kept = risingPoints(measured);
        const loaded = new LoadedLatency([{ read_share: 1, points: measured }]);
        for (const { bandwidth_gb_per_s, latency_ns } of kept) {
          const utilisation = bandwidth_gb_per_s / kept.at(-1)!.bandwidth_gb_per_s;
          assert.equal(loaded.stretch(utilisation, 1), latency_ns / kept[0]!.latency_ns);
        }
        assert.ok(kept.length >= 10, `${path} keeps ${kept.length} points of a curve`);
      }
    }
  });
});
