/** Law of settings, of those that only a cluster that serves reads: whatever may be set changes something. */

import assert from 'node:assert/strict';
import cxlporter from '../../../policies/keep-alive/cxlporter.ts';
import fixedTtl from '../../../policies/keep-alive/fixed-ttl.ts';
import greedyDual from '../../../policies/keep-alive/greedy-dual.ts';
import hybridHistogram from '../../../policies/keep-alive/hybrid-histogram.ts';
import knative from '../../../policies/keep-alive/knative.ts';
import { type ArrivalSettings, default_arrivals } from '../../../sim/backend.ts';
import type { KeepAlive } from '../../../sim/keep-alive.ts';
import type { Parameter } from '../../../sim/parameters.ts';
import { randomStream } from '../../../sim/random.ts';
import { arrivalSources } from '../../../sim/scenarios/cluster/arrivals/registry.ts';
import { serviceParameters } from '../../../sim/scenarios/service/parameters.ts';
import { computing, functionOf, hosted, listed, served, startOf } from './served.ts';

const mb = 2 ** 20;
const reading = { fixed_ns: 4e6, lines: 2000, read_bytes: 6e6, write_bytes: 0 };

const functions = ['a', 'b'].map((name) =>
  functionOf({
    name,
    cold: startOf(5, 12 * mb, { restore: computing(60) }),
    fork: {
      start: startOf(9, 4 * mb, { first: reading, warm: reading, leans_on_device: true }),
      promoted: startOf(6, 8 * mb),
      checkpoint: computing(10),
      cxl_bytes: 20 * mb,
      parent_bytes: 6 * mb,
      reach: 'any-node',
    },
  }),
);

/** Eight at a time of each function, every 300 ms, with some seconds between two such trains. */
const trains = Array.from({ length: 160 }, (_, index): [number, number] => [
  0.3 * Math.floor(index / 16) + (index < 80 ? 0 : 4),
  index % 2,
]);

const bases: Readonly<Record<string, string | number>>[] = [
  {},
  { shell: 'ghost', ghosts: 2, container_ms: 50 },
  { shell: 'pooled', container_ms: 50, shell_kb: 512 },
  { checkpoint_after: 0, watched: 4, container_ms: 20 },
  { checkpoint_after: 0, timeout_s: 0.05 },
  { checkpoint_after: 0, most_waiting: 2, fails: 'node', fails_at_s: 5.2, repair_s: 1 },
  { checkpoint_after: 0, failures_per_day: 5_000, repair_s: 3 },
];

function moves(parameter: Parameter): (string | number | boolean)[] {
  const { choices, default: initial, minimum = 0, maximum = 1e9 } = parameter;
  if (choices !== undefined) return [...choices];
  if (typeof initial === 'boolean') return [!initial];
  const tried = [0, 0.05, 0.5, 1, 3, 10, 100, 4000, 1e5];
  return tried.filter((each) => each >= minimum && each <= maximum && each !== initial);
}

function measuredWith(settings: object): string {
  try {
    const { measurements } = served({
      nodes: 2,
      cores: 3,
      capacity_mb: 44,
      functions,
      source: listed(trains),
      settings: { container_ms: 0, ...settings } as never,
      // Instances go soon, so that others are made.
      keep_alive: hosted(fixedTtl as KeepAlive, { minutes: 0.004 }),
    });
    return JSON.stringify(measurements);
  } catch (error) {
    return (error as Error).message;
  }
}

/** What a policy answers over a day of two functions: idle times of seconds and of hours, memory short and plenty. */
function answersOf(policy: KeepAlive, settings: object): string {
  const random = randomStream(7, 'keep-alive');
  const { values } = hosted(policy, settings);
  const setting = [1, 2].map((memory_mb) => ({
    ...{ name: `f${memory_mb}`, cold_start_s: 3, warm_s: 0.1, memory_mb: 100 * memory_mb },
  }));
  const run = policy.begin({ functions: setting }, values);
  const said: unknown[] = [];
  for (let step = 0; step < 600; step += 1) {
    const of = step % 2;
    const now_s = 2 * step;
    const drawn = random.uniform();
    // The second function's are longer than histograms reach.
    const idle_before_s = of === 0 ? drawn ** 4 * 20_000 : 10_000 + 50_000 * drawn;
    const memory_used = random.uniform();
    said.push(run.idle({ of, now_s, idle_before_s, instances_of_function: 1, memory_used }));
    const candidate = { of, idle_since_s: now_s, memory_mb: 100 };
    said.push(run.priority?.(candidate));
    if (step % 10 < 2) run.gone?.(candidate, 0.1);
    said.push(run.cap_s?.(memory_used));
    // Short silences, and one that outlasts every window.
    const is_silent = step % 100 < 30 || (step >= 300 && step < 450);
    const concurrency = is_silent ? 0 : 20 * random.uniform() ** 3;
    said.push(run.scale?.({ of, now_s, instances: 2, ready: 1, concurrency, memory_used }));
  }
  return JSON.stringify(said);
}

describe('settings of a cluster that serves', () => {
  // Start times are a file's, which an experiment names: described-inputs.test.ts.
  const { start_times: _, ...numbers } = serviceParameters;
  for (const [name, parameter] of Object.entries(numbers)) {
    it(`parameters.service.${name} changes what is measured`, () => {
      const changed = bases.some((base) => {
        const before = measuredWith(base);
        return moves(parameter).some(
          (value) => measuredWith({ ...base, [name]: value }) !== before,
        );
      });
      assert.ok(changed);
    });
  }

  for (const [policy, named] of [
    [fixedTtl, 'fixed-ttl'],
    [greedyDual, 'greedy-dual'],
    [hybridHistogram, 'hybrid-histogram'],
    [knative, 'knative'],
    [cxlporter, 'cxlporter'],
  ] as unknown as [KeepAlive, string][]) {
    for (const [name, parameter] of Object.entries(policy.parameters ?? {})) {
      it(`parameters.${named}.${name} changes what the policy answers`, () => {
        const before = answersOf(policy, {});
        const changed = moves(parameter).some(
          (value) => answersOf(policy, { [name]: value }) !== before,
        );
        assert.ok(changed);
      });
    }
  }

  for (const [name, { reads, make }] of Object.entries(arrivalSources)) {
    it(`arrivals of ${name} follow from what the source says that it reads, and from nothing else`, () => {
      const told = (settings: Partial<ArrivalSettings>) => {
        const all = {
          ...default_arrivals,
          rate_per_s: 20,
          duration_s: 20,
          burst_s: 1,
          ...settings,
        };
        return JSON.stringify([...make(['a', 'b'], all).arrivals(randomStream(1, 'arrivals'))]);
      };
      const before = told({});
      for (const key of Object.keys(default_arrivals) as (keyof ArrivalSettings)[]) {
        if (key === 'source') continue;
        const moved = told({ [key]: key === 'burst_share' ? 0.5 : default_arrivals[key] + 1 });
        assert.equal(moved !== before, (reads as readonly string[]).includes(key), key);
      }
    });

    it(`arrivals of ${name} come in order, and are the same for the same chance`, () => {
      const settings = { ...default_arrivals, rate_per_s: 200, duration_s: 10 };
      const all = () => [...make(['a', 'b', 'c'], settings).arrivals(randomStream(3, 'arrivals'))];
      assert.deepEqual(all(), all());
      const times = all().map(({ at_ns }) => at_ns);
      assert.deepEqual(
        times,
        times.toSorted((a, b) => a - b),
      );
    });
  }

  it('bring so many requests a second in the mean, whatever the source', () => {
    for (const name of ['poisson', 'own-bursts']) {
      const settings = {
        ...default_arrivals,
        rate_per_s: 100,
        duration_s: 400,
        skew: 1,
        burst_s: 0.1,
      };
      const { make } = arrivalSources[name]!;
      const count = [...make(['a', 'b', 'c'], settings).arrivals(randomStream(3, 'arrivals'))]
        .length;
      assert.ok(Math.abs(count / 40_000 - 1) < 0.1, `${name}: ${count}`);
    }
  });
});
