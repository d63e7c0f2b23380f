/** Which settings decide nothing in a trial of `fork`, and why. */

import type { Reader, Unread } from '../../backend.ts';

/** Why the setting at `path` changes nothing in the trial; nothing where it may change something. */
export function unreadByFork(path: string, trial: Reader): Unread | undefined {
  const { mechanism, policy, children } = trial;
  const plugin = pluginOf(path);
  if (plugin !== undefined) {
    return ['kernel', mechanism, policy?.name].includes(plugin) ? undefined : absent(plugin);
  }
  switch (path) {
    case 'children.nodes':
    case 'children.interval_ms':
    case 'children.starts_ms':
      if (children.count > 1) return undefined;
      return { because: 'there is one child', expected: 'children.count above 1 with it' };
    case 'fabric.nodes':
      if (children.count > 1 && children.nodes > 1) return undefined;
      return { because: 'children are on one node', expected: 'children.nodes above 1 with it' };
    case 'fabric.node.cores':
      if (children.count > children.nodes) return undefined;
      return {
        because: 'no two children are on one node',
        expected: 'children.count above children.nodes with it',
      };
    default:
      return undefined;
  }
}

/** The plug-in whose parameter stands at the path. */
export function pluginOf(path: string): string | undefined {
  return /^parameters\.([^.]+)\./.exec(path)?.[1];
}

/** A parameter of what the trial is not run with. */
export function absent(plugin: string): Unread {
  return { because: `${plugin} takes no part in this experiment` };
}

const as_local_memory: Unread = {
  because: 'local memory is modelled by its latency and capacity, and nothing queues there',
  expected: 'fabric.node.local.latency_ns, or a setting of fabric.cxl',
};
const as_unwritten: Unread = {
  because: 'what invocations write decides, and the rest of the footprint gives way',
  expected: 'workload.read_write_share, or workload.touched_mb',
};

/** What descriptions of fabrics and functions say for their readers, and no trial of any kind reads. */
export const never_read: ReadonlyMap<string, Unread> = new Map([
  ['fabric.node.local.read_gb_per_s', as_local_memory],
  ['fabric.node.local.write_gb_per_s', as_local_memory],
  ['fabric.node.local.duplex', as_local_memory],
  ['workload.init_share', as_unwritten],
  ['workload.read_only_share', as_unwritten],
]);
