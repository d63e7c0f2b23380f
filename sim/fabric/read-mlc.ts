/**
 * What a file of Intel Memory Latency Checker says of a machine's memory: the first table of each kind
 * that is of reads alone. Other tables are left out, and told.
 */

import { type MlcSection, mlcSections, type NodeMatrix, type SectionKind } from './mlc-sections.ts';
import type { CurvePoint } from './settings.ts';

export interface LoadedLatencies {
  /** The node that its memory was taken from; `undefined`: from the node of each processor. */
  readonly node: number | undefined;
  readonly points: readonly CurvePoint[];
}

export interface MlcReport {
  readonly version: string | undefined;
  readonly idle_ns: NodeMatrix | undefined;
  readonly read_mb_per_s: NodeMatrix | undefined;
  /** Of the whole system, by share of reads. */
  readonly peak_mb_per_s: ReadonlyMap<number, number>;
  /** At most one for each node. */
  readonly loaded: readonly LoadedLatencies[];
  /** The options of each table that counts, where it has some. */
  readonly measured_with: readonly string[];
  /** Tables that do not count, each with its line and the reason. */
  readonly left_out: readonly string[];
}

const described: Readonly<Record<SectionKind, string>> = {
  idle: 'idle latencies',
  peak: 'peak bandwidths',
  bandwidth: 'bandwidths between nodes',
  loaded: 'loaded latencies',
};

export function readMlc(text: string, file: string): MlcReport {
  const { version, sections } = mlcSections(text, file);
  const counting = new Map<string, MlcSection>();
  const left_out: string[] = [];
  for (const section of sections) {
    const { kind, line } = section;
    const key = kind === 'loaded' ? `loaded ${memoryNode(section) ?? ''}` : kind;
    const first = counting.get(key);
    const reason = unfit(section) ?? (first && `line ${first.line} has such a table already`);
    if (reason === undefined) counting.set(key, section);
    else left_out.push(`${described[kind]} at line ${line}: ${reason}`);
  }
  const all = [...counting.values()];
  return {
    version,
    idle_ns: counting.get('idle')?.matrix,
    read_mb_per_s: counting.get('bandwidth')?.matrix,
    peak_mb_per_s: counting.get('peak')?.peak_mb_per_s ?? new Map(),
    loaded: all
      .filter(({ kind }) => kind === 'loaded')
      .map((section) => ({ node: memoryNode(section), points: section.points })),
    measured_with: all
      .filter(({ options }) => /\s-\w/.test(` ${options.replace(/--\w+/, '')}`))
      .map(({ kind, options }) => `${described[kind]}: ${options.trim()}`),
    left_out,
  };
}

/** Why a table says nothing of what is asked; `undefined` if it does. */
function unfit(section: MlcSection): string | undefined {
  const { kind, options, traffic, matrix, points, peak_mb_per_s } = section;
  const rows = matrix?.from.length ?? points.length + peak_mb_per_s.size;
  if (rows === 0) return 'it has no row';
  if (kind === 'idle' || kind === 'peak') return undefined;
  const mix = /(?:^|\s)-W\s*(\d+)/.exec(options)?.[1];
  if (mix !== undefined) return `measured with -W${mix}, a mix of reads and writes`;
  if (/(?:^|\s)-o/.test(options)) return 'measured with -o, so that a file chose the traffic';
  if (!/^read-only$/i.test(traffic ?? '')) {
    const told = traffic === undefined ? 'no type of traffic is told' : `traffic is ${traffic}`;
    return `${told}, so the mix of reads and writes is not known`;
  }
  return undefined;
}

/** -j says from which node memory is taken. */
function memoryNode({ options }: MlcSection): number | undefined {
  const node = /(?:^|\s)-j\s*(\d{1,4})/.exec(options)?.[1];
  return node === undefined ? undefined : Number(node);
}
