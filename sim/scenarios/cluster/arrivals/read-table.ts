/**
 * Arrivals as one plain table, which `cxlsim trace import` writes and anybody can:
 *
 *     function,from_s,to_s,invocations,duration_ms,memory_mb
 *
 * So many arrive in `[from_s, to_s)`, or at `from_s` where both are equal; the last two may be empty or missing. A duration
 * is that of the one request of its row, or the mean of all of a longer span's. Time begins with the earliest `from_s`.
 */

import type { TextLines } from '../../../input/text-lines.ts';
import { ns_per_ms, ns_per_s, wholeNs } from '../../../units.ts';
import { Table } from '../../../workload/arrivals/table.ts';
import { Column } from '../../../workload/column.ts';
import type { ReadSpans } from './read-spans.ts';
import { Spans } from './spans.ts';

const needed = ['function', 'from_s', 'to_s', 'invocations'];
export const table_columns = [...needed, 'duration_ms', 'memory_mb'];
/** Some three years; from before a trace's beginning on, as Azure 2021 has it. */
const most_s = 1e8;
const most_ms = 1e9;
const most_mb = 1e6;
const most_in_a_row = 1e7;

export function readTable(lines: TextLines): ReadSpans {
  const table = new Table(lines, needed);
  table.checkColumns(table_columns, table_columns.join(','));
  const functions = new Map<
    string,
    { index: number; invocations: number; duration: Mean; memory: Mean }
  >();
  const [of, from_s, to_s, count, duration_ms] = [
    new Column(Uint32Array),
    new Column(Float64Array),
    new Column(Float64Array),
    new Column(Uint32Array),
    new Column(Float64Array),
  ];
  let [first_s, last_s] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  while (table.next()) {
    const name = table.text('function');
    const held = functions.get(name) ?? {
      index: functions.size,
      invocations: 0,
      duration: new Mean(),
      memory: new Mean(),
    };
    functions.set(name, held);
    const row = {
      from_s: table.number('from_s', -most_s, most_s),
      to_s: table.number('to_s', -most_s, most_s),
      count: table.whole('invocations', most_in_a_row),
      duration_ms: table.optional('duration_ms', 0, most_ms),
    };
    if (row.to_s < row.from_s) table.refuse('to_s', `expected ${row.from_s}, its from_s, or later`);
    held.invocations += row.count;
    held.duration.add(row.duration_ms, row.count);
    held.memory.add(table.optional('memory_mb', 0, most_mb), row.count);
    of.push(held.index);
    from_s.push(row.from_s);
    to_s.push(row.to_s);
    count.push(row.count);
    duration_ms.push(row.duration_ms ?? Number.NaN);
    first_s = Math.min(first_s, row.from_s);
    last_s = Math.max(last_s, row.to_s);
  }
  const after_ns = (at_s: number) => wholeNs((at_s - first_s) * ns_per_s);
  const spans = new Spans();
  for (let row = 0; row < of.length; row += 1) {
    const [from, to] = [from_s.values[row]!, to_s.values[row]!];
    const is_one = from === to;
    const told_ns = is_one ? wholeNs(duration_ms.values[row]! * ns_per_ms) : Number.NaN;
    spans.add(of.values[row]!, after_ns(from), after_ns(to), count.values[row]!, told_ns);
  }
  return {
    functions: [...functions].map(([name, { invocations, duration, memory }]) => ({
      name,
      invocations,
      ...(duration.value !== undefined && { duration_ms: duration.value }),
      ...(memory.value !== undefined && { memory_mb: memory.value }),
    })),
    spans,
    length_ns: after_ns(last_s),
  };
}

/** Over the requests of which it is told. */
class Mean {
  #weight = 0;
  #sum = 0;

  get value(): number | undefined {
    return this.#weight > 0 ? this.#sum / this.#weight : undefined;
  }

  add(value: number | undefined, weight: number): void {
    if (value === undefined) return;
    this.#weight += weight;
    this.#sum += weight * value;
  }
}
