/** What a trial's instances measured, as metrics; those that are also the page level's mean the same. */

import type { Trial } from '../../backend.ts';
import { mechanisms } from '../../mechanisms/registry.ts';
import type { Measurements } from '../../metrics.ts';
import { bytes_per_mb, ns_per_ms } from '../../units.ts';
import { nodeOfChild, parent_node } from '../fork/schedule.ts';
import { areTogether, meanOf, times, together } from '../fork/together.ts';
import type { ChildCosts } from './child-costs.ts';
import type { Cluster } from './cluster.ts';
import type { Served } from './instance.ts';
import { bytesOf } from './work.ts';

export function outcomeOf(
  trial: Trial,
  { fabric, memory }: Cluster,
  costs: ChildCosts,
  all: readonly (Served | undefined)[],
): Measurements {
  const served = all.filter((each) => each !== undefined);
  const refused = all.length - served.length;
  const each = served.map((one) => ofInstance(one, costs));
  const siblings = served.map((one, index) => ({ ...one, measured: each[index]! }));
  const are_together = areTogether(all.length, trial.swept) && served.length > 0;
  const { first_ready_ms, ...of_all } = are_together ? times(siblings) : {};
  const node = nodeOfChild(trial, 0);
  const room_bytes = memory[node]!.capacity_bytes - (node === parent_node ? costs.parent_bytes : 0);
  return {
    checkpoint_ms: costs.checkpoint_ns / ns_per_ms,
    cxl_memory_mb: costs.cxl_bytes / bytes_per_mb,
    ...(served.length > 0 && meanOf(each)),
    ...(are_together && {
      first_ready_ms: first_ready_ms!,
      // Absent, not the time of those that ran: not all ever were.
      ...(refused === 0 && of_all),
      ...together(siblings),
      busiest_link_bytes: Math.max(
        ...fabric.nodes.map(({ link }) => link.read_bytes + link.write_bytes),
      ),
    }),
    device_bytes: fabric.cxl.read_bytes + fabric.cxl.write_bytes,
    // Without an end where an instance holds nothing of its own.
    ...(costs.most_bytes > 0 && {
      instances_that_fit: Math.floor(room_bytes / costs.most_bytes),
      instances_in_pod: inPod(trial, memory, costs),
    }),
    instances_refused: refused,
  };
}

/** On all nodes: each has a parent of its own where children need it there, else the parent's node alone has one. */
function inPod({ mechanism }: Trial, memory: Cluster['memory'], costs: ChildCosts): number {
  const everywhere = mechanisms[mechanism]!.reach === 'own-node';
  const fits = memory.map(({ capacity_bytes }, node) => {
    const parent_bytes = everywhere || node === parent_node ? costs.parent_bytes : 0;
    return Math.max(0, Math.floor((capacity_bytes - parent_bytes) / costs.most_bytes));
  });
  return fits.reduce((sum, each) => sum + each, 0);
}

function ofInstance(served: Served, costs: ChildCosts): Measurements {
  const { asked_ns, ready_ns, done_ns, faults_ns, later_ns, ended_ns } = served;
  const [second_ns, last_ns] = [later_ns[0], later_ns.at(-1)];
  const last = costs.invocations.at(-1)!;
  return {
    restore_ms: (ready_ns - asked_ns) / ns_per_ms,
    faults_ms: faults_ns / ns_per_ms,
    execution_ms: (done_ns - ready_ns - faults_ns) / ns_per_ms,
    end_to_end_ms: (done_ns - asked_ns) / ns_per_ms,
    local_memory_mb: costs.invocations[0]!.local_bytes / bytes_per_mb,
    cxl_read_bytes: served.read_bytes,
    cxl_write_bytes: bytesOf(costs.checkpoint, 'write') + served.write_bytes,
    ...(second_ns !== undefined && { warm_ms: second_ns / ns_per_ms }),
    ...(last_ns !== undefined && {
      last_ms: last_ns / ns_per_ms,
      lifetime_ms: (ended_ns - asked_ns) / ns_per_ms,
      last_local_memory_mb: last.local_bytes / bytes_per_mb,
    }),
  };
}
