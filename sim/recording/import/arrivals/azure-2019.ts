/** Azure Functions 2019 as a table of arrivals, with what its tables of durations and memory say. */

import {
  Azure2019Invocations,
  azure2019Durations,
  azure2019Memory,
} from '../../../workload/arrivals/azure-2019.ts';
import { FunctionNames } from '../../../workload/arrivals/function-names.ts';
import { JoinedAverages } from '../../../workload/arrivals/joined-averages.ts';
import type { Arrivals, Fact } from '../arrivals.ts';
import { endOf, header, linesOf, rowOf } from '../arrivals.ts';
import type { TraceSource } from '../importer.ts';
import { Quantities, rounded } from '../quantities.ts';
import { MinutesOfFunctions } from './minutes-of-functions.ts';

const seconds_a_minute = 60;
const most_shares = 10;
const origin =
  'Azure Functions 2019 (Shahrad et al., Serverless in the Wild, USENIX ATC 2020), CC-BY-4.0';

export function azure2019(
  source: TraceSource,
  tables: { durations?: TraceSource; memory?: TraceSource },
): Arrivals {
  const invocations = new Azure2019Invocations(linesOf(source));
  const durations =
    tables.durations && new JoinedAverages(azure2019Durations(linesOf(tables.durations)));
  const memory = tables.memory && new JoinedAverages(azure2019Memory(linesOf(tables.memory)));
  const { first_minute, end_minute } = invocations;
  const in_minute = new Float64Array(end_minute - first_minute);
  const functions = new MinutesOfFunctions(end_minute - first_minute);
  const names = new FunctionNames();
  const owners = new Set<string>();
  const apps = new Set<string>();
  const without = { durations: 0, memory: 0 };
  let [total, unknown, again] = [0, 0, 0];

  function* rows(): Generator<string, void, void> {
    yield* [`# source: ${origin}`, header];
    for (const { trigger, counts, ...key } of invocations.functions()) {
      const { owner, app, function: function_name } = key;
      owners.add(owner);
      apps.add(`${owner}/${app}`);
      const [duration_ms, memory_mb] = [durations?.of(key), memory?.of(key)];
      if (names.has(function_name, owner, app)) again++;
      else {
        if (duration_ms === undefined) without.durations++;
        if (memory_mb === undefined) without.memory++;
      }
      const name = names.of(function_name, owner, app);
      functions.add(name, trigger, counts);
      for (let i = 0; i < counts.length; i += 1) {
        const count = counts[i]!;
        if (Number.isNaN(count)) unknown++;
        if (!(count > 0)) continue;
        in_minute[i]! += count;
        total += count;
        const from_s = (first_minute + i) * seconds_a_minute;
        const known = [duration_ms ?? '', memory_mb ?? ''];
        yield rowOf(name, from_s, from_s + seconds_a_minute, count, ...known);
      }
    }
  }

  return {
    rows: rows(),
    facts: () => [
      ['source', origin],
      [
        'functions',
        `${names.count} of ${apps.size} apps and ${owners.size} owners (${shares(functions.triggers())})`,
      ],
      ...counted(again, 'rows of the same', 'functions', 'have a row already, and both count'),
      ...counted(
        names.qualified,
        'same names',
        'functions',
        'of another app have the name of one before, and stand as owner/app/function',
      ),
      [
        'invocations',
        `${rounded(total)} in ${end_minute - first_minute} minutes, from minute ${first_minute} of the day on`,
      ],
      ...counted(unknown, 'unknown counts', 'minutes of a function', 'have no count'),
      [
        'rate',
        `${rounded(total / in_minute.length)} a minute on average, ${rounded(Math.max(...in_minute))} in the busiest minute`,
      ],
      ['invocations of a function', functions.invocations().toString()],
      ['idle minutes in between', functions.idle().toString()],
      ['average durations', distribution(durations, 'ms') ?? 'not given (--durations)'],
      ...ofJoined('durations', durations, 'Count', 'functions', without.durations, names.count),
      ['average memory', distribution(memory, 'MB') ?? 'not given (--allocations)'],
      ...ofJoined('memory', memory, 'SampleCount', 'apps', without.memory, names.count),
      ...endOf(invocations.ends_in_row),
      ['resolution', 'one minute: where in it an invocation arrives is not known'],
    ],
  };
}

function distribution(joined: JoinedAverages | undefined, unit: string): string | undefined {
  if (joined === undefined) return undefined;
  const quantities = new Quantities();
  for (const average of joined.averages()) quantities.add(average);
  return quantities.toString(unit);
}

/** What is odd about a table that was joined. */
function ofJoined(
  what: string,
  joined: JoinedAverages | undefined,
  weight: string,
  keys: string,
  without: number,
  functions: number,
): Fact[] {
  if (joined === undefined) return [];
  return [
    ...counted(
      joined.odd,
      `odd ${what}`,
      `of ${joined.rows} rows`,
      'have no possible value (below zero, blank, outside its bounds), so it is unknown',
    ),
    ...counted(
      joined.repeated,
      `repeated ${what}`,
      keys,
      `are in several rows: averages weighted by ${weight}`,
    ),
    ...counted(without, `without ${what}`, `of ${functions} functions`, 'have none that is known'),
  ];
}

/** Nothing is told of what did not happen. */
function counted(count: number, name: string, of: string, what: string): Fact[] {
  return count === 0 ? [] : [[name, `${count} ${of} ${what}`]];
}

function shares(counts: ReadonlyMap<string, number>): string {
  const sorted = [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
  const rest = sorted.slice(most_shares).reduce((sum, [, count]) => sum + count, 0);
  return [
    ...sorted.slice(0, most_shares).map(([name, count]) => `${count} ${name}`),
    ...(rest > 0 ? [`${rest} by others`] : []),
  ].join(', ');
}
