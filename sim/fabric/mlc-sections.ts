/**
 * What Intel Memory Latency Checker printed, section by section: of one run or of several, with the
 * options that each was measured with. Sections that are not about memory are passed over.
 */

import { InputError } from '../input/input-error.ts';
import type { CurvePoint } from './settings.ts';

/** From each node with processors, to each node with memory. */
export interface NodeMatrix {
  readonly from: readonly number[];
  readonly to: readonly number[];
  /** By position in `from`, then in `to`; `undefined` where MLC has none. */
  readonly values: readonly (readonly (number | undefined)[])[];
}

export type SectionKind = 'idle' | 'peak' | 'bandwidth' | 'loaded';

export interface MlcSection {
  readonly kind: SectionKind;
  readonly line: number;
  /** Of its run, as MLC repeats them; a run of everything has none. */
  readonly options: string;
  /** What `Using … traffic type` says; missing with -W. */
  readonly traffic: string | undefined;
  readonly matrix: NodeMatrix | undefined;
  /** Of the whole system, by share of reads. */
  readonly peak_mb_per_s: ReadonlyMap<number, number>;
  readonly points: readonly CurvePoint[];
}

export interface MlcOutput {
  readonly version: string | undefined;
  readonly sections: readonly MlcSection[];
}

const starts: readonly (readonly [RegExp, SectionKind | 'other'])[] = [
  [/^Measuring idle latencies/, 'idle'],
  [/^Measuring Peak Injection Memory Bandwidths/, 'peak'],
  [/^Measuring Memory Bandwidths between nodes/, 'bandwidth'],
  [/^Measuring Loaded Latencies/, 'loaded'],
  [/^Measuring /, 'other'],
];

/** Shares of reads of the mixes that MLC names; the triad's third stream may bypass the cache. */
const mixes: readonly (readonly [RegExp, number])[] = [
  [/^ALL Reads\b/, 1],
  [/^3:1 Reads-Writes\b/, 0.75],
  [/^2:1 Reads-Writes\b/, 2 / 3],
  [/^1:1 Reads-Writes\b/, 0.5],
];

/** Older versions say Socket and Memory node. */
const matrix_header = /^(?:Numa node|Socket)\s+(\d.*)$/i;
/** What stands for a node without memory or without processors. */
const no_value = /^(-+|n\/?a|nan|)$/i;
const most_nodes = 1024;
const most_points = 10_000;
/** A second; and more than any memory delivers. */
const most_ns = 1e9;
const most_mb_per_s = 1e8;

/** MB/s as GB/s, without digits that only the division made. */
export function gigabytes(mb_per_s: number): number {
  return Number((mb_per_s / 1000).toPrecision(12));
}

/** A section while its lines are read. */
class OpenSection implements MlcSection {
  readonly kind: SectionKind;
  readonly line: number;
  readonly options: string;
  traffic: string | undefined;
  matrix: { from: number[]; to: number[]; values: (number | undefined)[][] } | undefined;
  readonly peak_mb_per_s = new Map<number, number>();
  readonly points: CurvePoint[] = [];
  readonly delays = new Set<number>();

  constructor(kind: SectionKind, line: number, options: string) {
    this.kind = kind;
    this.line = line;
    this.options = options;
  }
}

export function mlcSections(text: string, file: string): MlcOutput {
  const sections: MlcSection[] = [];
  let version: string | undefined;
  let options = '';
  let open: OpenSection | undefined;
  const lines = text.split(/\r?\n/);
  for (const [index, raw] of lines.entries()) {
    const line = new Line(raw, index + 1, file, index === lines.length - 1);
    const banner = /^Intel\S*(?: \(R\))? Memory Latency Checker(?:.*?\bv(\d\S{0,20}))?/.exec(
      line.text,
    );
    if (banner !== null) {
      version ??= banner[1];
      options = '';
      open = undefined;
      continue;
    }
    options = /^Command line parameters:\s*(.*)$/.exec(line.text)?.[1] ?? options;
    const started = starts.find(([start]) => start.test(line.text))?.[1];
    if (started !== undefined) {
      open = started === 'other' ? undefined : new OpenSection(started, line.number, options);
      if (open !== undefined) sections.push(open);
      line.checkUnit(/^Measuring idle latencies.*\(in (.*?)\)/, 'ns');
    } else if (open !== undefined) readLine(open, line);
  }
  if (sections.length > 0) return { version, sections };
  throw new InputError(
    { file, line: 1, column: 1 },
    "no measurement of MLC's",
    'expected the output of Intel mlc',
  );
}

/** One line, and how to refuse it. */
class Line {
  readonly raw: string;
  readonly text: string;
  readonly number: number;
  private readonly file: string;
  private readonly has_no_end: boolean;

  constructor(raw: string, number: number, file: string, has_no_end: boolean) {
    this.raw = raw;
    this.text = raw.trim();
    this.number = number;
    this.file = file;
    this.has_no_end = has_no_end;
  }

  /** The row of a table that is interrupted may lack digits: MLC ends each with a line feed. */
  checkEnd(): void {
    if (!this.has_no_end) return;
    this.fail(
      'the last row has no end, so the file may be cut short',
      'expected a line feed at its end',
    );
  }

  fail(what: string, expected: string): never {
    const column = this.raw.length - this.raw.trimStart().length + 1;
    throw new InputError({ file: this.file, line: this.number, column }, what, expected);
  }

  value(word: string, most: number): number {
    const value = Number(word);
    if (/^\d{1,12}(\.\d{1,12})?$/.test(word) && value <= most) return value;
    return this.fail(
      `${JSON.stringify(word.slice(0, 40))} in a table of MLC's`,
      `expected a number from 0 to ${most}`,
    );
  }

  /** The words; where tabs part them, a cell may be blank. */
  cells(count: number): string[] {
    const parts = this.text.split('\t').map((part) => part.trim());
    return parts.length >= count ? parts.slice(0, count) : this.text.split(/\s+/);
  }

  checkUnit(told: RegExp, ...units: readonly string[]): void {
    const given = told.exec(this.text)?.slice(1) ?? units;
    const wrong = given.findIndex((unit, i) => unit !== units[i]);
    if (wrong !== -1) {
      this.fail(
        `values in ${JSON.stringify(given[wrong]!.slice(0, 40))}`,
        `expected ${units[wrong]}`,
      );
    }
  }
}

function readLine(section: OpenSection, line: Line): void {
  line.checkUnit(/^Bandwidths are in (\S+)/, 'MB/sec');
  line.checkUnit(/^Delay\s+\((\S+)\)\s+(\S+)/, 'ns', 'MB/sec');
  section.traffic = /^Using (.*?)\s*traffic type/i.exec(line.text)?.[1] ?? section.traffic;
  if (section.kind === 'peak') readPeak(section, line);
  else if (section.kind === 'loaded') readPoint(section, line);
  else readRow(section, line);
}

function readRow(section: OpenSection, line: Line): void {
  const header = matrix_header.exec(line.text)?.[1];
  if (header !== undefined) {
    if (section.matrix !== undefined) line.fail('a second header of one table', 'expected a row');
    const to = header.split(/\s+/).map((word) => line.value(word, most_nodes));
    if (new Set(to).size < to.length) line.fail('a node twice', 'expected each node once');
    section.matrix = { from: [], to, values: [] };
    return;
  }
  const { matrix } = section;
  if (matrix === undefined || !/^[-\d]/.test(line.text)) return;
  line.checkEnd();
  const [node, ...cells] = line.cells(matrix.to.length + 1) as [string, ...string[]];
  if (cells.length !== matrix.to.length) {
    line.fail(`${cells.length} values of a node`, `expected ${matrix.to.length}, one a node`);
  }
  const from = line.value(node, most_nodes);
  if (matrix.from.includes(from)) {
    line.fail(`a second row of node ${from} in one table`, 'expected one row a node');
  }
  const most = section.kind === 'idle' ? most_ns : most_mb_per_s;
  matrix.from.push(from);
  matrix.values.push(
    cells.map((cell) => (no_value.test(cell) ? undefined : line.value(cell, most))),
  );
}

function readPeak(section: OpenSection, line: Line): void {
  const share = mixes.find(([name]) => name.test(line.text))?.[1];
  if (share === undefined) return;
  line.checkEnd();
  if (section.peak_mb_per_s.has(share)) line.fail('a mix twice', 'expected each mix once');
  section.peak_mb_per_s.set(share, line.value(line.text.split(/\s+/).at(-1)!, most_mb_per_s));
}

function readPoint(section: OpenSection, line: Line): void {
  if (!/^[-\d]/.test(line.text)) return;
  line.checkEnd();
  const words = line.text.split(/\s+/) as [string, string, string];
  if (words.length !== 3) {
    line.fail(`${words.length} values`, 'expected delay, latency and bandwidth');
  }
  const delay = line.value(words[0], most_ns);
  if (section.delays.has(delay)) {
    line.fail(`a second row of delay ${words[0]} in one table`, 'expected one row a delay');
  }
  section.delays.add(delay);
  if (section.points.length === most_points) {
    line.fail('too many points', `expected at most ${most_points}`);
  }
  const latency_ns = line.value(words[1], most_ns);
  section.points.push({
    bandwidth_gb_per_s: gigabytes(line.value(words[2], most_mb_per_s)),
    latency_ns,
  });
}
