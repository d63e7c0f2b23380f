/**
 * The Azure Functions 2019 trace (Shahrad et al., "Serverless in the Wild", USENIX ATC 2020): three
 * tables of a day, of which samples keep columns of some minutes and rows of some functions.
 *
 *     invocations   HashOwner,HashApp,HashFunction,Trigger,1,2,…,1440      invocations in each minute
 *     durations     …,HashFunction,Average,Count,Minimum,Maximum,percentile_Average_50,…        in ms
 *     memory        …,HashApp,SampleCount,AverageAllocatedMb,AverageAllocatedMb_pct50,…
 */

import { quoted, type TextLines } from '../text-lines.ts';
import { Table } from './table.ts';

export const minutes_a_day = 1440;
/** More than any machine starts in a minute: a count beyond it is a slip. */
const most_a_minute = 1e9;
const longest_ms = 1e9;
const most_mb = 1e6;

export interface FunctionMinutes {
  readonly owner: string;
  readonly app: string;
  readonly function: string;
  readonly trigger: string;
  /** Invocations in each minute from the first of the file; the same array for each function. */
  readonly counts: Uint32Array;
}

export class Azure2019Invocations {
  /** The first minute, and the one after the last, from 0 at midnight. */
  readonly first_minute: number;
  readonly end_minute: number;
  private readonly table: Table;
  private readonly minutes: readonly string[];

  constructor(lines: TextLines) {
    this.table = new Table(lines, ['HashOwner', 'HashApp', 'HashFunction', 'Trigger']);
    this.minutes = this.table.header.slice(4);
    const numbers = this.minutes.map(Number);
    const [first = 0] = numbers;
    const wrong = numbers.findIndex(
      (each, i) => each !== first + i || each < 1 || each > minutes_a_day,
    );
    if (this.minutes.length === 0 || wrong !== -1) {
      lines.fail(
        1,
        wrong === -1
          ? 'no column of a minute'
          : `column ${quoted(this.minutes[wrong]!)} is no next minute`,
        `minutes one after the other, from 1 to ${minutes_a_day}, behind Trigger`,
      );
    }
    // Column 1 counts what arrives in the first minute after midnight.
    this.first_minute = first - 1;
    this.end_minute = this.first_minute + this.minutes.length;
  }

  *functions(): Generator<FunctionMinutes, void, void> {
    const { table, minutes } = this;
    const counts = new Uint32Array(minutes.length);
    while (table.next()) {
      for (let i = 0; i < minutes.length; i += 1) {
        counts[i] = table.whole(minutes[i]!, most_a_minute);
      }
      yield {
        owner: table.text('HashOwner'),
        app: table.text('HashApp'),
        function: table.text('HashFunction'),
        trigger: table.text('Trigger'),
        counts,
      };
    }
  }
}

export interface FunctionDuration {
  readonly function: string;
  readonly average_ms: number;
  readonly minimum_ms: number;
  readonly maximum_ms: number;
  readonly count: number;
}

export function* azure2019Durations(lines: TextLines): Generator<FunctionDuration, void, void> {
  const table = new Table(lines, ['HashFunction', 'Average', 'Count', 'Minimum', 'Maximum']);
  while (table.next()) {
    const duration = {
      function: table.text('HashFunction'),
      average_ms: table.number('Average', 0, longest_ms),
      minimum_ms: table.number('Minimum', 0, longest_ms),
      maximum_ms: table.number('Maximum', 0, longest_ms),
      count: table.whole('Count', Number.MAX_SAFE_INTEGER),
    };
    if (duration.maximum_ms < duration.minimum_ms) {
      table.refuse('Maximum', `at least the minimum, ${duration.minimum_ms}, would be right`);
    }
    yield duration;
  }
}

export interface AllocatedMemory {
  readonly app: string;
  /** Given in samples that split an app's memory over its functions. */
  readonly function: string | undefined;
  readonly average_mb: number;
}

export function* azure2019Memory(lines: TextLines): Generator<AllocatedMemory, void, void> {
  const table = new Table(lines, ['HashApp', 'SampleCount', 'AverageAllocatedMb']);
  while (table.next()) {
    yield {
      app: table.text('HashApp'),
      function: table.has('HashFunction') ? table.text('HashFunction') : undefined,
      average_mb: table.number('AverageAllocatedMb', 0, most_mb),
    };
  }
}
