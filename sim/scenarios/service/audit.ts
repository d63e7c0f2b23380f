/** At the end of a trial: memory that was taken is held by what is there, and cores by what runs; every request has ended once. */

import type { Checkpoints } from './checkpoints.ts';
import type { Cluster } from './cluster.ts';
import { stage } from './instance.ts';
import type { Instances } from './instances.ts';

/** Has all go that is there, and throws where anything is left. */
export function audit(
  { nodes, ledger }: Cluster,
  instances: Instances,
  checkpoints: Checkpoints,
  waiting: number,
): void {
  for (const instance of instances.all) {
    if (instance.stage === stage.idle) instances.giveUp(instance);
    else if (instance.request !== undefined) throw new Error('audit: a request has not ended');
    else instances.end(instance);
  }
  for (const stored of [...checkpoints.store.all]) checkpoints.removeWithParent(stored);
  const kept = instances.kept_bytes;
  for (const { index, memory, cores_used } of nodes) {
    if (memory.held_bytes !== kept) {
      throw new Error(`audit: ${memory.held_bytes - kept} bytes are left on node ${index}`);
    }
    if (cores_used !== 0) throw new Error(`audit: ${cores_used} cores of node ${index} are held`);
  }
  const { held, ends } = ledger;
  const left = [
    held.local_bytes - kept * nodes.length,
    held.idle_bytes,
    held.cxl_bytes,
    held.cores,
  ];
  if ([...left, held.in_system, held.instances, waiting].some((each) => each !== 0)) {
    throw new Error(`audit: the ledger still holds ${JSON.stringify(held)}`);
  }
  if (Object.values(ends).some((count) => count < 0)) throw new Error('audit: ends below 0');
}
