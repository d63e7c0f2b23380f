/**
 * The Azure Functions 2021 trace (Zhang et al., "Faster and Cheaper Serverless Computing on Harvested
 * Resources", SOSP 2021): one row for each invocation, `app,func,end_timestamp,duration`, in seconds.
 * The published file is in the order of ends, samples of it need not be.
 */

import type { TextLines } from '../text-lines.ts';
import { Table } from './table.ts';

const longest_s = 1e9;

export interface SingleInvocation {
  readonly app: string;
  readonly function: string;
  /** Seconds since the trace's beginning; what began before it is negative. */
  readonly arrival_s: number;
  readonly duration_s: number;
}

export function* azure2021Invocations(lines: TextLines): Generator<SingleInvocation, void, void> {
  const table = new Table(lines, ['app', 'func', 'end_timestamp', 'duration']);
  while (table.next()) {
    const end_s = table.number('end_timestamp', 0, longest_s);
    const duration_s = table.number('duration', 0, longest_s);
    yield {
      app: table.text('app'),
      function: table.text('func'),
      arrival_s: end_s - duration_s,
      duration_s,
    };
  }
}
