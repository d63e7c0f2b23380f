/**
 * What somebody does on a core and moves meanwhile, as steps: each begins where it first needs the device.
 *
 *     moves of the page level   │ ·   ··· ·  ····· ·    │
 *     steps                     │ └───┴──────┴──────────┤    each with the bytes of its moves
 *                               begin                   end
 */

import type { MemorySettings } from '../../fabric/settings.ts';
import type { Direction } from '../../fabric/traffic.ts';
import { transferTime_ns } from '../../units.ts';

/** Bytes that went over the link of a node, and when they were asked for. */
export interface Move {
  readonly at_ns: number;
  readonly node: number;
  readonly bytes: number;
  readonly direction: Direction;
}

export interface Step {
  /** From its turn on until the next step's where nobody else uses the device. */
  ns: number;
  read_bytes: number;
  write_bytes: number;
  /** Of those written: over the link of the parent's node, for a child on another. */
  parents_write_bytes: number;
}

export interface Work {
  /** Before its first step. */
  readonly before_ns: number;
  readonly steps: readonly Readonly<Step>[];
}

/** Steps of one work; with fewer, children that start together would wait less for one another than page by page. */
const most_steps = 4096;

/**
 * What was moved from `begin_ns` until before `end_ns`, by a child on `node` or for it by its parent's. No step is
 * shorter than its bytes occupy the device: what one fetches ahead is no queue for itself.
 */
export function workOf(
  all: readonly Move[],
  begin_ns: number,
  end_ns: number,
  node: number,
  device: MemorySettings,
): Work {
  const moves = all.filter(({ at_ns }) => at_ns >= begin_ns && at_ns < end_ns);
  const total = moves.reduce((sum, { bytes }) => sum + bytes, 0);
  const steps: Step[] = [];
  const starts_ns: number[] = [];
  let moved = 0;
  for (const move of moves) {
    const is_through =
      steps.length === 0 || move.at_ns - starts_ns.at(-1)! >= occupied_ns(steps.at(-1)!, device);
    if (is_through && moved >= (total * steps.length) / most_steps) {
      steps.push({ ns: 0, read_bytes: 0, write_bytes: 0, parents_write_bytes: 0 });
      starts_ns.push(move.at_ns);
    }
    moved += move.bytes;
    const step = steps.at(-1)!;
    if (move.direction === 'read') step.read_bytes += move.bytes;
    else step.write_bytes += move.bytes;
    if (move.node !== node) step.parents_write_bytes += move.bytes;
  }
  for (const [index, step] of steps.entries()) {
    step.ns = (starts_ns[index + 1] ?? end_ns) - starts_ns[index]!;
  }
  return { before_ns: (starts_ns[0] ?? end_ns) - begin_ns, steps };
}

function occupied_ns({ read_bytes, write_bytes }: Step, device: MemorySettings): number {
  const read_ns = transferTime_ns(read_bytes, device.read_gb_per_s);
  const write_ns = transferTime_ns(write_bytes, device.write_gb_per_s);
  return device.duplex === 'half' ? read_ns + write_ns : Math.max(read_ns, write_ns);
}

export function bytesOf({ steps }: Work, direction: Direction): number {
  const key = direction === 'read' ? 'read_bytes' : 'write_bytes';
  return steps.reduce((sum, step) => sum + step[key], 0);
}
