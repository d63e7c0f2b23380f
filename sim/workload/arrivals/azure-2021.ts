/**
 * The Azure Functions 2021 trace (Zhang et al., "Faster and Cheaper Serverless Computing on Harvested
 * Resources", SOSP 2021): one row for each invocation, `app,func,end_timestamp,duration`, in seconds.
 * The published file is in the order of ends, samples of it need not be.
 */

import type { TextLines } from '../../input/text-lines.ts';
import { Table } from './table.ts';

const longest_s = 1e9;
export const azure_2021_columns = ['app', 'func', 'end_timestamp', 'duration'];

export interface SingleInvocation {
  readonly app: string;
  readonly function: string;
  /** Seconds since the trace's beginning; what began before it is negative. */
  readonly arrival_s: number;
  readonly duration_s: number;
}

/** `undefined` for a row without an end or a duration, of which it is not known when it arrived. */
export function* azure2021Invocations(
  lines: TextLines,
): Generator<SingleInvocation | undefined, void, void> {
  const table = new Table(lines, azure_2021_columns);
  while (table.next()) {
    const end_s = table.known('end_timestamp', 0, longest_s);
    const duration_s = table.known('duration', 0, longest_s);
    const [app, name] = [table.optionalText('app')!, table.text('func')];
    yield end_s === undefined || duration_s === undefined
      ? undefined
      : { app, function: name, arrival_s: end_s - duration_s, duration_s };
  }
}

/** The same where each row must tell, and nothing else than the four columns may be there. */
export function* completeAzure2021(lines: TextLines): Generator<SingleInvocation, void, void> {
  const table = new Table(lines, azure_2021_columns);
  table.checkColumns(azure_2021_columns, azure_2021_columns.join(','));
  while (table.next()) {
    const end_s = table.number('end_timestamp', 0, longest_s);
    const duration_s = table.number('duration', 0, longest_s);
    const [app, name] = [table.optionalText('app')!, table.text('func')];
    yield { app, function: name, arrival_s: end_s - duration_s, duration_s };
  }
}
