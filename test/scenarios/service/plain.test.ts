/** A node that serves, against a simulation of the same rules that looks through all that it has for whatever comes next. */

import assert from 'node:assert/strict';
import fc from 'fast-check';
import fixedTtl from '../../../policies/keep-alive/fixed-ttl.ts';
import type { KeepAlive } from '../../../sim/keep-alive.ts';
import { computing, functionOf, hosted, listed, ms, second, served, startOf } from './served.ts';

interface Plain {
  readonly of: number;
  busy_until_ns: number;
  arrived_ns: number;
  starting: boolean;
  idle_since_ns: number | undefined;
}

interface Rules {
  readonly cores: number;
  readonly keep_ns: number;
  readonly start_ns: readonly number[];
  readonly warm_ns: readonly number[];
}

/** Latencies of all requests in the order in which they end, and how many instances were made. */
function plainly(arrivals: readonly (readonly [at_ns: number, of: number])[], rules: Rules) {
  let instances: Plain[] = [];
  const line: (readonly [at_ns: number, of: number])[] = [];
  const coming = [...arrivals];
  const latencies_ns: number[] = [];
  let made = 0;
  let now_ns = 0;
  const busy = () => instances.filter((each) => each.idle_since_ns === undefined);
  const serve = ([arrived_ns, of]: readonly [number, number]) => {
    const idle = instances.filter((each) => each.of === of && each.idle_since_ns !== undefined);
    const [last] = idle.sort((a, b) => b.idle_since_ns! - a.idle_since_ns!);
    if (last === undefined) {
      made += 1;
      const busy_until_ns = now_ns + rules.start_ns[of]!;
      instances.push({ of, busy_until_ns, arrived_ns, starting: true, idle_since_ns: undefined });
    } else {
      last.idle_since_ns = undefined;
      last.busy_until_ns = now_ns + rules.warm_ns[of]!;
      last.arrived_ns = arrived_ns;
    }
  };
  while (coming.length > 0 || line.length > 0 || busy().length > 0) {
    const ends_ns = Math.min(...busy().map((each) => each.busy_until_ns));
    now_ns = Math.min(ends_ns, coming[0]?.[0] ?? Number.POSITIVE_INFINITY);
    instances = instances.filter(
      ({ idle_since_ns }) => idle_since_ns === undefined || now_ns < idle_since_ns + rules.keep_ns,
    );
    if (now_ns === ends_ns) {
      const ended = busy().find((each) => each.busy_until_ns === now_ns)!;
      if (ended.starting) {
        ended.starting = false;
        ended.busy_until_ns += rules.warm_ns[ended.of]!;
      } else {
        latencies_ns.push(now_ns - ended.arrived_ns);
        ended.idle_since_ns = now_ns;
      }
    } else line.push(coming.shift()!);
    while (line.length > 0 && busy().length < rules.cores) serve(line.shift()!);
  }
  return { latencies_ns, made };
}

const functions = 4;

describe('a node that serves', () => {
  it('does as a plain simulation does that keeps no queue of events', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ max: 2e8, min: 0 }), fc.nat(functions - 1)), {
          minLength: 1,
          maxLength: 120,
        }),
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: 200 }),
        (gaps, cores, keep_ms) => {
          // Times that are no round ones: what comes at the same time comes in an order of its own.
          let at_ns = 0;
          const arrivals = gaps.map(([gap_ns, of], index) => {
            at_ns += (gap_ns >> 3) + 1009 + index;
            return [at_ns, of] as const;
          });
          const warm_ms = Array.from({ length: functions }, (_, of) => 5.000_113 + of * 7.000_031);
          const start_ms = warm_ms.map((each) => 3 * each + 0.000_057);
          const keep_minutes = (keep_ms + 0.000_019) / 60_000;
          const { service } = served({
            cores,
            functions: warm_ms.map((each, of) =>
              functionOf({ cold: startOf(each, 0, { restore: computing(start_ms[of]!) }) }),
            ),
            source: listed(arrivals.map(([time_ns, of]) => [time_ns / second, of])),
            keep_alive: hosted(fixedTtl as KeepAlive, { minutes: keep_minutes }),
            settings: { timeout_s: 86_400 },
          });
          const plain = plainly(arrivals, {
            cores,
            keep_ns: Math.round(keep_minutes * 60 * second),
            warm_ns: warm_ms.map((each) => Math.round(each * ms)),
            start_ns: start_ms.map((each) => Math.round(each * ms)),
          });
          assert.deepEqual([...service.ledger.latencies_ns], plain.latencies_ns);
          assert.equal(service.ledger.made.cold, plain.made);
        },
      ),
      { numRuns: 100 },
    );
  });
});
