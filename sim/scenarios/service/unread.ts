/** Which settings decide nothing in a trial of `service`, and why. */

import type { ArrivalSettings, Reader, Unread } from '../../backend.ts';
import { stagedMechanisms } from '../../mechanisms/staged/registry.ts';
import { arrivalSources } from '../cluster/arrivals/registry.ts';
import { absent, pluginOf } from '../fork/unread.ts';

export function unreadByService(path: string, trial: Reader): Unread | undefined {
  const { mechanism, policy, service } = trial;
  const plugin = pluginOf(path);
  if (plugin !== undefined) {
    const others = [policy, service?.keep_alive, service?.routing].map((each) => each?.name);
    if (plugin === 'sandbox') return ofSandbox(path, mechanism);
    const parts = ['kernel', 'service', mechanism, ...others];
    return parts.includes(plugin) ? undefined : absent(plugin);
  }
  if (path.startsWith('children.')) {
    return {
      because: 'scenario service has requests, and as many instances as they need',
      expected: 'settings of arrivals, or scenario: cluster',
    };
  }
  if (path === 'fabric.node.others_memory_share') {
    return {
      because: 'scenario service has no others on its nodes',
      expected: 'scenario: fork, or a smaller fabric.node.local.capacity_mb',
    };
  }
  return path.startsWith('arrivals.') && service ? ofArrivals(path, service.arrivals) : undefined;
}

/** Of the sandbox what its start and its memory depend on; requests are no sessions of agents, and nobody trains. */
function ofSandbox(path: string, mechanism: string): Unread | undefined {
  const staged = stagedMechanisms[mechanism];
  if (staged === undefined) return { because: `${mechanism} is told by its pages` };
  const name = path.slice('parameters.sandbox.'.length);
  const reads: readonly string[] = [...read_of_sandboxes, ...staged.reads];
  if (reads.includes(name)) return undefined;
  return { because: 'requests are served', expected: 'scenario: sandboxes with it' };
}

const read_of_sandboxes = ['variation', 'runtime', 'capture', 'reset', 'dirty_mb'];

function ofArrivals(path: string, { source }: ArrivalSettings): Unread | undefined {
  const key = path.slice('arrivals.'.length);
  if (key === 'source') return undefined;
  // A file tells of all but when to begin and to end.
  const reads: readonly string[] = arrivalSources[source]?.reads ?? ['duration_s'];
  const is_read = reads.some(
    (each) => each === key || (key === 'warm_up_s' && each === 'duration_s'),
  );
  if (is_read) return undefined;
  const others = Object.entries(arrivalSources)
    .filter(([, other]) => other.reads.some((each) => each === key))
    .map(([name]) => name);
  return {
    because: `requests come from ${source}`,
    expected: `arrivals.source: ${others.join(' or ') || 'another'}`,
  };
}
