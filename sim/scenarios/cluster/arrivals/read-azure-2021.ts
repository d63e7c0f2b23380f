/**
 * Azure Functions 2021: each request with the time that it arrived at and what it took. Time begins with the first
 * arrival, which may lie before that of the trace; rows may stand in any order, as samples of it do.
 */

import type { TextLines } from '../../../input/text-lines.ts';
import { ns_per_s, wholeNs } from '../../../units.ts';
import { completeAzure2021 } from '../../../workload/arrivals/azure-2021.ts';
import { FunctionNames } from '../../../workload/arrivals/function-names.ts';
import { Column } from '../../../workload/column.ts';
import type { ReadSpans } from './read-spans.ts';
import { Spans } from './spans.ts';

const ms_per_s = 1e3;

export function readAzure2021(lines: TextLines): ReadSpans {
  const names = new FunctionNames();
  const functions = new Map<string, { index: number; count: number; sum_s: number }>();
  const [of, arrival_s, duration_s] = [
    new Column(Uint32Array),
    new Column(Float64Array),
    new Column(Float64Array),
  ];
  let first_s = Number.POSITIVE_INFINITY;
  let last_s = Number.NEGATIVE_INFINITY;
  for (const each of completeAzure2021(lines)) {
    const name = names.of(each.function, each.app);
    const held = functions.get(name) ?? { index: functions.size, count: 0, sum_s: 0 };
    functions.set(name, held);
    held.count += 1;
    held.sum_s += each.duration_s;
    of.push(held.index);
    arrival_s.push(each.arrival_s);
    duration_s.push(each.duration_s);
    first_s = Math.min(first_s, each.arrival_s);
    last_s = Math.max(last_s, each.arrival_s);
  }
  const spans = new Spans();
  for (let row = 0; row < of.length; row += 1) {
    const at_ns = wholeNs((arrival_s.values[row]! - first_s) * ns_per_s);
    spans.add(of.values[row]!, at_ns, at_ns, 1, wholeNs(duration_s.values[row]! * ns_per_s));
  }
  return {
    functions: [...functions].map(([name, { count, sum_s }]) => ({
      name,
      invocations: count,
      duration_ms: (sum_s / count) * ms_per_s,
    })),
    spans,
    length_ns: wholeNs((last_s - first_s) * ns_per_s),
  };
}
