/** Makes a fabric of one memory's measured curves. */

import { gigabytes } from '../fabric/mlc-sections.ts';
import { readCurves, readRows } from '../fabric/read-curves.ts';
import type { CurvePoint, FabricSettings, LoadCurve, MemorySettings } from '../fabric/settings.ts';
import { InputError } from '../input/input-error.ts';
import { proposal } from '../input/nearest.ts';
import type { Measured } from './measured-fabric.ts';

export interface CurveOptions {
  readonly file: string;
  readonly system?: string;
  /** Whose curves they are. */
  readonly of: 'cxl' | 'local';
  readonly base: FabricSettings;
}

/** Of measured curves (`traces/memory-curves/`): Mess, or any other of the same columns. */
export function fabricOfCurves(csv: string, options: CurveOptions): Measured {
  const { file, of, base } = options;
  const rows = readRows(csv, file);
  const systems = [...new Set(rows.map(({ system }) => system))].sort();
  const system = options.system ?? (systems.length === 1 ? systems[0] : undefined);
  if (system === undefined) {
    throw new InputError(
      file,
      systems.length === 0 ? 'no row' : `curves of ${systems.length} systems`,
      systems.length === 0 ? 'one a point' : `--system ${systems.slice(0, 20).join(' | ')}`,
    );
  }
  if (!systems.includes(system)) {
    throw new InputError(
      `--system ${system}`,
      `${file} has no such system`,
      proposal(system, systems),
    );
  }
  const shares = [
    ...new Set(rows.filter((row) => row.system === system).map((row) => row.read_share)),
  ];
  shares.sort((a, b) => a - b);
  const curves = readCurves(csv, file, system, shares)
    .map(({ read_share, points }): LoadCurve => ({ read_share, points: points.map(exact) }))
    .filter(({ points }) => points.at(-1)!.bandwidth_gb_per_s > 0 && points[0]!.latency_ns > 0);
  const reads = curves.find(({ read_share }) => read_share === 1);
  if (reads === undefined) {
    throw new InputError(
      file,
      `no curve of ${system} at reads alone`,
      'a curve at read_pct 100: idle latency and bandwidth of reads come from it',
    );
  }
  const ceiling = (curve: LoadCurve) => curve.points.at(-1)!.bandwidth_gb_per_s;
  const read_gb_per_s = ceiling(reads);
  const { write_gb_per_s, duplex, why_write, why_duplex } = writesOf(
    curves,
    read_gb_per_s,
    ceiling,
  );
  const path = of === 'cxl' ? 'cxl' : 'node.local';
  const other = of === 'cxl' ? 'node.local' : 'cxl';
  const assumed: Record<string, string> = {
    [`${path}.write_gb_per_s`]: why_write,
    [`${path}.duplex`]: why_duplex,
    [`${path}.capacity_mb`]: `not measured; as in ${base.preset}`,
    [other]: `not measured; as in ${base.preset}`,
    nodes: `not measured; as in ${base.preset}`,
    'node.cores': `not measured; as in ${base.preset}`,
    'node.llc_mb': `not measured; as in ${base.preset}`,
    coherence: 'not measured; no pool on the market keeps hosts coherent in hardware',
  };
  const source = `measured curves of ${system}, ${file}`;
  const memory: MemorySettings = {
    ...(of === 'cxl' ? base.cxl : base.node.local),
    latency_ns: reads.points[0]!.latency_ns,
    read_gb_per_s,
    write_gb_per_s,
    duplex,
    load_curves: curves,
    source,
  };
  return {
    fabric: {
      description: `${of === 'cxl' ? 'CXL' : 'local'} memory as measured: ${system}`,
      source,
      assumed,
      fabric: {
        nodes: base.nodes,
        coherence: 'software',
        node: of === 'local' ? { ...base.node, local: memory } : base.node,
        cxl: of === 'cxl' ? memory : base.cxl,
      },
    },
    choices: [
      `the curves are of ${of === 'cxl' ? 'the CXL memory' : 'local memory'} (--of cxl | local chooses)`,
      `idle latency is the lowest of reads alone, ${reads.points[0]!.latency_ns} ns`,
    ],
  };
}

/** Without digits that only a conversion made. */
function exact({ bandwidth_gb_per_s, latency_ns }: CurvePoint): CurvePoint {
  return { bandwidth_gb_per_s: gigabytes(1000 * bandwidth_gb_per_s), latency_ns };
}

/** Bandwidth of writes alone, measured or what the most written curve leaves for it. */
function writesOf(
  curves: readonly LoadCurve[],
  read: number,
  ceiling: (curve: LoadCurve) => number,
) {
  const least = curves[0]!;
  const mixed = ceiling(least);
  const share = least.read_share;
  const round = (value: number) => Number(value.toPrecision(4));
  // More than reads alone, while reads are only a part of it: both flow at once.
  const full = share < 1 && Math.max(...curves.map(ceiling)) > 1.05 * read;
  const duplex: 'full' | 'half' = full ? 'full' : 'half';
  const why_duplex = full
    ? 'inferred: mixed traffic delivers more than reads alone'
    : 'inferred: mixed traffic delivers no more than reads alone';
  if (share === 1) {
    return {
      write_gb_per_s: read,
      duplex,
      why_write: 'not measured; assumed equal to reads',
      why_duplex: 'not measured; reads and writes share one ceiling, which is the lower bound',
    };
  }
  const percent = `${Math.round(100 * share)} % reads`;
  if (share === 0)
    return { write_gb_per_s: mixed, duplex, why_write: 'highest at writes alone', why_duplex };
  const left = full ? mixed * (1 - share) : (1 - share) / (1 / mixed - share / read);
  return {
    write_gb_per_s: round(left > 0 && left < 100_000 ? left : mixed * (1 - share)),
    duplex,
    why_write: `derived: what ${mixed.toFixed(1)} GB/s at ${percent} leave for writes at least`,
    why_duplex,
  };
}
