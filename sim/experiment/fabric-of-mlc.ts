/** Makes a fabric of what Intel Memory Latency Checker measured. */

import { risingPoints } from '../fabric/load-curve.ts';
import { gigabytes, type MlcReport, type NodeMatrix } from '../fabric/read-mlc.ts';
import type { FabricSettings, LoadCurve } from '../fabric/settings.ts';
import type { FabricFile } from './fabric-file.ts';
import { InputError } from './input-error.ts';
import type { Measured } from './measured-fabric.ts';

export interface MlcOptions {
  readonly file: string;
  readonly cxl_node?: number;
  /** The node whose processors look at it. */
  readonly from_node?: number;
  /** What MLC does not tell is as in this preset. */
  readonly base: FabricSettings;
}

export function fabricOfMlc(report: MlcReport, options: MlcOptions): Measured {
  const { file, base } = options;
  const idle = report.idle_ns;
  if (idle === undefined) {
    throw new InputError(file, 'no idle latencies', 'a run of mlc, or of mlc --latency_matrix');
  }
  const { cxl_node, why_cxl } = cxlNode(idle, options);
  const { from_node, why_from } = fromNode(idle, cxl_node, options);
  const version = report.version === undefined ? '' : ` v${report.version}`;
  const name = `Intel MLC${version}, ${file}`;
  const choices = [
    `node ${cxl_node} is the CXL memory: ${why_cxl}`,
    `node ${from_node} is local: ${why_from}`,
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
  const bandwidths = report.read_mb_per_s;
  if (bandwidths === undefined) {
    throw new InputError(
      file,
      'no bandwidths between nodes',
      'a run of mlc, with --bandwidth_matrix',
    );
  }
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
  assumed['cxl.load_curves'] =
    `not measured; shape of the memory of ${base.preset}, stretched to this`;

  const points = risingPoints(
    report.loaded.filter(({ read_share }) => read_share === 1).map(({ point }) => point),
  ).filter(({ latency_ns, bandwidth_gb_per_s }) => latency_ns > 0 && bandwidth_gb_per_s > 0);
  let local_curves: readonly LoadCurve[] = base.node.local.load_curves;
  if (points.length > 1) {
    local_curves = [{ read_share: 1, points }];
    choices.push(
      `loaded latencies are of local memory, as mlc measures them unless told otherwise`,
    );
  } else {
    assumed['node.local.load_curves'] = `not measured; shape of the memory of ${base.preset}`;
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
        load_curves: local_curves,
        source: `${name}: node ${from_node}`,
      },
    },
    cxl: {
      ...base.cxl,
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

function cxlNode(idle: NodeMatrix, { file, cxl_node }: MlcOptions) {
  const without = idle.to.filter((node) => !idle.from.includes(node));
  if (cxl_node !== undefined) {
    if (!idle.to.includes(cxl_node)) {
      throw new InputError(
        `--cxl-node ${cxl_node}`,
        `${file} has no such node`,
        `${idle.to.join(' or ')} would be right`,
      );
    }
    const processors = without.includes(cxl_node)
      ? 'it has no processors'
      : 'it has processors, so this emulates CXL memory';
    return { cxl_node, why_cxl: `chosen; ${processors}` };
  }
  if (idle.to.length === 1) {
    throw new InputError(
      file,
      `only node ${idle.to[0]} was measured, so nothing stands for CXL memory`,
      'a run of mlc on a machine where the device is a NUMA node of its own would be right',
    );
  }
  if (without.length !== 1) {
    const what =
      without.length === 0
        ? 'all nodes have processors'
        : `nodes ${without.join(' and ')} have none`;
    throw new InputError(
      file,
      `${what}, so the CXL memory is not plain`,
      '--cxl-node N says which',
    );
  }
  return { cxl_node: without[0]!, why_cxl: 'the one node without processors (--cxl-node chooses)' };
}

function fromNode(idle: NodeMatrix, cxl_node: number, { file, from_node }: MlcOptions) {
  const others = idle.from.filter((node) => node !== cxl_node && idle.to.includes(node));
  if (from_node !== undefined) {
    if (!others.includes(from_node)) {
      throw new InputError(
        `--from-node ${from_node}`,
        `${file} has no such node with processors and memory`,
        `${others.join(' or ') || 'another file'} would be right`,
      );
    }
    return { from_node, why_from: 'chosen' };
  }
  const latency = (node: number) => valueAt(idle, node, cxl_node) ?? Number.POSITIVE_INFINITY;
  const [nearest] = [...others].sort((a, b) => latency(a) - latency(b) || a - b);
  if (nearest === undefined) {
    throw new InputError(file, 'no other node has processors', 'another --cxl-node would be right');
  }
  return {
    from_node: nearest,
    why_from:
      others.length === 1
        ? 'the one with processors'
        : 'the nearest to the CXL memory (--from-node chooses)',
  };
}

function valueAt(matrix: NodeMatrix, from: number, to: number): number | undefined {
  return matrix.values[matrix.from.indexOf(from)]?.[matrix.to.indexOf(to)];
}

function at(matrix: NodeMatrix, from: number, to: number, file: string, what: string): number {
  const value = valueAt(matrix, from, to);
  if (value !== undefined && value > 0) return value;
  throw new InputError(
    file,
    `no ${what} from node ${from} to node ${to}`,
    'a run of mlc that measured it would be right',
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
