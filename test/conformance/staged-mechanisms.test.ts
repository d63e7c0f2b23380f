/** What every system that is told by its stages must do, found as the program finds them. */

import assert from 'node:assert/strict';
import fc from 'fast-check';
import { allMechanisms } from '../../sim/mechanisms/all.ts';
import { cacheMechanisms } from '../../sim/mechanisms/kv-cache/registry.ts';
import { mechanisms } from '../../sim/mechanisms/registry.ts';
import { stagedMechanisms } from '../../sim/mechanisms/staged/registry.ts';
import { type MetricName, metrics } from '../../sim/metrics.ts';
import { valuesOf } from '../../sim/parameters.ts';
import { type Axis, axes } from '../../sim/properties.ts';
import { sandboxParameters } from '../../sim/sandbox.ts';
import { askedOf } from '../../sim/scenarios/sandboxes/asked.ts';
import { type SandboxWindow, windowMetrics } from '../../sim/stages.ts';
import { measuredOf, refusalOf, sandboxTrial } from '../scenarios/sandboxes/played.ts';

const hosts = fc.record({
  count: fc.integer({ min: 1, max: 24 }),
  cores: fc.integer({ min: 1, max: 8 }),
  dirty_mb: fc.integer({ min: 0, max: 64 }),
});

/** As decimals print it: sums of the same times in another order differ in their last digit. */
const slack_ms = 1e-6;

describe('every mechanism of processes and sandboxes', () => {
  it('says what it is on each axis, and no two have one name', () => {
    for (const [name, { properties }] of Object.entries({ ...mechanisms, ...stagedMechanisms })) {
      assert.deepEqual(Object.keys(properties ?? {}).sort(), Object.keys(axes).sort(), name);
      for (const axis of Object.keys(axes) as Axis[]) assert.ok(properties![axis].length > 1);
    }
    const kinds = [mechanisms, stagedMechanisms, cacheMechanisms].map((each) => Object.keys(each));
    assert.equal(kinds.flat().length, Object.keys(allMechanisms).length);
  });
});

for (const system of Object.values(stagedMechanisms)) {
  const { name } = system;
  const windows = Object.keys(system.windows) as SandboxWindow[];

  describe(`system ${name}`, () => {
    it('declares source, grade, range and unit of every parameter, and what it leaves out', () => {
      assert.ok(system.unmodelled.length > 0 && system.source.length > 10);
      assert.match(system.colour!, /^#[0-9A-F]{6}$/);
      for (const [key, parameter] of Object.entries(system.parameters)) {
        assert.match(key, /^[a-z][a-z_]*$/);
        assert.ok(parameter.source.length > 5 && parameter.description.length > 10, key);
        if (typeof parameter.default === 'number') {
          assert.ok(parameter.default >= parameter.minimum!, `${key} has no minimum below it`);
          if (/_(ms|us|mb|share|kb)$/.test(key)) assert.match(parameter.source, /grade [ABCDU]/);
        } else assert.ok(parameter.choices!.includes(parameter.default), key);
      }
    });

    it('has no number of an article by default where anything else is known', () => {
      for (const [key, { default: initial, choices }] of Object.entries(system.parameters)) {
        if (choices?.includes('article')) assert.notEqual(initial, 'article', key);
      }
    });

    it('names in its windows stages that it has, and tells each window and no other', () => {
      const trial = sandboxTrial(name);
      const settings = valuesOf(system.parameters);
      const has = system.plan(askedOf(trial), settings).stages.map(({ stage }) => stage);
      const measured = measuredOf(name);
      for (const [window, metric] of Object.entries(windowMetrics)) {
        const told = windows.includes(window as SandboxWindow);
        assert.equal(measured[metric] !== undefined, told, window);
        if (!told) continue;
        const own = system.windows[window as SandboxWindow]!;
        assert.ok(
          own.some((stage) => has.includes(stage)),
          `${window} has no stage`,
        );
        assert.ok(measured[metric]! > 0, window);
      }
    });

    it('spends on its stages and waits what its last window lasts', () => {
      const measured = measuredOf(name);
      const last = windowMetrics[windows.at(-1)!];
      const spent = (Object.keys(measured) as MetricName[])
        .filter((metric) => metric.startsWith('stage_') || metric === 'waited_ms')
        .reduce((sum, metric) => sum + measured[metric]!, 0);
      if (last !== 'critical_path_ms') assert.ok(Math.abs(measured[last]! - spent) < slack_ms);
      for (const metric of Object.keys(measured)) assert.ok(metric in metrics);
    });

    it('keeps account of memory: what is shared once, and each child’s own', () => {
      fc.assert(
        fc.property(hosts, ({ count, cores, dirty_mb }) => {
          const measured = measuredOf(name, { count, cores, sandbox: { dirty_mb } });
          const { host_memory_mb, shared_memory_mb, local_memory_mb } = measured;
          const sum_mb = shared_memory_mb! + count * local_memory_mb!;
          assert.ok(Math.abs(host_memory_mb! - sum_mb) < 1e-6 * sum_mb);
          assert.equal(measured.instances_refused, 0);
          const clean_mb = measuredOf(name, { count, cores }).local_memory_mb!;
          assert.ok(Math.abs(local_memory_mb! - clean_mb - dirty_mb) < 1e-6);
        }),
        { numRuns: 8 },
      );
    });

    // Who comes back to the cores from another line may come in another order (Graham 1966, bounds on multiprocessing
    // timing anomalies): by no more than what one child takes alone.
    it('makes nobody ready sooner by more children, nor later by more cores', () => {
      const { stages } = system.plan(askedOf(sandboxTrial(name)), valuesOf(system.parameters));
      const lines = stages.map(({ holds }) => holds).filter((line) => line !== undefined);
      const changes = lines.filter((line, at) => line !== lines[at - 1]);
      const comes_back = new Set(changes).size < changes.length;
      const ready = (n: number, on: number) =>
        measuredOf(name, { count: n, cores: on }).all_ready_ms!;
      const apart_ms = comes_back ? ready(1, 1) : slack_ms;
      fc.assert(
        fc.property(hosts, ({ count, cores }) => {
          const held = ready(count, cores);
          assert.ok(ready(count + 1, cores) >= held - apart_ms);
          assert.ok(ready(count, cores + 1) <= held + apart_ms);
        }),
        { numRuns: 8 },
      );
    });

    it('measures the same again, whatever runs between', () => {
      const played = { count: 5, cores: 2, seed: 3 };
      const first = measuredOf(name, played);
      measuredOf(name, { count: 9, cores: 3, seed: 4 });
      assert.deepEqual(measuredOf(name, played), first);
    });

    it('refuses children that its host has no memory for, and tells no time of them all', () => {
      const { shared_memory_mb, local_memory_mb } = measuredOf(name);
      const capacity_mb = Math.ceil(shared_memory_mb! + 2.5 * local_memory_mb!);
      const measured = measuredOf(name, { count: 40, capacity_mb });
      const fit = measured.instances_that_fit!;
      assert.ok(fit >= 2 && fit < 40, `${fit}`);
      assert.equal(measured.instances_refused, 40 - fit);
      assert.equal(measured.all_ready_ms, undefined);
    });

    it('is refused with one line where it cannot be', () => {
      for (const [setting, had] of [
        ['capture', system.captures],
        ['reset', system.resets],
      ] as const) {
        for (const choice of sandboxParameters[setting].choices) {
          const refusal = refusalOf(name, { sandbox: { [setting]: choice } });
          const can = choice === 'none' || had.includes(choice);
          assert.equal(refusal === undefined, can, `${setting} ${choice}: ${refusal}`);
          if (!can) assert.match(refusal!, new RegExp(`^${name} .*; expected none`));
        }
      }
      for (const window of Object.keys(windowMetrics) as SandboxWindow[]) {
        const refusal = refusalOf(name, { sandbox: { window } });
        if (windows.includes(window)) assert.equal(refusal, undefined);
        else
          assert.match(refusal!, new RegExp(`^${name} has no time in window ${window}; expected`));
      }
      const crowded = refusalOf(name, { count: 3, sandbox: { addresses: 2 } });
      const line = `3 children of ${name} need 3 network addresses, and the host has 2`;
      assert.equal(crowded, system.has_address ? line : undefined);
    });
  });
}
