import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { FaultCounts } from '../../sim/memory/fault-counts.ts';
import { kernelParameters } from '../../sim/memory/kernel-costs.ts';
import { metricNames } from '../../sim/metrics.ts';
import { valuesOf } from '../../sim/parameters.ts';
import type { Page, Placement, Policy } from '../../sim/policy.ts';
import { ofAnyFunction } from '../../sim/workload/being-cold.ts';
import type { TraceEvent } from '../../sim/workload/cxltrace/format.ts';
import { cutOf } from '../../sim/workload/trace-fork.ts';
import { builtInPolicies, policyReferences, trialOf } from '../arbitraries.ts';
import { simulate } from '../simulator.ts';
import { load, store, traces, workloadOf } from './traces.ts';

/** A page as the oracle knows it: nothing reduced, nothing in slots. */
interface Known {
  readonly number: number;
  readonly of_file: boolean;
  readonly region: Page['region'];
  /** Whether it is ever stored to; and what was done to it when the checkpoint is taken. */
  stored_ever: boolean;
  stored: boolean;
  accessed: boolean;
  dirty: boolean;
  /** Invocations that touched it, and stored to it, before the checkpoint; what followed one counts with it. */
  readonly touched_by: Set<number>;
  readonly stored_by: Set<number>;
}

type Access = { at: 'access'; page: Known; stores: boolean };
type Step = Access | { at: 'map'; page: Known } | { at: 'unmap'; first: number; pages: number };

/** The process at its checkpoint, and every event of the child's first invocation, one by one. */
function cutByHand(events: readonly TraceEvent[]): { resident: Known[]; steps: Step[] } {
  const invocations = events.filter(({ kind }) => kind === 'begin').length;
  const { child, marks } = cutOf(invocations);
  const declared: Known[] = [];
  const live = new Map<number, Known>();
  const steps: Step[] = [];
  let resident: Known[] | undefined;
  let begun = 0;
  let inside = false;
  for (const event of events) {
    const in_child = inside && begun - 1 === child[0];
    if (event.kind === 'begin') {
      inside = true;
      begun += 1;
      if (begun - 1 === child[0]) {
        for (const page of live.values()) page.stored = page.stored_ever;
        resident = [...live.values()];
      }
    } else if (event.kind === 'end') {
      inside = false;
    } else if (event.kind === 'unmap') {
      for (const [number] of live) {
        if (number >= event.first && number < event.first + event.pages) live.delete(number);
      }
      if (in_child) steps.push({ at: 'unmap', first: event.first, pages: event.pages });
    } else if (event.kind === 'page') {
      const page: Known = {
        number: event.number,
        of_file: event.region === 'library' || event.region === 'file',
        region: event.region === 'anonymous' || event.region === 'file' ? 'other' : event.region,
        stored_ever: false,
        stored: false,
        accessed: false,
        dirty: false,
        touched_by: new Set(),
        stored_by: new Set(),
      };
      declared.push(page);
      live.set(event.number, page);
      if (in_child) steps.push({ at: 'map', page });
    } else if (event.kind === 'run') {
      const page = declared[event.page]!;
      const stores = event.counts[1] > 0;
      page.stored_ever ||= stores;
      if (in_child) steps.push({ at: 'access', page, stores });
      if (marks.from > 0) {
        if (resident === undefined) page.touched_by.add(begun - 1);
        if (resident === undefined && stores) page.stored_by.add(begun - 1);
        continue;
      }
      // The only invocation there is.
      if (begun >= 1 && (child[0] === 0 ? inside && begun === 1 : resident === undefined)) {
        page.accessed = true;
        page.dirty ||= stores;
      }
    }
  }
  const steady = Array.from({ length: marks.to - marks.from + 1 }, (_, i) => marks.from + i);
  for (const page of marks.from > 0 ? declared : []) {
    page.accessed = steady.every((each) => page.touched_by.has(each));
    page.dirty = steady.every((each) => page.stored_by.has(each));
  }
  return { resident: resident!, steps };
}

const zero: FaultCounts = {
  cow_faults: 0,
  migration_faults: 0,
  minor_faults: 0,
  pages_copied: 0,
  leaves_attached: 0,
  leaves_built: 0,
  leaves_unshared: 0,
};

const rangeOf = (number: number) => Math.floor(number / 512);

/** Where a page of the child stands. */
type State = 'in CXL' | 'away' | 'local' | 'in a file';

/** What a child of CXLfork counts, by the mechanism's description. */
function cxlfork(events: readonly TraceEvent[], policy: Policy): FaultCounts {
  const { resident, steps } = cutByHand(events);
  const counts = { ...zero };
  const placed = new Map<Known, Placement>();
  for (const page of resident) {
    const kind = page.of_file && !page.stored ? 'file' : 'anonymous';
    const region = page.of_file ? (page.stored_ever ? 'data' : 'library') : page.region;
    placed.set(
      page,
      policy.place(
        {
          accessed: page.accessed,
          dirty: page.dirty,
          hot: false,
          writable: !(page.of_file && !page.stored_ever),
          kind,
          region,
          // No built-in policy looks at it.
          leaf: undefined as never,
        },
        valuesOf(policy.parameters ?? {}),
      ),
    );
  }
  const attached = new Set(resident.map(({ number }) => rangeOf(number)));
  for (const [page, placement] of placed) {
    if (placement !== 'migrate-on-write') attached.delete(rangeOf(page.number));
  }
  const ranges = new Set(resident.map(({ number }) => rangeOf(number)));
  counts.leaves_attached = attached.size;
  counts.leaves_built = ranges.size - attached.size;
  const state = new Map<Known, State>();
  for (const [page, placement] of placed) {
    if (placement === 'migrate-now') counts.pages_copied += 1;
    const states = {
      'migrate-now': 'local',
      'migrate-on-access': 'away',
      'migrate-on-write': 'in CXL',
    };
    state.set(page, states[placement] as State);
  }
  const own = (range: number) => {
    if (attached.delete(range)) counts.leaves_unshared += 1;
  };
  for (const step of steps) {
    if (step.at === 'map') {
      own(rangeOf(step.page.number));
      counts.minor_faults += 1;
      state.set(step.page, 'local');
    } else if (step.at === 'unmap') {
      for (const range of [...attached]) {
        const last = step.first + step.pages - 1;
        if (range >= rangeOf(step.first) && range <= rangeOf(last)) own(range);
      }
    } else if (state.get(step.page) === 'away') {
      counts.migration_faults += 1;
      counts.pages_copied += 1;
      state.set(step.page, 'local');
    } else if (state.get(step.page) === 'in CXL' && step.stores) {
      own(rangeOf(step.page.number));
      counts.cow_faults += 1;
      counts.pages_copied += 1;
      state.set(step.page, 'local');
    }
  }
  return counts;
}

/** What a locally forked child counts: each page is copied by its first store. */
function localFork(events: readonly TraceEvent[]): FaultCounts {
  const { resident, steps } = cutByHand(events);
  const shared = new Set(resident);
  const counts = {
    ...zero,
    leaves_built: new Set(resident.map((page) => rangeOf(page.number))).size,
  };
  for (const step of steps) {
    if (step.at === 'map') counts.minor_faults += 1;
    if (step.at !== 'access' || !step.stores || !shared.delete(step.page)) continue;
    counts.cow_faults += 1;
    counts.pages_copied += 1;
  }
  return counts;
}

/** What a child of CRIU counts: all is copied but clean file pages, which fault once. */
function criu(events: readonly TraceEvent[]): FaultCounts {
  const { resident, steps } = cutByHand(events);
  const state = new Map<Known, State>();
  const counts = {
    ...zero,
    leaves_built: new Set(resident.map((page) => rangeOf(page.number))).size,
  };
  for (const page of resident) {
    // A lone invocation gives the marks, too: what it will have written counts as dirty.
    const left_out = page.of_file && !page.stored && !page.dirty;
    state.set(page, left_out ? 'in a file' : 'local');
    if (!left_out) counts.pages_copied += 1;
  }
  const mapped = new Set<Known>();
  for (const step of steps) {
    if (step.at === 'map') counts.minor_faults += 1;
    if (step.at !== 'access' || state.get(step.page) !== 'in a file') continue;
    if (!mapped.has(step.page)) counts.minor_faults += 1;
    mapped.add(step.page);
    if (!step.stores) continue;
    counts.cow_faults += 1;
    counts.pages_copied += 1;
    state.set(step.page, 'local');
  }
  return counts;
}

/** What a child of Mitosis counts: each page is fetched by its first touch, and its neighbour with it. */
function mitosis(events: readonly TraceEvent[]): FaultCounts {
  const { resident, steps } = cutByHand(events);
  const away = new Map(resident.map((page) => [page.number, page]));
  const coming = new Set<Known>();
  const ranges = new Set(resident.map((page) => rangeOf(page.number)));
  const counts = { ...zero, leaves_built: ranges.size };
  for (const step of steps) {
    if (step.at === 'map') counts.minor_faults += 1;
    if (step.at === 'unmap') {
      for (const number of [...away.keys()]) {
        if (number >= step.first && number < step.first + step.pages) away.delete(number);
      }
    }
    if (step.at !== 'access' || away.get(step.page.number) !== step.page) continue;
    away.delete(step.page.number);
    if (coming.has(step.page)) {
      counts.minor_faults += 1;
      continue;
    }
    counts.migration_faults += 1;
    counts.pages_copied += 1;
    const neighbour = away.get(step.page.number + 1);
    if (neighbour === undefined || coming.has(neighbour)) continue;
    coming.add(neighbour);
    counts.pages_copied += 1;
  }
  return counts;
}

function measured(events: readonly TraceEvent[], mechanism: string, policy?: string) {
  const reference = policyReferences.find(({ name }) => name === policy);
  // Where another thread brings pages, what it has brought depends on time.
  const parameters = { cxlfork: { promotion: 'fault' } };
  const workload = workloadOf(events);
  const trial = trialOf({ mechanism, policy: reference, workload, parameters });
  return simulate(trial, policy === undefined ? undefined : builtInPolicies[policy]);
}

/** The counts that the mechanism reports are those expected. */
function agree(found: ReturnType<typeof simulate>, expected: FaultCounts): void {
  for (const [metric, value] of Object.entries(expected)) {
    const is = found[metric as keyof FaultCounts];
    if (is !== undefined) assert.equal(is, value, metric);
  }
}

describe('replay of a trace', () => {
  for (const [name, policy] of Object.entries(builtInPolicies)) {
    if (policy.clairvoyant) continue;
    it(`counts what a child of cxlfork does access by access, under ${name}`, () => {
      fc.assert(
        fc.property(traces, (events) => {
          agree(measured(events, 'cxlfork', name), cxlfork(events, policy));
        }),
        { numRuns: 100 },
      );
    });
  }

  for (const [name, oracle] of [
    ['local-fork', localFork],
    ['criu', criu],
    ['mitosis', mitosis],
  ] as const) {
    it(`counts what a child of ${name} does access by access`, () => {
      fc.assert(
        fc.property(traces, (events) => agree(measured(events, name), oracle(events))),
        { numRuns: 100 },
      );
    });
  }

  const page = (number: number) => ({ kind: 'page', number, region: 'heap' }) as const;
  const run = (of: number, counts = load) => ({ kind: 'run', gap: 100, page: of, counts }) as const;
  const begin = { kind: 'begin', gap: 0 } as const;
  const end = { kind: 'end', gap: 0 } as const;

  it('gives neighbours of one 2 MiB range one leaf, and distant pages leaves of their own', () => {
    const numbers = [512, 1023, 1024, 900_000];
    const events = [...numbers.map(page), begin, ...numbers.map((_, i) => run(i)), end];
    const { layout } = workloadOf(events);
    assert.equal(layout.leaf_count, 3);
    assert.equal(layout.resident_pages, 4);
  });

  it('tells counts of scans, but neither times nor misses', () => {
    const events = [page(0), begin, run(0, store), end, begin, run(0, store), end];
    const scanned = { completeness: 'scanned', llc_bytes: null } as const;
    for (const mechanism of ['cold-start', 'local-fork', 'cxlfork']) {
      const policy = mechanism === 'cxlfork' ? 'migrate-on-write' : undefined;
      const reference = policyReferences.find(({ name }) => name === policy);
      const workload = workloadOf(events, scanned);
      const found = simulate(
        trialOf({ mechanism, policy: reference, workload }),
        policy && builtInPolicies[policy],
      );
      const all = measured(events, mechanism, policy);
      for (const metric of ['faults_ms', 'execution_ms', 'end_to_end_ms', 'warm_ms'] as const) {
        assert.equal(found[metric], undefined, metric);
      }
      assert.equal(found.cxl_read_bytes, undefined);
      assert.equal(found.restore_ms === undefined, mechanism === 'cold-start');
      for (const metric of ['cow_faults', 'pages_copied', 'minor_faults'] as const) {
        assert.equal(found[metric], all[metric]);
      }
    }
  });

  it('tells of unknown writes only what holds whichever accesses wrote', () => {
    const cases = [
      ['cold-start', undefined],
      ['local-fork', undefined],
      ['criu', undefined],
      ['mitosis', undefined],
      ['cxlfork', 'migrate-on-write'],
      ['cxlfork', 'migrate-on-access'],
      ['cxlfork', 'hybrid'],
      ['cxlfork', 'migrate-now'],
    ] as const;
    const about = { completeness: 'scanned', llc_bytes: null } as const;
    const told = new Set<string>();
    fc.assert(
      fc.property(traces, (events) => {
        const untold = events.map((event) => {
          if (event.kind !== 'run') return event;
          const [loads, stores, fetches] = event.counts;
          return { ...event, counts: [loads + stores, 0, fetches, 0, 0, 0] } as const;
        });
        const unmissed = events.map((event) => {
          if (event.kind !== 'run') return event;
          const [loads, stores, fetches] = event.counts;
          return { ...event, counts: [loads, stores, fetches, 0, 0, 0] } as const;
        });
        const unknown = workloadOf(untold, { ...about, writes: 'unknown' });
        const known = workloadOf(unmissed, about);
        for (const [mechanism, policy] of cases) {
          const reference = policyReferences.find(({ name }) => name === policy);
          const [found, all] = [unknown, known].map((workload) =>
            simulate(
              trialOf({ mechanism, policy: reference, workload }),
              policy && builtInPolicies[policy],
            ),
          );
          for (const metric of metricNames) {
            if (found![metric] === undefined) continue;
            told.add(`${mechanism} ${metric}`);
            assert.equal(found![metric], all![metric], metric);
          }
        }
      }),
      { numRuns: 60 },
    );
    for (const each of ['criu pages_copied', 'cold-start local_memory_mb', 'mitosis restore_ms']) {
      assert.ok(told.has(each), each);
    }
  });

  it('tells no copy-on-write faults and no local memory of a fork, where writes are unknown', () => {
    const events = [page(0), page(1), begin, run(0), end, begin, run(0), run(1), end];
    const workload = workloadOf(events, {
      completeness: 'scanned',
      llc_bytes: null,
      writes: 'unknown',
    });
    const found = simulate(
      trialOf({ mechanism: 'local-fork', policy: undefined, workload }),
      undefined,
    );
    assert.deepEqual(
      [found.cow_faults, found.pages_copied, found.local_memory_mb],
      [undefined, undefined, undefined],
    );
    assert.match(workload.caveat, /does not tell reads from writes/);
  });

  it('adds to the execution what misses in CXL memory cost beyond local ones', () => {
    const missing = [0, 0, 0, 1000, 0, 0] as const;
    // A millisecond, of which the misses are a part.
    const long = { kind: 'run', gap: 2_100_000, page: 0, counts: missing } as const;
    const events = [page(0), begin, run(0), end, begin, long, end];
    const local = measured(events, 'local-fork');
    const remote = measured(events, 'cxlfork', 'migrate-on-write');
    const cost_ns = (remote.execution_ms! - local.execution_ms!) * 1e6;
    const { exposed_share, first_touch_ns } = ofAnyFunction(valuesOf(kernelParameters));
    const least_ns = exposed_share * 1000 * 291;
    // Each 391 − 100 ns later at least, as the page walk is, and a little more under their own load. The remote child
    // finds the page's entry young, as the checkpoint keeps it.
    const lines_ns = cost_ns + first_touch_ns;
    assert.ok(lines_ns >= least_ns && lines_ns < 1.2 * (least_ns + 291), `${lines_ns}`);
  });

  it('refuses a page that is touched after it was given back', () => {
    const events = [page(0), { kind: 'unmap', first: 0, pages: 1 } as const, begin, run(0), end];
    assert.throws(
      () => workloadOf(events),
      /t\.cxltrace: page 0 is touched after it was given back; a page that is mapped again is declared again/,
    );
  });

  it('refuses a trace without an invocation', () => {
    assert.throws(
      () => workloadOf([page(0), run(0)]),
      /t\.cxltrace: no invocation is marked in it; /,
    );
  });

  it('cuts before the last two invocations, with bits of the two before the checkpoint', () => {
    assert.deepEqual(cutOf(16), { child: [14, 15], marks: { from: 12, to: 13 } });
    assert.deepEqual(cutOf(5), { child: [3, 4], marks: { from: 1, to: 2 } });
    assert.deepEqual(cutOf(4), { child: [2, 3], marks: { from: 1, to: 1 } });
    assert.deepEqual(cutOf(3), { child: [2], marks: { from: 1, to: 1 } });
    assert.deepEqual(cutOf(2), { child: [1], marks: { from: 0, to: 0 } });
    assert.deepEqual(cutOf(1), { child: [0], marks: { from: 0, to: 0 } });
  });
});
