/** Which settings decide nothing on real kernels: these run on machines as they are, not on a fabric that is described. */

import type { Reader, Unread } from '../backend.ts';
import { absent, pluginOf, unreadByFork } from '../scenarios/fork/unread.ts';

/** What real kernels take of mechanisms' parameters; the others are costs, which they have themselves. */
const of_mechanisms: ReadonlySet<string> = new Set([
  'parameters.cxlfork.leaf',
  'parameters.cxlfork.accessed_bits',
  'parameters.cxlfork.promotion',
  'parameters.mitosis.window_pages',
  'parameters.mitosis.prefetched',
]);

/** The one number of a fabric that they look at: with it they refuse the trial. */
const of_fabrics: ReadonlySet<string> = new Set(['fabric.node.others_memory_share']);

export function unreadByKernels(path: string, trial: Reader): Unread | undefined {
  const { backend, mechanism, policy } = trial;
  const only_modelled = {
    because: `backend ${backend} has its own machines and their costs`,
    expected: 'backend simulated with it',
  };
  if (path.startsWith('fabric.')) return of_fabrics.has(path) ? undefined : only_modelled;
  const plugin = pluginOf(path);
  if (plugin === undefined) return unreadByFork(path, trial);
  if (plugin === policy?.name) return undefined;
  if (plugin === mechanism) return of_mechanisms.has(path) ? undefined : only_modelled;
  if (path === 'parameters.kernel.tick_budget_pages' && policy !== undefined) return undefined;
  return plugin === 'kernel' ? only_modelled : absent(plugin);
}
