/**
 * Traces of arrivals: what they hold, and the same in one table whatever the source:
 *
 *     # source: …
 *     function,from_s,to_s,invocations,duration_ms,memory_mb
 *
 * So many invocations of the function arrive in `[from_s, to_s)`, or at `from_s` if both are equal; the
 * last two are empty where they are not known.
 */

import {
  Azure2019Invocations,
  azure2019Durations,
  azure2019Memory,
} from '../../workload/arrivals/azure-2019.ts';
import { azure2021Invocations } from '../../workload/arrivals/azure-2021.ts';
import { ibmAppConfigurations } from '../../workload/arrivals/ibm-app-configs.ts';
import { Column } from '../../workload/column.ts';
import { TextLines } from '../../workload/text-lines.ts';
import type { TraceSource } from './importer.ts';
import { Quantities, rounded } from './quantities.ts';

const header = 'function,from_s,to_s,invocations,duration_ms,memory_mb';
const seconds_a_minute = 60;

/** What is told of a file, line by line. */
export type Fact = readonly [name: string, value: string];

export interface Arrivals {
  /** Lines of the table; `undefined` if the file holds no arrivals. */
  readonly rows: Iterable<string> | undefined;
  /** Complete when the rows were read. */
  facts(): readonly Fact[];
}

export interface ArrivalsImporter {
  readonly describe: string;
  /** Whether files of durations and of memory belong to it. */
  readonly has_tables: boolean;
  recognises(head: string): boolean;
  import(source: TraceSource, tables: { durations?: TraceSource; memory?: TraceSource }): Arrivals;
}

export const arrivalsImporters: Readonly<Record<string, ArrivalsImporter>> = {
  'azure-2019': {
    describe: 'Azure Functions 2019: invocations of each function in each minute',
    has_tables: true,
    recognises: (head) => head.startsWith('HashOwner,HashApp,HashFunction,Trigger,'),
    import: azure2019,
  },
  'azure-2021': {
    describe: 'Azure Functions 2021: every invocation with its end and duration',
    has_tables: false,
    recognises: (head) => head.startsWith('app,func,end_timestamp,duration'),
    import: azure2021,
  },
  'ibm-app-configs': {
    describe: 'IBM Cloud Code Engine: what each app asks for; no arrivals',
    has_tables: false,
    recognises: (head) => head.startsWith('namespace_hash,app_hash,'),
    import: ibmAppConfigs,
  },
};

const azure_2019_source =
  'Azure Functions 2019 (Shahrad et al., Serverless in the Wild, USENIX ATC 2020), CC-BY-4.0';
const azure_2021_source =
  'Azure Functions 2021 (Zhang et al., Faster and Cheaper Serverless Computing on Harvested Resources, SOSP 2021), CC-BY-4.0';

function azure2019(
  source: TraceSource,
  tables: { durations?: TraceSource; memory?: TraceSource },
): Arrivals {
  const invocations = new Azure2019Invocations(linesOf(source));
  const duration_ms = new Map<string, number>();
  const durations = new Quantities();
  if (tables.durations !== undefined) {
    for (const { function: name, average_ms } of azure2019Durations(linesOf(tables.durations))) {
      duration_ms.set(name, average_ms);
      durations.add(average_ms);
    }
  }
  const memory_mb = new Map<string, number>();
  const memory = new Quantities();
  if (tables.memory !== undefined) {
    for (const { app, function: name, average_mb } of azure2019Memory(linesOf(tables.memory))) {
      memory_mb.set(name ?? app, average_mb);
      memory.add(average_mb);
    }
  }
  const { first_minute, end_minute } = invocations;
  const in_minute = new Float64Array(end_minute - first_minute);
  const of_function = new Quantities();
  const idle_minutes = new Quantities();
  const owners = new Set<string>();
  const apps = new Set<string>();
  const triggers = new Map<string, number>();
  let total = 0;

  function* rows(): Generator<string, void, void> {
    yield* [`# source: ${azure_2019_source}`, header];
    for (const { owner, app, function: name, trigger, counts } of invocations.functions()) {
      owners.add(owner);
      apps.add(app);
      triggers.set(trigger, (triggers.get(trigger) ?? 0) + 1);
      let of_this = 0;
      let last = -1;
      const known = [duration_ms.get(name) ?? '', memory_mb.get(name) ?? memory_mb.get(app) ?? ''];
      for (let i = 0; i < counts.length; i += 1) {
        const count = counts[i]!;
        if (count === 0) continue;
        in_minute[i]! += count;
        of_this += count;
        if (last !== -1 && i > last + 1) idle_minutes.add(i - last - 1);
        last = i;
        const from_s = (first_minute + i) * seconds_a_minute;
        yield [name, from_s, from_s + seconds_a_minute, count, ...known].join(',');
      }
      of_function.add(of_this);
      total += of_this;
    }
  }

  return {
    rows: rows(),
    facts: () => [
      ['source', azure_2019_source],
      [
        'functions',
        `${of_function.count} of ${apps.size} apps and ${owners.size} owners (${shares(triggers)})`,
      ],
      [
        'invocations',
        `${rounded(total)} in ${end_minute - first_minute} minutes, from minute ${first_minute} of the day on`,
      ],
      [
        'rate',
        `${rounded(total / in_minute.length)} a minute on average, ${rounded(Math.max(...in_minute))} in the busiest minute`,
      ],
      ['invocations of a function', of_function.toString()],
      ['idle minutes in between', idle_minutes.toString()],
      [
        'average durations',
        tables.durations ? durations.toString('ms') : 'not given (--durations)',
      ],
      ['average memory', tables.memory ? memory.toString('MB') : 'not given (--allocations)'],
      ['resolution', 'one minute: where in it an invocation arrives is not known'],
    ],
  };
}

function azure2021(source: TraceSource): Arrivals {
  const functions = new Map<string, number>();
  const apps = new Set<string>();
  const durations = new Quantities();
  const function_of = new Column(Uint32Array);
  const arrival_s = new Column(Float64Array);
  const end_s = new Column(Float64Array);
  let early = 0;

  function* rows(): Generator<string, void, void> {
    yield* [`# source: ${azure_2021_source}`, header];
    for (const each of azure2021Invocations(linesOf(source))) {
      apps.add(each.app);
      const index = functions.get(each.function) ?? functions.size;
      functions.set(each.function, index);
      function_of.push(index);
      arrival_s.push(each.arrival_s);
      end_s.push(each.arrival_s + each.duration_s);
      durations.add(each.duration_s);
      if (each.arrival_s < 0) early += 1;
      yield [each.function, each.arrival_s, each.arrival_s, 1, each.duration_s * 1000, ''].join(
        ',',
      );
    }
  }

  return {
    rows: rows(),
    facts: () => {
      const arrivals = arrival_s.values;
      const count = new Float64Array(functions.size);
      const idle_until_s = new Float64Array(functions.size).fill(Number.NaN);
      const idle_s = new Quantities();
      const order = Uint32Array.from({ length: arrival_s.length }, (_, i) => i);
      order.sort((a, b) => arrivals[a]! - arrivals[b]!);
      for (const row of order) {
        const index = function_of.values[row]!;
        count[index]! += 1;
        const idle = arrivals[row]! - idle_until_s[index]!;
        if (idle > 0) idle_s.add(idle);
        const end = end_s.values[row]!;
        if (!(end <= idle_until_s[index]!)) idle_until_s[index] = end;
      }
      const of_function = new Quantities();
      for (const each of count) of_function.add(each);
      const span_s = arrivals[order.at(-1)!]! - arrivals[order[0]!]!;
      return [
        ['source', azure_2021_source],
        ['functions', `${functions.size} of ${apps.size} apps`],
        ['invocations', `${rounded(durations.count)} in ${rounded(span_s)} s`],
        ['rate', span_s > 0 ? `${rounded((60 * durations.count) / span_s)} a minute` : 'unknown'],
        ['invocations of a function', of_function.toString()],
        ['idle in between', idle_s.toString('s')],
        ['durations', durations.toString('s')],
        ...(early > 0 ? [['early', `${early} arrived before the trace begins`] as const] : []),
        ['memory', 'not in this trace'],
      ];
    },
  };
}

function ibmAppConfigs(source: TraceSource): Arrivals {
  const [vcpus, memory, concurrency, kept] = [0, 1, 2, 3].map(() => new Quantities()) as [
    Quantities,
    Quantities,
    Quantities,
    Quantities,
  ];
  const namespaces = new Set<string>();
  let never_idle = 0;
  for (const each of ibmAppConfigurations(linesOf(source))) {
    namespaces.add(each.namespace);
    vcpus.add(each.vcpus);
    memory.add(each.memory_gb);
    concurrency.add(each.container_concurrency);
    kept.add(each.min_scale);
    if (each.min_scale > 0) never_idle += 1;
  }
  return {
    rows: undefined,
    facts: () => [
      ['source', 'IBM Cloud Code Engine (Nasiri et al., EuroSys 2026), MIT'],
      ['apps', `${memory.count} in ${namespaces.size} namespaces`],
      ['vCPUs', vcpus.toString()],
      ['memory', memory.toString('GB')],
      ['container concurrency', concurrency.toString()],
      ['containers always kept', `${kept}; more than none by ${never_idle} apps`],
      ['arrivals', 'none in this file, nor idle times and rates'],
    ],
  };
}

function shares(counts: ReadonlyMap<string, number>): string {
  return [...counts]
    .sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
    .slice(0, 10)
    .map(([name, count]) => `${count} ${name}`)
    .join(', ');
}

function linesOf(source: TraceSource): TextLines {
  return new TextLines(source.open(), source.shown);
}
