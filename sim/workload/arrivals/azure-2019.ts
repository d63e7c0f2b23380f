/**
 * The Azure Functions 2019 trace (Shahrad et al., "Serverless in the Wild", USENIX ATC 2020): three
 * tables of a day, of which samples keep columns of some minutes and rows of some functions.
 *
 *     invocations   HashOwner,HashApp,HashFunction,Trigger,1,2,…,1440      invocations in each minute
 *     durations     …,HashFunction,Average,Count,Minimum,Maximum,percentile_Average_50,…        in ms
 *     memory        …,HashApp,SampleCount,AverageAllocatedMb,AverageAllocatedMb_pct50,…
 *
 * The published files have odd rows: averages below zero, functions and apps in several rows of one day,
 * functions without durations and apps without memory.
 */

import { quoted } from '../../input/quoted.ts';
import type { TextLines } from '../../input/text-lines.ts';
import { hasColumns, headerOf, Table } from './table.ts';

const minutes_a_day = 1440;
/** More than any machine starts in a minute: a count beyond it is a slip. */
const most_a_minute = 1e9;
const longest_ms = 1e9;
const most_mb = 1e6;
const names = ['HashOwner', 'HashApp', 'HashFunction'];
/** Least, some percentiles and greatest of a function's durations, as samples and the published table have them. */
const bands = [0, 1, 25, 50, 75, 99, 100].map((percentile) => `percentile_Average_${percentile}`);
/** Averages are written in whole milliseconds, the least and the greatest in fractions. */
const rounding_ms = 1;

/** A function by its whole key: another app may have one of the same name. */
export interface FunctionKey {
  readonly owner: string;
  readonly app: string;
  readonly function: string;
}

export interface FunctionMinutes extends FunctionKey {
  readonly trigger: string;
  /**
   * Invocations in each minute from the first of the file, NaN where there is no count; the same array
   * for each function.
   */
  readonly counts: Float64Array;
}

export class Azure2019Invocations {
  /** The first minute, and the one after the last, from 0 at midnight. */
  readonly first_minute: number;
  readonly end_minute: number;
  private readonly table: Table;
  private readonly minutes: readonly string[];

  constructor(lines: TextLines) {
    this.table = new Table(lines, names);
    this.minutes = this.table.header.filter(isMinute);
    const numbers = this.minutes.map(Number);
    const [first = 0] = numbers;
    const wrong = numbers.findIndex(
      (each, i) => each !== first + i || each < 1 || each > minutes_a_day,
    );
    const right = `from 1 to ${minutes_a_day}`;
    if (wrong === -1 && this.minutes.length === 0) {
      lines.fail(1, 'no column of a minute', `expected minutes one after the other, ${right}`);
    } else if (wrong !== -1) {
      const next = first + wrong;
      const is_next = wrong > 0 && next <= minutes_a_day;
      this.table.refuseColumn(
        this.minutes[wrong]!,
        `minute ${quoted(this.minutes[wrong]!)}`,
        `expected ${is_next ? next : 'one'}, minutes one after the other ${right}`,
      );
    }
    // Column 1 counts what arrives in the first minute after midnight.
    this.first_minute = first - 1;
    this.end_minute = this.first_minute + this.minutes.length;
  }

  static recognises(head: string): boolean {
    return hasColumns(head, names) && headerOf(head.split('\n', 1)[0]!).some(isMinute);
  }

  get ends_in_row(): boolean {
    return this.table.ends_in_row;
  }

  /** Refuses what the published files do not have. */
  checkColumns(): void {
    const known = [...names, 'Trigger', ...this.minutes];
    this.table.checkColumns(known, `${names.join(', ')}, Trigger and minutes`);
  }

  /** With `must_be_known`, counts that are not known are refused, and not NaN. */
  *functions(must_be_known?: { readonly most: number }): Generator<FunctionMinutes, void, void> {
    const { table, minutes } = this;
    const counts = new Float64Array(minutes.length);
    while (table.next()) {
      for (let i = 0; i < minutes.length; i += 1) {
        const minute = minutes[i]!;
        counts[i] = must_be_known
          ? table.whole(minute, must_be_known.most)
          : (table.knownWhole(minute, most_a_minute) ?? Number.NaN);
      }
      yield {
        owner: table.optionalText('HashOwner')!,
        app: table.optionalText('HashApp')!,
        function: table.text('HashFunction'),
        trigger: table.optionalText('Trigger') || 'unknown trigger',
        counts,
      };
    }
  }
}

/** One row of a table that is joined to the invocations. */
export interface AverageRow {
  /** `undefined` where the table has no such column; the key is what it has. */
  readonly key: Readonly<Record<keyof FunctionKey, string | undefined>>;
  /** `undefined` where the row is odd. */
  readonly average: number | undefined;
  /** Of how many values it is the average. */
  readonly weight: number | undefined;
  /** Percentiles 0, 1, 25, 50, 75, 99 and 100 of the values, where all are told and rise. */
  readonly bands?: readonly number[] | undefined;
}

export function* azure2019Durations(lines: TextLines): Generator<AverageRow, void, void> {
  const table = new Table(lines, ['HashFunction', 'Average']);
  while (table.next()) {
    const average = table.known('Average', 0, longest_ms);
    const least = table.known('Minimum', 0, longest_ms) ?? 0;
    const greatest = table.known('Maximum', 0, longest_ms) ?? longest_ms;
    const possible =
      average !== undefined &&
      least <= greatest &&
      average >= least - rounding_ms &&
      average <= greatest + rounding_ms;
    yield {
      key: keyOf(table, table.text('HashFunction')),
      average: possible ? average : undefined,
      weight: table.known('Count', 0, Number.MAX_SAFE_INTEGER),
      bands: bandsOf(table),
    };
  }
}

/** The published table has a row an app; samples split an app's memory over its functions. */
export function* azure2019Memory(lines: TextLines): Generator<AverageRow, void, void> {
  const table = new Table(lines, ['HashApp', 'AverageAllocatedMb']);
  while (table.next()) {
    table.text('HashApp');
    yield {
      key: keyOf(table, table.optionalText('HashFunction')),
      average: table.known('AverageAllocatedMb', 0, most_mb),
      weight: table.known('SampleCount', 0, Number.MAX_SAFE_INTEGER),
    };
  }
}

function bandsOf(table: Table): readonly number[] | undefined {
  const found = bands.flatMap((name) => table.known(name, 0, longest_ms) ?? []);
  const rise = found.every((each, i) => i === 0 || each >= found[i - 1]!);
  return found.length === bands.length && rise ? found : undefined;
}

function keyOf(table: Table, name: string | undefined): AverageRow['key'] {
  const owner = table.optionalText('HashOwner');
  return { owner, app: table.optionalText('HashApp'), function: name };
}

function isMinute(name: string): boolean {
  return /^\d{1,4}$/.test(name);
}
