/** Azure Functions 2021 as a table of arrivals. */

import { azure2021Invocations } from '../../../workload/arrivals/azure-2021.ts';
import { FunctionNames } from '../../../workload/arrivals/function-names.ts';
import { Column } from '../../../workload/column.ts';
import { type Arrivals, endOf, type Fact, header, linesOf, rowOf } from '../arrivals.ts';
import type { TraceSource } from '../importer.ts';
import { Quantities, rounded } from '../quantities.ts';

const origin =
  'Azure Functions 2021 (Zhang et al., Faster and Cheaper Serverless Computing on Harvested Resources, SOSP 2021), CC-BY-4.0';

export function azure2021(source: TraceSource): Arrivals {
  const lines = linesOf(source);
  const names = new FunctionNames();
  const indices = new Map<string, number>();
  const apps = new Set<string>();
  const durations = new Quantities();
  const function_of = new Column(Uint32Array);
  const arrival_s = new Column(Float64Array);
  const end_s = new Column(Float64Array);
  let [early, left_out, instant] = [0, 0, 0];

  function* rows(): Generator<string, void, void> {
    yield* [`# source: ${origin}`, header];
    for (const each of azure2021Invocations(lines)) {
      if (each === undefined) {
        left_out++;
        continue;
      }
      apps.add(each.app);
      const name = names.of(each.function, each.app);
      const index = indices.get(name) ?? indices.size;
      indices.set(name, index);
      function_of.push(index);
      arrival_s.push(each.arrival_s);
      end_s.push(each.arrival_s + each.duration_s);
      durations.add(each.duration_s);
      if (each.arrival_s < 0) early++;
      if (each.duration_s === 0) instant++;
      yield rowOf(name, each.arrival_s, each.arrival_s, 1, each.duration_s * 1000, '');
    }
    if (arrival_s.length > 0) return;
    lines.fail(
      1,
      `none of ${left_out} rows has a possible end and duration`,
      "expected seconds since the trace's beginning",
    );
  }

  return {
    rows: rows(),
    facts: () => {
      const arrivals = arrival_s.values;
      const count = new Float64Array(indices.size);
      const idle_until_s = new Float64Array(indices.size).fill(Number.NaN);
      const idle_s = new Quantities();
      const order = Uint32Array.from({ length: arrival_s.length }, (_, i) => i);
      const [of, ends] = [function_of.values, end_s.values];
      order.sort((a, b) => arrivals[a]! - arrivals[b]! || of[a]! - of[b]! || ends[a]! - ends[b]!);
      let equal = 0;
      for (const [i, row] of order.entries()) {
        const index = of[row]!;
        count[index]! += 1;
        const idle = arrivals[row]! - idle_until_s[index]!;
        if (idle > 0) idle_s.add(idle);
        const end = ends[row]!;
        if (!(end <= idle_until_s[index]!)) idle_until_s[index] = end;
        const before = order[i - 1];
        if (before === undefined || arrivals[before] !== arrivals[row]) continue;
        if (of[before] === index && ends[before] === end) equal++;
      }
      const of_function = new Quantities();
      for (const each of count) of_function.add(each);
      const [first, last] = [order[0], order.at(-1)];
      const span_s = first === undefined ? 0 : arrivals[last!]! - arrivals[first]!;
      const told = (number: number, name: string, what: string): Fact[] =>
        number === 0 ? [] : [[name, `${number} ${what}`]];
      return [
        ['source', origin],
        ['functions', `${names.count} of ${apps.size} apps`],
        ...told(
          names.qualified,
          'same names',
          'functions of another app have the name of one before, and stand as app/function',
        ),
        ['invocations', `${rounded(durations.count)} in ${rounded(span_s)} s`],
        ...told(
          left_out,
          'left out',
          'rows have no possible end or duration, so when they arrived is not known',
        ),
        ...told(equal, 'equal rows', 'rows say what another says; each counts as an invocation'),
        ['rate', span_s > 0 ? `${rounded((60 * durations.count) / span_s)} a minute` : 'unknown'],
        ['invocations of a function', of_function.toString()],
        ['idle in between', idle_s.toString('s')],
        ['durations', durations.toString('s')],
        ...told(instant, 'durations of zero', 'as the file has them'),
        ...told(early, 'early', 'arrived before the trace begins'),
        ...endOf(!lines.ended),
        ['memory', 'not in this trace'],
      ];
    },
  };
}
