/** What an experiment serves and has no room for, as far as that is known before the first request. */

import type { FabricSettings } from '../../fabric/settings.ts';
import type { Values } from '../../parameters.ts';
import { bytes_per_mb } from '../../units.ts';
import type { serviceParameters } from './parameters.ts';
import type { Requests } from './requests.ts';
import { Shells, shellOf } from './shells.ts';

/** Why nothing could be served, or no checkpoint of a function could ever be kept; `undefined` where all fits. */
export function roomRefusal(
  { node, cxl }: Pick<FabricSettings, 'node' | 'cxl'>,
  { functions }: Pick<Requests, 'functions'>,
  settings: Values<typeof serviceParameters>,
  clones_into_shell: boolean,
): string | undefined {
  if (functions.length === 0) {
    return 'no workload stands for any function that arrivals.source tells of, so nothing would be served; expected workloads nearer to them, or a larger within_factor: cxlsim arrivals shows both';
  }
  const local = node.local.capacity_mb;
  const shell = shellOf(settings, clones_into_shell);
  const kept_mb = new Shells(settings).reserved_bytes(functions.length, shell) / bytes_per_mb;
  if (kept_mb > local) {
    const name = shell === 'ghost' ? 'ghosts' : 'pool';
    return `fabric.node.local.capacity_mb is ${local}, and containers that are kept take ${inMb(kept_mb)}; expected more, or fewer of parameters.service.${name}`;
  }
  const large = functions.find(
    ({ fork }) => (fork?.cxl_bytes ?? 0) > cxl.capacity_mb * bytes_per_mb,
  );
  if (large === undefined) return undefined;
  return `fabric.cxl.capacity_mb is ${cxl.capacity_mb}, and a checkpoint of ${large.name} takes ${inMb(large.fork!.cxl_bytes / bytes_per_mb)}, so that none is ever kept; expected at least as much`;
}

function inMb(mb: number): string {
  return `${Math.ceil(10 * mb) / 10} MB`;
}
