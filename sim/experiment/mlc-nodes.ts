/** Which of the nodes that MLC measured stands for CXL memory, and which for local memory. */

import type { NodeMatrix } from '../fabric/mlc-sections.ts';
import { InputError } from '../input/input-error.ts';

export interface NodeChoice {
  readonly file: string;
  readonly cxl_node?: number;
  /** The node whose processors look at it. */
  readonly from_node?: number;
}

export interface ChosenNodes {
  readonly cxl_node: number;
  readonly from_node: number;
  readonly choices: readonly string[];
}

export function chooseNodes(
  idle: NodeMatrix,
  bandwidths: NodeMatrix,
  options: NodeChoice,
): ChosenNodes {
  checkSameNodes(idle, bandwidths, options.file);
  const { cxl_node, why_cxl } = cxlNode(idle, bandwidths, options);
  const { from_node, why_from } = fromNode(idle, cxl_node, options);
  return {
    cxl_node,
    from_node,
    choices: [
      `node ${cxl_node} is the CXL memory: ${why_cxl}`,
      `node ${from_node} is local: ${why_from}`,
      ...without(idle),
    ],
  };
}

/** What MLC measured from one node to another; `undefined` where it has nothing. */
export function valueAt(matrix: NodeMatrix, from: number, to: number): number | undefined {
  const value = matrix.values[matrix.from.indexOf(from)]?.[matrix.to.indexOf(to)];
  return value !== undefined && value > 0 ? value : undefined;
}

/** Nodes that have memory: from somewhere it was read. */
function withMemory(matrix: NodeMatrix): number[] {
  return matrix.to.filter((to) => matrix.from.some((from) => valueAt(matrix, from, to)));
}

/** Nodes that have processors: they read something. */
function withProcessors(matrix: NodeMatrix): number[] {
  return matrix.from.filter((from) => matrix.to.some((to) => valueAt(matrix, from, to)));
}

function without(idle: NodeMatrix): string[] {
  const memory = withMemory(idle);
  const all = new Set([...idle.from, ...idle.to]);
  const bare = [...all].filter((node) => !memory.includes(node)).sort((a, b) => a - b);
  return bare.map((node) => `node ${node} has no memory, so it can be neither`);
}

function checkSameNodes(idle: NodeMatrix, bandwidths: NodeMatrix, file: string): void {
  // A table that was interrupted lacks rows, and a socket's node would seem to have no processors.
  for (const [by, those] of [
    ['of', withMemory],
    ['from', withProcessors],
  ] as const) {
    const [latency, bandwidth] = [idle, bandwidths].map((matrix) => those(matrix).join(', '));
    if (latency === bandwidth) continue;
    throw new InputError(
      file,
      `latencies ${by} nodes ${latency || 'none'}, bandwidths ${by} nodes ${bandwidth || 'none'}`,
      'expected both of one machine',
    );
  }
}

/** A memory that delivers more than the local one is no CXL memory, but HBM beside DRAM. */
function isFaster(idle: NodeMatrix, bandwidths: NodeMatrix, node: number): boolean {
  const local = nearest(idle, node);
  if (local === undefined) return false;
  const own = valueAt(bandwidths, local, local) ?? Number.POSITIVE_INFINITY;
  const latency = valueAt(idle, local, node) ?? Number.POSITIVE_INFINITY;
  const more = (valueAt(bandwidths, local, node) ?? 0) > own;
  return more || latency < valueAt(idle, local, local)!;
}

function cxlNode(idle: NodeMatrix, bandwidths: NodeMatrix, { file, cxl_node }: NodeChoice) {
  const memory = withMemory(idle);
  const processors = withProcessors(idle);
  if (cxl_node !== undefined) {
    if (!memory.includes(cxl_node)) {
      throw new InputError(
        `--cxl-node ${cxl_node}`,
        `${file} has no such node with memory`,
        `expected ${memory.join(' or ')}`,
      );
    }
    const has = processors.includes(cxl_node)
      ? 'it has processors, so this emulates CXL memory'
      : 'it has no processors';
    const faster = isFaster(idle, bandwidths, cxl_node) ? '; it is faster than local memory' : '';
    return { cxl_node, why_cxl: `chosen; ${has}${faster}` };
  }
  if (memory.length === 1) {
    throw new InputError(
      file,
      `only node ${memory[0]} was measured, so nothing stands for CXL memory`,
      'expected a run of mlc on a machine where the device is a NUMA node of its own',
    );
  }
  const alone = memory.filter((node) => !processors.includes(node));
  const slow = alone.filter((node) => !isFaster(idle, bandwidths, node));
  const fast = alone.filter((node) => !slow.includes(node));
  const why_fast =
    fast.length === 0
      ? ''
      : `; ${nodes(fast)} no processors either, but more speed than local memory, as HBM has`;
  if (slow.length === 1) {
    const why = `the one node without processors (--cxl-node chooses)${why_fast}`;
    return { cxl_node: slow[0]!, why_cxl: why };
  }
  const what =
    alone.length === 0
      ? 'all nodes with memory have processors'
      : slow.length === 0
        ? `${nodes(fast)} no processors, but ${fast.length === 1 ? 'is' : 'are'} faster than local memory, as HBM`
        : `${nodes(slow)} no processors`;
  throw new InputError(
    file,
    `${what}, so which one is the CXL memory is not known`,
    'expected --cxl-node N to say which',
  );
}

function nodes(numbers: readonly number[]): string {
  return numbers.length === 1 ? `node ${numbers[0]} has` : `nodes ${numbers.join(' and ')} have`;
}

/** Nodes with processors and memory, other than this one. */
function locals(idle: NodeMatrix, cxl_node: number): number[] {
  return withProcessors(idle).filter((node) => node !== cxl_node && valueAt(idle, node, node));
}

/** The node of processors and memory that looks at it with the least latency. */
function nearest(idle: NodeMatrix, cxl_node: number): number | undefined {
  const latency = (node: number) => valueAt(idle, node, cxl_node) ?? Number.POSITIVE_INFINITY;
  return locals(idle, cxl_node).sort((a, b) => latency(a) - latency(b) || a - b)[0];
}

function fromNode(idle: NodeMatrix, cxl_node: number, { file, from_node }: NodeChoice) {
  const others = locals(idle, cxl_node);
  if (from_node !== undefined) {
    if (!others.includes(from_node)) {
      throw new InputError(
        `--from-node ${from_node}`,
        `${file} has no such node with processors and memory`,
        `expected ${others.join(' or ') || 'another file'}`,
      );
    }
    return { from_node, why_from: 'chosen' };
  }
  const local = nearest(idle, cxl_node);
  if (local === undefined) {
    throw new InputError(
      file,
      'no other node has processors and memory of its own',
      'expected another --cxl-node',
    );
  }
  return {
    from_node: local,
    why_from:
      others.length === 1
        ? 'the one with processors and memory'
        : 'the nearest to the CXL memory (--from-node chooses)',
  };
}
