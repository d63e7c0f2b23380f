/**
 * Azure Functions 2019 as spans of a minute, and what its tables of durations and memory say of the functions. Time begins
 * with the file's first minute. A count that is not known is refused here: nothing could be played for it.
 */

import type { TextLines } from '../../../input/text-lines.ts';
import {
  Azure2019Invocations,
  azure2019Durations,
  azure2019Memory,
} from '../../../workload/arrivals/azure-2019.ts';
import { FunctionNames } from '../../../workload/arrivals/function-names.ts';
import { JoinedAverages } from '../../../workload/arrivals/joined-averages.ts';
import type { FunctionFacts } from './function-facts.ts';
import type { ReadSpans } from './read-spans.ts';
import { Spans } from './spans.ts';

const minute_ns = 60e9;
/** Of one function; the published trace has 200,000 in its busiest. */
const most_a_minute = 1e7;

export interface Azure2019Tables {
  readonly invocations: TextLines;
  readonly durations?: TextLines | undefined;
  readonly memory?: TextLines | undefined;
}

export function readAzure2019(tables: Azure2019Tables): ReadSpans {
  const table = new Azure2019Invocations(tables.invocations);
  table.checkColumns();
  const durations = tables.durations && new JoinedAverages(azure2019Durations(tables.durations));
  const memory = tables.memory && new JoinedAverages(azure2019Memory(tables.memory));
  const names = new FunctionNames();
  const functions = new Map<string, { index: number; facts: FunctionFacts; invocations: number }>();
  const spans = new Spans();
  const told = new Set<JoinedAverages>();
  for (const { counts, ...key } of table.functions({ most: most_a_minute })) {
    const name = names.of(key.function, key.owner, key.app);
    const [duration_ms, memory_mb, bands] = [
      durations?.of(key),
      memory?.of(key),
      durations?.bandsOf(key),
    ];
    for (const joined of [durations, memory]) if (joined?.has(key)) told.add(joined);
    const held = functions.get(name) ?? {
      index: functions.size,
      facts: {
        name,
        invocations: 0,
        ...(duration_ms !== undefined && { duration_ms }),
        ...(bands !== undefined && { duration_bands_ms: bands }),
        ...(memory_mb !== undefined && { memory_mb }),
      },
      invocations: 0,
    };
    functions.set(name, held);
    for (const [minute, count] of counts.entries()) {
      if (count === 0) continue;
      spans.add(held.index, minute * minute_ns, (minute + 1) * minute_ns, count);
      held.invocations += count;
    }
  }
  for (const [joined, lines] of [
    [durations, tables.durations],
    [memory, tables.memory],
  ] as const) {
    if (joined === undefined || told.has(joined)) continue;
    lines!.fail(1, 'no row is of a function of the invocations', 'expected the table of their day');
  }
  return {
    functions: [...functions.values()].map(({ facts, invocations }) => ({ ...facts, invocations })),
    spans,
    length_ns: (table.end_minute - table.first_minute) * minute_ns,
  };
}
