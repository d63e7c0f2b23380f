/** What a journal says of results that are there, without the experiment that they are of. */

import type { MetricName } from '../metrics.ts';
import { metricNames } from '../metrics.ts';
import type { Measurement } from './measurements-csv.ts';
import type { OutcomeStatus } from './outcome.ts';
import { storedJournal } from './read-journal.ts';

export interface Stored {
  readonly total: number;
  readonly counts: Readonly<Record<OutcomeStatus, number>>;
  /** Metrics and values in the order of the table's rows. */
  readonly values: readonly (readonly [metric: MetricName, value: number])[];
}

/** Nothing where there is no journal, or one that this version cannot read. */
export function storedOutcomes(directory: string): Stored | undefined {
  const journal = storedJournal(directory);
  if (journal === undefined) return undefined;
  const outcomes = [...journal.outcomes].sort(([a], [b]) => a - b).map(([, outcome]) => outcome);
  const count = (status: OutcomeStatus) =>
    outcomes.filter((outcome) => outcome.status === status).length;
  return {
    total: journal.trials,
    counts: { done: count('done'), skipped: count('skipped'), failed: count('failed') },
    values: outcomes.flatMap((outcome) => {
      if (outcome.status !== 'done') return [];
      const { measurements } = outcome;
      return metricNames.flatMap((metric): [MetricName, number][] =>
        measurements[metric] === undefined ? [] : [[metric, measurements[metric]]],
      );
    }),
  };
}

/** Index of the first row that is not as the journal has it; that of the row after the last if rows are missing. */
export function firstEdited(rows: readonly Measurement[], { values }: Stored): number | undefined {
  const index = values.findIndex(([metric, value], at) => {
    const row = rows[at];
    return row === undefined || row.metric !== metric || row.value !== value;
  });
  if (index !== -1) return index;
  return rows.length > values.length ? values.length : undefined;
}
