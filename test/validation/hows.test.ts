/** Each way of answering a claim gives the number that its name promises, of rows that are made up. */

import assert from 'node:assert/strict';
import fc from 'fast-check';
import { presetFabric } from '../../sim/experiment/find-fabric.ts';
import { coreCopyTime_ns } from '../../sim/fabric/core-copy.ts';
import { kernelParameters } from '../../sim/memory/kernel-costs.ts';
import { valuesOf } from '../../sim/parameters.ts';
import { CannotRun, type Context } from '../../sim/validation/hows/how.ts';
import { hows } from '../../sim/validation/hows/registry.ts';
import type { MeasuredRow } from '../../sim/validation/measured.ts';

const fabric = presetFabric('cxlfork-testbed');
const path = 'fabric.cxl.latency_ns';

function row(
  mechanism: string,
  workload: string,
  x: number | undefined,
  metrics: MeasuredRow['metrics'],
): MeasuredRow {
  const swept: MeasuredRow['swept'] = x === undefined ? {} : { [path]: x };
  return { mechanism, policy: undefined, workload, swept, fabric, metrics, series: {} };
}

function contextOf(rows: readonly MeasuredRow[]): Context {
  return { experiments: new Map([['made', { rows }]]), folder: '.', where: 'mine.yaml:1:1' };
}

function ask(name: string, content: object, rows: readonly MeasuredRow[] = []): number {
  const how = hows.get(name)!;
  return how.answer(how.schema.parse({ ...content }), contextOf(rows));
}

const made = { experiment: 'made', metric: 'restore_ms' };
/** Restores of two functions at two latencies: `a` grows by 0.01 ms a ns, `b` stays; local-fork reads no latency. */
const rows = [
  row('local-fork', 'a', undefined, { restore_ms: 1 }),
  row('local-fork', 'b', undefined, { restore_ms: 2 }),
  row('mitosis', 'a', 100, { restore_ms: 2, faults_ms: 3 }),
  row('mitosis', 'a', 200, { restore_ms: 3, faults_ms: 3 }),
  row('mitosis', 'b', 100, { restore_ms: 8, faults_ms: 3 }),
  row('mitosis', 'b', 200, { restore_ms: 8, faults_ms: 3 }),
];

describe('ways of answering a claim', () => {
  it('all have a name and say what they do', () => {
    for (const [name, { describe: words }] of hows) {
      assert.match(name, /^[a-z][a-z-]*$/);
      assert.ok(words.length > 10, name);
    }
  });

  it('metric is a metric of the one point that is selected, or several added up', () => {
    const chosen = { ...made, mechanism: 'mitosis', workload: 'a', at: { [path]: 200 } };
    assert.equal(ask('metric', chosen, rows), 3);
    assert.equal(ask('metric', { ...chosen, metric: ['restore_ms', 'faults_ms'] }, rows), 6);
    assert.equal(ask('metric', { ...chosen, factor: 1000 }, rows), 3000);
  });

  it('metric refuses several points, unless it is told what to take of them', () => {
    const chosen = { ...made, mechanism: 'mitosis' };
    assert.throws(
      () => ask('metric', chosen, rows),
      /mine\.yaml:1:1: 4 points are selected; expected one, or take/,
    );
    assert.equal(ask('metric', { ...chosen, take: 'largest' }, rows), 8);
    assert.equal(ask('metric', { ...chosen, take: 'median' }, rows), 5.5);
  });

  it('refuse what no row is, and rows that nothing tells apart', () => {
    const nothing = () => ask('metric', { ...made, mechanism: 'criu' }, rows);
    assert.throws(nothing, /nothing of experiment made is criu; expected a mechanism/);
    const both = () => ask('metric', { ...made, at: { [path]: 100 }, take: 'mean' }, rows);
    assert.throws(both, /two rows of experiment made/);
  });

  it('refuse values of what is not swept, and sides that do not fit', () => {
    const elsewhere = { ...made, mechanism: 'mitosis', at: { 'fabric.cxl.latency': 100 } };
    assert.throws(
      () => ask('metric', elsewhere, rows),
      /mine\.yaml:1:1: experiment made is not swept over fabric\.cxl\.latency; did you mean fabric\.cxl\.latency_ns\?/,
    );
    const sides = { ...made, above: { mechanism: 'local-fork' }, below: { mechanism: 'mitosis' } };
    assert.throws(() => ask('ratio', sides, rows), /a point of above has no other side: a;/);
    const ascending = [{ mechanism: 'local-fork' }, { mechanism: 'mitosis' }];
    assert.throws(() => ask('order', { ...made, ascending }, rows), /do not have the same points/);
  });

  it('cannot run where a trial was skipped, or has no such metric', () => {
    const skipped = { ...row('mitosis', 'a', 100, {}), reason: 'no such machine' };
    const chosen = { ...made, mechanism: 'mitosis' };
    assert.throws(
      () => ask('metric', chosen, [skipped]),
      (error) => error instanceof CannotRun,
    );
    const absent = { ...chosen, metric: 'checkpoint_ms', take: 'mean' };
    assert.throws(
      () => ask('metric', absent, rows),
      (error) => error instanceof CannotRun,
    );
  });

  it('ratio and difference pair points; a mechanism that reads no swept setting is the other side of each', () => {
    const sides = { ...made, above: { mechanism: 'mitosis' }, below: { mechanism: 'local-fork' } };
    const mean = ask('ratio', { ...sides, at: { [path]: 100 }, take: 'geometric-mean' }, rows);
    assert.ok(Math.abs(mean - Math.sqrt(8)) < 1e-12);
    assert.equal(ask('difference', { ...sides, take: 'largest' }, rows), 6);
    assert.equal(ask('difference', { ...sides, take: 'smallest' }, rows), 1);
  });

  it('slope is the growth from the least to the greatest swept value', () => {
    const along = { ...made, mechanism: 'mitosis', along: path };
    assert.ok(Math.abs(ask('slope', { ...along, workload: 'a' }, rows) - 0.01) < 1e-12);
    assert.equal(ask('slope', { ...along, take: 'smallest' }, rows), 0);
  });

  it('trend is the share of lines that go that way', () => {
    const along = { ...made, mechanism: 'mitosis', along: path };
    assert.equal(ask('trend', { ...along, direction: 'rises' }, rows), 0.5);
    assert.equal(ask('trend', { ...along, direction: 'never-falls' }, rows), 1);
    assert.equal(ask('trend', { ...along, direction: 'falls' }, rows), 0);
    assert.equal(ask('trend', { ...along, direction: 'never-rises' }, rows), 0.5);
  });

  it('trend refuses a setting that is not swept', () => {
    const along = { ...made, mechanism: 'local-fork', along: path, direction: 'rises' };
    assert.throws(() => ask('trend', along, rows), /is no number that local-fork is swept over/);
  });

  it('order is the share of points that stand in it', () => {
    const at = { at: { [path]: 200 } };
    const ascending = [{ mechanism: 'local-fork' }, { mechanism: 'mitosis' }];
    assert.equal(ask('order', { ...made, ...at, ascending }, rows), 1);
    assert.equal(ask('order', { ...made, ...at, ascending: ascending.toReversed() }, rows), 0);
  });

  it('spread is the largest over the smallest among those that should be alike', () => {
    const alike = [
      row('criu', 'a', 100, { restore_ms: 2 }),
      row('mitosis', 'a', 100, { restore_ms: 3 }),
    ];
    const among = [{ mechanism: 'criu' }, { mechanism: 'mitosis' }];
    assert.equal(ask('spread', { ...made, among }, alike), 1.5);
  });

  it('transfer-bound is below 1 exactly where bytes came faster than the device can', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1e9 }),
        fc.double({ min: 0.1, max: 10, noNaN: true }),
        (bytes, share) => {
          const least_ms = bytes / fabric.cxl.read_gb_per_s / 1e6;
          const read = row('criu', 'a', 100, {
            restore_ms: share * least_ms,
            cxl_read_bytes: bytes,
          });
          const answer = ask('transfer-bound', made, [read]);
          assert.ok(Math.abs(answer - share) < 1e-9 * share);
        },
      ),
    );
  });

  it('dominates is the share of points that another has no reason to be chosen over', () => {
    const of = (mechanism: string, x: number, restore_ms: number, faults_ms: number) =>
      row(mechanism, 'a', x, { restore_ms, faults_ms });
    const points = [
      of('criu', 100, 2, 8),
      of('criu', 200, 4, 3),
      // Beaten by the first, equal to the second, and better than both in one metric.
      of('mitosis', 100, 3, 9),
      of('mitosis', 200, 4, 3),
      of('mitosis', 300, 1, 10),
    ];
    const content = { experiment: 'made', lower: ['restore_ms', 'faults_ms'] };
    const asked = { ...content, by: { mechanism: 'criu' }, over: { mechanism: 'mitosis' } };
    assert.equal(ask('dominates', asked, points), 1 / 3);
    const at = (x: number) => ({ ...asked, over: { mechanism: 'mitosis', at: { [path]: x } } });
    assert.deepEqual(
      [100, 200, 300].map((x) => ask('dominates', at(x), points)),
      [1, 0, 0],
    );
  });

  it('when is where a series first reaches a value, and where it falls below after that', () => {
    const of_time = [1, 2, 9, 9, 1, 9].map((y, at): [number, number] => [10 * at, y]);
    const told = [{ ...row('criu', 'a', 100, {}), series: { instances_over_time: of_time } }];
    const asked = { experiment: 'made', series: 'instances_over_time', value: 9 };
    assert.equal(ask('when', { ...asked, event: 'reaches' }, told), 20);
    assert.equal(ask('when', { ...asked, event: 'falls' }, told), 40);
    assert.equal(ask('when', { ...asked, event: 'reaches', since: 15 }, told), 5);
    for (const never of [
      { ...asked, event: 'reaches', value: 10 },
      { ...asked, event: 'falls', since: 50 },
    ]) {
      assert.throws(
        () => ask('when', never, told),
        (error) => error instanceof CannotRun && /never/.test(error.message),
      );
    }
  });

  it('arrivals is requests, or shares of them or of functions', () => {
    const of = (what: object = {}) => ask('arrivals', { arrivals: 'azure-2021', ...what });
    const requests = of();
    assert.ok(Number.isSafeInteger(requests) && requests > 0);
    assert.equal(of({ busiest: 1 }), 1);
    assert.equal(of({ at_most_per_minute: 1e9 }), 1);
    assert.throws(() => of({ busiest: 1, at_most_per_minute: 1 }), /expected one of the two/);
    assert.throws(() => ask('arrivals', { arrivals: 'azure-2020' }), /did you mean azure-2021/);
  });

  it('device gives idle latency, time of a lone copy and bandwidth of many', () => {
    const of = (what: object) =>
      ask('device', { fabric: 'cxlfork-testbed', memory: 'cxl', ...what });
    assert.equal(of({ of: 'latency' }), 391);
    const core = valuesOf(kernelParameters, undefined);
    const core_us = coreCopyTime_ns(4096, 'read', 391, core) / 1000;
    assert.ok(of({ of: 'copy', bytes: 4096 }) - core_us < 0.001);
    // A card has no lines in flight to wait for.
    const card_us = (391 + 4096 / 5.1) / 1000;
    assert.ok(Math.abs(of({ of: 'transfer', bytes: 4096 }) - card_us) < 0.001);
    assert.ok(Math.abs(of({ of: 'bandwidth', bytes: 2 ** 20 }) / 5.1 - 1) < 1e-3);
    assert.throws(
      () => ask('device', { fabric: 'nowhere', memory: 'cxl', of: 'copy' }),
      /no fabric preset named nowhere/,
    );
  });

  it('parameter is the default of a parameter, and refuses what is none', () => {
    assert.equal(ask('parameter', { parameter: 'mitosis.window_pages' }), 2);
    assert.throws(
      () => ask('parameter', { parameter: 'mitosis.window_page' }),
      /did you mean mitosis\.window_pages\?/,
    );
  });
});
