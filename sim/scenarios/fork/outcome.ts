/** What a trial's children measured, as metrics: of several children the mean, and what they are together. */

import type { Machine } from '../../memory/machine.ts';
import type { Measurements, MetricName } from '../../metrics.ts';
import { bytes_per_mb, ns_per_ms, page_bytes } from '../../units.ts';
import type { Life } from './child.ts';

/**
 * Metrics of the children; `checkpoint_write_bytes` is what freezing their parent wrote. What children are together
 * is told of one, too, where it is among others in a line over their number.
 */
export function outcomeOf(
  lives: readonly Life[],
  checkpoint_write_bytes: number,
  is_compared: boolean,
): Measurements {
  const each = lives.map((life) => ofChild(life, checkpoint_write_bytes));
  return {
    ...meanOf(each),
    ...((lives.length > 1 || is_compared) && together(lives, each)),
  };
}

function ofChild({ first, second, last, ticks }: Life, written: number): Measurements {
  const { restore_ns, times, counts } = first;
  return {
    restore_ms: restore_ns / ns_per_ms,
    faults_ms: times.faults_ns / ns_per_ms,
    execution_ms: times.execution_ns / ns_per_ms,
    end_to_end_ms: (restore_ns + times.faults_ns + times.execution_ns) / ns_per_ms,
    local_memory_mb: first.local_bytes / bytes_per_mb,
    ...counts,
    cxl_read_bytes: first.read_bytes,
    cxl_write_bytes: written + first.write_bytes,
    ...(second && { warm_ms: second.latency_ns / ns_per_ms }),
    ...(last && {
      last_ms: last.latency_ns / ns_per_ms,
      lifetime_ms: last.lifetime_ns / ns_per_ms,
      last_local_memory_mb: last.local_bytes / bytes_per_mb,
    }),
    ...(ticks && {
      tick_ms: ticks.ns / ns_per_ms,
      pages_promoted: ticks.promoted,
      pages_demoted: ticks.demoted,
      pages_over_budget: ticks.over_budget,
      tick_read_bytes: ticks.read_bytes,
      tick_write_bytes: ticks.write_bytes,
    }),
  };
}

/** All children of a trial measure the same metrics. */
function meanOf(each: readonly Measurements[]): Measurements {
  const [first] = each;
  if (each.length === 1) return first!;
  return Object.fromEntries(
    (Object.keys(first!) as MetricName[]).map((name) => [
      name,
      each.reduce((sum, measured) => sum + measured[name]!, 0) / each.length,
    ]),
  );
}

function together(lives: readonly Life[], each: readonly Measurements[]): Measurements {
  const asked_ns = Math.min(...lives.map((life) => life.asked_ns));
  const since = (times_ns: readonly number[]) => times_ns.map((ns) => (ns - asked_ns) / ns_per_ms);
  const ready_ms = since(lives.map(({ ready_ns }) => ready_ns));
  const bytes = lives.map(({ first }) => first.local_bytes);
  const node_bytes = new Map<number, number>();
  for (const [index, { space }] of lives.entries()) {
    node_bytes.set(space.node, (node_bytes.get(space.node) ?? 0) + bytes[index]!);
  }
  return {
    first_ready_ms: Math.min(...ready_ms),
    all_ready_ms: Math.max(...ready_ms),
    all_done_ms: Math.max(...since(lives.map(({ done_ns }) => done_ns))),
    slowest_end_to_end_ms: Math.max(...each.map(({ end_to_end_ms }) => end_to_end_ms!)),
    children_local_memory_mb: bytes.reduce((sum, of_child) => sum + of_child, 0) / bytes_per_mb,
    fullest_node_memory_mb: Math.max(...node_bytes.values()) / bytes_per_mb,
    busiest_link_bytes: Math.max(...linkBytes(lives[0]!.space.machine)),
  };
}

/** Bytes over each node's link, both ways, in the whole trial. */
function linkBytes({ fabric }: Machine): number[] {
  return fabric.nodes.map(({ link }) => link.read_bytes + link.write_bytes);
}

/** Absent where no others are said to be on the nodes. */
export function displacedOf(lives: readonly Life[], machine: Machine): Measurements {
  if (machine.fabric.settings.node.others_memory_share === undefined) return {};
  const nodes = new Set(lives.map(({ space }) => space.node));
  const frames = [...nodes].reduce((sum, node) => sum + machine.local[node]!.displaced_frames, 0);
  return { displaced_memory_mb: (frames * page_bytes) / bytes_per_mb };
}
