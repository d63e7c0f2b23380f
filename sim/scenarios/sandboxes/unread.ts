/** Which settings decide nothing in a trial of `sandboxes`, and why. */

import type { Reader, Unread } from '../../backend.ts';
import { stagedMechanisms } from '../../mechanisms/staged/registry.ts';
import { unreadByCluster } from '../cluster/unread.ts';
import { absent, pluginOf } from '../fork/unread.ts';

/** What of the sandbox every system reads, if only to refuse it. */
const of_starts = ['variation', 'runtime'];
const read_by_all = ['window', 'capture', 'reset', 'generation_ms', 'training_ms', ...of_starts];
/** What systems of stages read on top, whichever they are. */
const of_session = ['changing_share', 'rollback_share', 'session_ms'];
const read_by_stages = ['dirty_mb', 'tree_depth', 'addresses', 'turns', ...of_session];

export function unreadBySandboxes(path: string, trial: Reader): Unread | undefined {
  const { mechanism, children } = trial;
  const staged = stagedMechanisms[mechanism];
  if (path === 'children.nodes') {
    return { because: 'sandboxes are all on one host', expected: 'scenario: cluster' };
  }
  if (pluginOf(path) === 'sandbox') {
    const name = path.slice('parameters.sandbox.'.length);
    if (read_by_all.includes(name)) return undefined;
    if (staged === undefined) return { because: `${mechanism} is told by its pages` };
    if (name === 'addresses' && !staged.has_address) {
      return { because: `children of ${mechanism} have no network address of their own` };
    }
    if (read_by_stages.includes(name) || staged.reads.some((each) => each === name))
      return undefined;
    return { because: `${mechanism} has nothing of the kind` };
  }
  if (staged === undefined) {
    return unreadByCluster(path, { ...trial, children: { ...children, nodes: 1 } });
  }
  const plugin = pluginOf(path);
  if (plugin !== undefined) return plugin === mechanism ? undefined : absent(plugin);
  if (/^children\.(interval_ms|starts_ms)$/.test(path)) {
    if (children.count > 1) return undefined;
    return { because: 'there is one child', expected: 'children.count above 1 with it' };
  }
  if (path === 'fabric.node.cores' || path === 'fabric.node.local.capacity_mb') return undefined;
  if (path.startsWith('fabric.')) {
    return {
      because: `${mechanism} is told by its stages, which know cores and memory of a host alone`,
      expected: 'fabric.node.cores or fabric.node.local.capacity_mb',
    };
  }
  return undefined;
}
