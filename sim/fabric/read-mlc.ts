/**
 * Reads what Intel Memory Latency Checker printed: whole runs, or single measurements. Sections that
 * are not about latency and bandwidth of memory are passed over.
 */

import { MalformedFile } from './malformed-file.ts';
import type { CurvePoint } from './settings.ts';

/** From each node with processors, to each node with memory. */
export interface NodeMatrix {
  readonly from: readonly number[];
  readonly to: readonly number[];
  /** By position in `from`, then in `to`; `undefined` where MLC has none. */
  readonly values: readonly (readonly (number | undefined)[])[];
}

export interface MlcReport {
  readonly version: string | undefined;
  readonly idle_ns: NodeMatrix | undefined;
  readonly read_mb_per_s: NodeMatrix | undefined;
  /** Of the whole system, by share of reads. */
  readonly peak_mb_per_s: ReadonlyMap<number, number>;
  readonly loaded: readonly { readonly read_share: number; readonly point: CurvePoint }[];
}

type Section = 'idle' | 'peak' | 'bandwidth' | 'loaded' | 'other';

const sections: readonly (readonly [RegExp, Section])[] = [
  [/^Measuring idle latencies/, 'idle'],
  [/^Measuring Peak Injection Memory Bandwidths/, 'peak'],
  [/^Measuring Memory Bandwidths between nodes/, 'bandwidth'],
  [/^Measuring Loaded Latencies/, 'loaded'],
  [/^Measuring /, 'other'],
];

/** MB/s as GB/s, without digits that only the division made. */
export function gigabytes(mb_per_s: number): number {
  return Number((mb_per_s / 1000).toPrecision(12));
}

/** Shares of reads of the mixes that MLC names; the triad's third stream may bypass the cache. */
const mixes: readonly (readonly [RegExp, number])[] = [
  [/^ALL Reads\b/, 1],
  [/^3:1 Reads-Writes\b/, 0.75],
  [/^2:1 Reads-Writes\b/, 2 / 3],
  [/^1:1 Reads-Writes\b/, 0.5],
];

const most_nodes = 1024;
const most_points = 10_000;

export function readMlc(text: string, file: string): MlcReport {
  let section: Section = 'other';
  let version: string | undefined;
  let matrix: { from: number[]; to: number[]; values: (number | undefined)[][] } | undefined;
  const matrices = new Map<Section, NonNullable<typeof matrix>>();
  const peak = new Map<number, number>();
  const loaded: { read_share: number; point: CurvePoint }[] = [];
  let read_share: number | undefined;
  let seen = false;

  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const line = raw.trim();
    const fail = (what: string, right: string): never => {
      const position = { line: index + 1, column: raw.length - raw.trimStart().length + 1 };
      throw new MalformedFile(file, position, what, right);
    };
    const number = (word: string, most: number): number => {
      const value = Number(word);
      if (/^\d{1,12}(\.\d{1,12})?$/.test(word) && value <= most) return value;
      return fail(
        `${JSON.stringify(word.slice(0, 40))} in a table of MLC's`,
        `a number from 0 to ${most} would be right`,
      );
    };
    version ??= /^Intel\(R\) Memory Latency Checker - v(\S{1,20})/.exec(line)?.[1];
    const started = sections.find(([start]) => start.test(line));
    if (started !== undefined) {
      section = started[1];
      matrix = undefined;
      read_share = undefined;
      seen ||= section !== 'other';
      continue;
    }
    const words = line.split(/\s+/);
    if (section === 'idle' || section === 'bandwidth') {
      if (/^Numa node\s+\d/.test(line)) {
        matrix = {
          from: [],
          to: words.slice(2).map((word) => number(word, most_nodes)),
          values: [],
        };
        matrices.set(section, matrix);
      } else if (matrix !== undefined && /^[-\d]/.test(line)) {
        const [from, ...cells] = words as [string, ...string[]];
        if (cells.length !== matrix.to.length) {
          fail(`${cells.length} values of a node`, `${matrix.to.length}, one a node`);
        }
        matrix.from.push(number(from, most_nodes));
        matrix.values.push(
          cells.map((cell) => (cell === '-' || cell === 'N/A' ? undefined : number(cell, 1e9))),
        );
      }
    } else if (section === 'peak') {
      const mix = mixes.find(([name]) => name.test(line));
      if (mix !== undefined) peak.set(mix[1], number(words.at(-1)!, 1e9));
    } else if (section === 'loaded') {
      if (/^Using Read-only traffic type/.test(line)) read_share = 1;
      else if (/^Using .*traffic/.test(line)) read_share = undefined;
      else if (/^[-\d]/.test(line)) {
        if (read_share === undefined) {
          fail('loaded latencies of an unknown mix of reads and writes', 'Read-only traffic');
        }
        if (words.length !== 3) fail(`${words.length} values`, 'delay, latency and bandwidth');
        number(words[0]!, 1e9);
        if (loaded.length === most_points) fail('too many points', `at most ${most_points}`);
        const latency_ns = number(words[1]!, 1e9);
        const bandwidth_gb_per_s = gigabytes(number(words[2]!, 1e9));
        loaded.push({ read_share: read_share!, point: { bandwidth_gb_per_s, latency_ns } });
      }
    }
  }
  if (!seen) {
    throw new MalformedFile(
      file,
      { line: 1, column: 1 },
      "no measurement of MLC's",
      'the output of Intel mlc would be right',
    );
  }
  return {
    version,
    idle_ns: matrices.get('idle'),
    read_mb_per_s: matrices.get('bandwidth'),
    peak_mb_per_s: peak,
    loaded,
  };
}
