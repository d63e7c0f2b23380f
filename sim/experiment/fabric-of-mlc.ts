/** Makes a fabric of what Intel Memory Latency Checker measured. */

import { risingPoints } from '../fabric/load-curve.ts';
import { gigabytes, type NodeMatrix } from '../fabric/mlc-sections.ts';
import type { MlcReport } from '../fabric/read-mlc.ts';
import type { CurvePoint, FabricSettings } from '../fabric/settings.ts';
import { InputError } from '../input/input-error.ts';
import type { FabricFile } from './fabric-file.ts';
import type { Measured } from './measured-fabric.ts';
import { chooseNodes, type NodeChoice, valueAt } from './mlc-nodes.ts';

export interface MlcOptions extends NodeChoice {
  /** What MLC does not tell is as in this preset. */
  readonly base: FabricSettings;
}

export function fabricOfMlc(report: MlcReport, options: MlcOptions): Measured {
  const { file, base } = options;
  const idle = needed(report, file, report.idle_ns, 'idle latencies', '--latency_matrix');
  const bandwidths = needed(
    report,
    file,
    report.read_mb_per_s,
    'bandwidths between nodes',
    '--bandwidth_matrix',
  );
  const { cxl_node, from_node, choices: why_nodes } = chooseNodes(idle, bandwidths, options);
  const version = report.version === undefined ? '' : ` v${report.version}`;
  const name = `Intel MLC${version}, ${file}`;
  const choices = [
    ...why_nodes,
    ...report.measured_with.map((each) => `measured with options: ${each}`),
    ...report.left_out.map((each) => `left out: ${each}`),
  ];
  const assumed: Record<string, string> = {};
  const as_base = `not measured; as in ${base.preset}`;
  for (const path of [
    'nodes',
    'node.cores',
    'node.llc_mb',
    'node.local.capacity_mb',
    'cxl.capacity_mb',
  ]) {
    assumed[path] = as_base;
  }
  assumed['coherence'] = 'not measured; no pool on the market keeps hosts coherent in hardware';

  const local_ns = at(idle, from_node, from_node, file, 'idle latency');
  const cxl_ns = at(idle, from_node, cxl_node, file, 'idle latency');
  const local_read = gigabytes(at(bandwidths, from_node, from_node, file, 'bandwidth'));
  const cxl_read = gigabytes(at(bandwidths, from_node, cxl_node, file, 'bandwidth'));

  const local_write = writeOfMix(report, local_read);
  if (local_write === undefined) {
    assumed['node.local.write_gb_per_s'] = 'not measured; assumed equal to reads';
  } else {
    assumed['node.local.write_gb_per_s'] = 'derived from peak bandwidths of reads and of 1:1';
  }
  assumed['node.local.duplex'] = 'not measured; a DRAM bus takes turns';
  assumed['cxl.write_gb_per_s'] = 'not measured; assumed equal to reads';
  assumed['cxl.duplex'] =
    'not measured; reads and writes share one ceiling, which is the lower bound';
  const local_points = loadedPoints(report, [undefined, from_node]);
  const cxl_points = loadedPoints(report, [cxl_node]);
  if (local_points === undefined) {
    assumed['node.local.load_curves'] = `not measured; shape of the memory of ${base.preset}`;
  } else {
    choices.push(
      'loaded latencies are of local memory, as mlc measures them unless told otherwise (-j)',
    );
  }
  if (cxl_points === undefined) {
    assumed['cxl.load_curves'] =
      `not measured; shape of the memory of ${base.preset}, stretched to this`;
  }
  for (const { node } of report.loaded) {
    if (node === undefined || node === from_node || node === cxl_node) continue;
    choices.push(`left out: loaded latencies of node ${node}, which is neither`);
  }
  const fabric: FabricFile['fabric'] = {
    nodes: base.nodes,
    coherence: 'software',
    node: {
      ...base.node,
      local: {
        ...base.node.local,
        latency_ns: local_ns,
        read_gb_per_s: local_read,
        write_gb_per_s: local_write ?? local_read,
        duplex: 'half',
        load_curves: curveOf(local_points) ?? base.node.local.load_curves,
        source: `${name}: node ${from_node}`,
      },
    },
    cxl: {
      ...base.cxl,
      load_curves: curveOf(cxl_points) ?? base.cxl.load_curves,
      latency_ns: cxl_ns,
      read_gb_per_s: cxl_read,
      write_gb_per_s: cxl_read,
      duplex: 'half',
      source: `${name}: node ${cxl_node} from node ${from_node}`,
    },
  };
  const description = `node ${cxl_node} as CXL memory beside node ${from_node}, as measured with Intel MLC`;
  return { fabric: { description, source: name, assumed, fabric }, choices };
}

/** A table that nothing works without; says what stood in its stead. */
function needed(
  { left_out }: MlcReport,
  file: string,
  matrix: NodeMatrix | undefined,
  what: string,
  option: string,
): NodeMatrix {
  if (matrix !== undefined) return matrix;
  const instead = left_out.length === 0 ? '' : ` (left out: ${left_out.join('; ')})`;
  throw new InputError(file, `no ${what}${instead}`, `expected a run of mlc, or of mlc ${option}`);
}

/** Loaded latencies of the first of these nodes that has a curve: one point says nothing of load. */
function loadedPoints(
  { loaded }: MlcReport,
  nodes: readonly (number | undefined)[],
): CurvePoint[] | undefined {
  return nodes
    .flatMap((node) => loaded.filter((each) => each.node === node))
    .map(({ points }) => points.filter((p) => p.latency_ns > 0 && p.bandwidth_gb_per_s > 0))
    .map(risingPoints)
    .find((points) => points.length > 1);
}

function curveOf(points: readonly CurvePoint[] | undefined) {
  return points && [{ read_share: 1, points }];
}

function at(matrix: NodeMatrix, from: number, to: number, file: string, what: string): number {
  const value = valueAt(matrix, from, to);
  if (value !== undefined) return value;
  throw new InputError(
    file,
    `no ${what} from node ${from} to node ${to}`,
    'expected a run of mlc that measured it',
  );
}

/** Reads and writes that take turns at r and w give 2 / (1/r + 1/w) when mixed 1:1. */
function writeOfMix({ peak_mb_per_s }: MlcReport, local_read: number): number | undefined {
  const reads = peak_mb_per_s.get(1);
  const mixed = peak_mb_per_s.get(0.5);
  if (!reads || !mixed) return undefined;
  // Peaks are of all sockets: only their ratio carries over.
  const ratio = 1 / ((2 * reads) / mixed - 1);
  if (!(ratio > 0 && ratio < 10)) return undefined;
  return Number((ratio * local_read).toPrecision(4));
}
