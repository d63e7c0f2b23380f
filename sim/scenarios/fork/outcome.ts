/** What a trial's children measured, as metrics: of several children the mean, and what they are together. */

import type { Machine } from '../../memory/machine.ts';
import type { Measurements } from '../../metrics.ts';
import type { Points, SeriesOf } from '../../series.ts';
import { bytes_per_mb, ns_per_ms, page_bytes } from '../../units.ts';
import type { Life } from './child.ts';
import { meanOf, nodeMemory, times, together } from './together.ts';

/** Metrics of the children; `checkpoint_write_bytes` is what freezing their parent wrote. */
export function outcomeOf(
  lives: readonly Life[],
  checkpoint_write_bytes: number,
  are_together: boolean,
): Measurements {
  const each = lives.map((life) => ofChild(life, checkpoint_write_bytes));
  if (!are_together) return meanOf(each);
  const siblings = lives.map((life, index) => ({
    node: life.space.node,
    asked_ns: life.asked_ns,
    ready_ns: life.ready_ns,
    done_ns: life.done_ns,
    measured: each[index]!,
  }));
  return {
    ...meanOf(each),
    ...times(siblings),
    ...together(siblings),
    busiest_link_bytes: Math.max(...linkBytes(lives[0]!.space.machine)),
  };
}

function ofChild({ first, later, ticks }: Life, written: number): Measurements {
  const { restore_ns, times, counts } = first;
  const [second] = later;
  const last = later.at(-1);
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

/** What the parent's node and those of children hold and moved. */
export function seriesOf(lives: readonly Life[], { fabric }: Machine): SeriesOf {
  const held = nodeMemory(
    lives.map(({ space, first }) => [space.node, first.local_bytes / bytes_per_mb]),
  );
  const ofLinks = (bytes: (link: (typeof fabric.nodes)[0]['link']) => number): Points =>
    held.map(([node]) => [node, bytes(fabric.nodes[node]!.link)]);
  return {
    node_memory_mb: held,
    link_read_bytes: ofLinks(({ read_bytes }) => read_bytes),
    link_write_bytes: ofLinks(({ write_bytes }) => write_bytes),
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
