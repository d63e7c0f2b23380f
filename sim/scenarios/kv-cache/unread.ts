/** Which settings decide nothing in a trial of `kv-cache`, and why. */

import type { Reader, Unread } from '../../backend.ts';
import { absent, pluginOf } from '../fork/unread.ts';

/** Plug-ins of the scenario itself. */
const own = ['engine', 'agents'];

export function unreadByEngines(path: string, { mechanism, policy }: Reader): Unread | undefined {
  const plugin = pluginOf(path);
  if (plugin !== undefined) {
    return [...own, mechanism, policy?.name].includes(plugin) ? undefined : absent(plugin);
  }
  if (path.startsWith('children.')) {
    return {
      because: 'engines have requests, not children',
      expected: 'parameters.agents, which make requests',
    };
  }
  if (path === 'fabric.preset') return undefined;
  if (path.startsWith('fabric.')) {
    return {
      because: `${mechanism} keeps nothing outside GPU memory`,
      expected: 'a mechanism that does, or parameters.engine',
    };
  }
  return undefined;
}
