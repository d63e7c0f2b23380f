/** Kinds of arrivals that were recorded. */

import type { Parameters, Values } from '../../../parameters.ts';
import { ns_per_s } from '../../../units.ts';
import { SteppedRate } from '../../../workload/arrivals/rate.ts';
import {
  type MissingRows,
  missing_rows,
  readRates,
} from '../../../workload/arrivals/read-rates.ts';
import { type Computing, computings } from './computing.ts';
import { type ArrivalKind, mapping, type Opened, part, partOf } from './kind.ts';
import { population, population_files, populationOf } from './population.ts';
import { common } from './processes/common.ts';
import { rarerThan } from './rare-functions.ts';
import { RateArrivals } from './rate-arrivals.ts';
import { readAzure2019 } from './read-azure-2019.ts';
import { readAzure2021 } from './read-azure-2021.ts';
import type { ReadSpans } from './read-spans.ts';
import { readTable } from './read-table.ts';
import { type Spacing, spacings } from './spacing.ts';
import { SpanArrivals } from './span-arrivals.ts';

const spreading = {
  spacing: {
    default: 'exponential_shift',
    unit: 'choice',
    description:
      'where requests lie in a minute of which only their number is known: names and rules of invitro; without _shift all ' +
      'functions begin each minute together',
    source: 'chosen: independent of one another, as nothing is known of them',
    choices: spacings,
  },
  computing: {
    default: 'own',
    unit: 'choice',
    description:
      'how long a request computes: as the workload that stands for its function, or as the trace tells, by average or percentiles',
    source: 'chosen',
    choices: computings,
  },
} as const satisfies Parameters;

const rareness = {
  most_per_minute: {
    default: 1e9,
    unit: 'per minute',
    description: 'functions that are asked for more often in the mean are left out',
    source: 'all of them',
    minimum: 1e-6,
    maximum: 1e9,
  },
} as const satisfies Parameters;

const of_spans = { ...spreading, ...rareness, ...mapping, ...part };
const of_rows = { ...mapping, ...part };

function playedSpans(
  read: ReadSpans,
  { most_per_minute, spacing, computing, ...of_part }: Values<typeof of_spans>,
): Opened {
  const { functions, spans, length_ns } = rarerThan(most_per_minute, read);
  const how = { spacing: spacing as Spacing, computing: computing as Computing };
  const source = new SpanArrivals(functions, spans, how);
  return partOf({ source, facts: functions, length_s: length_ns / ns_per_s }, of_part);
}

export const azure_2019: ArrivalKind<typeof of_spans> = {
  description: 'Azure Functions 2019: how often each function is asked for in each minute',
  files: { file: 'needed', durations: 'optional', memory: 'optional' },
  parameters: of_spans,
  open: ({ file, durations, memory }, values) =>
    playedSpans(readAzure2019({ invocations: file!, durations, memory }), values),
};

export const azure_2021: ArrivalKind<typeof of_rows> = {
  description: 'Azure Functions 2021: each request with its end and what it took',
  files: { file: 'needed' },
  parameters: of_rows,
  open: ({ file }, values) =>
    playedSpans(readAzure2021(file!), {
      ...values,
      most_per_minute: rareness.most_per_minute.default,
      spacing: 'equidistant',
      computing: 'own',
    }),
};

export const table: ArrivalKind<typeof of_spans> = {
  description:
    'a table of function,from_s,to_s,invocations,duration_ms,memory_mb, as trace import writes it',
  files: { file: 'needed' },
  parameters: of_spans,
  open: ({ file }, values) => playedSpans(readTable(file!), values),
};

const of_rates = {
  missing_rows: {
    default: 'refused',
    unit: 'choice',
    description: 'whether rows that are missing between others are a time without requests',
    source: 'chosen: nothing is told of that time',
    choices: missing_rows,
  },
  ...population,
  variation: common.variation,
  ...mapping,
  ...part,
} as const satisfies Parameters;

export const rates: ArrivalKind<typeof of_rates> = {
  description: 'requests a second over time, as ServeGen’s services have them',
  files: { file: 'needed', ...population_files },
  parameters: of_rates,
  open({ file, apps }, { missing_rows: missing, functions, popularity, variation, ...of_part }) {
    const { share, ...window } = of_part;
    const steps = readRates(file!, missing as MissingRows);
    const length_s = steps.at(-1)!.to_s;
    const facts = populationOf(functions, popularity, apps);
    const thinned = steps.map((step) => ({ ...step, per_s: share * step.per_s }));
    const rate = () => new SteppedRate(thinned, length_s);
    const source = new RateArrivals({ facts, length_s, variation, rate });
    return partOf({ source, facts, length_s }, { ...window, share: 1 });
  },
};
