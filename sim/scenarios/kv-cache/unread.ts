/** Which settings decide nothing in a trial of `kv-cache`, and why. */

import type { Reader, Unread } from '../../backend.ts';
import { cacheMechanisms } from '../../mechanisms/kv-cache/registry.ts';
import { absent, pluginOf } from '../fork/unread.ts';

const read_of_cxl = ['latency_ns', 'read_gb_per_s', 'write_gb_per_s', 'duplex'].map(
  (key) => `fabric.cxl.${key}`,
);

/** Plug-ins of the scenario itself. */
const own = ['engine', 'agents', 'rates'];

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
  if (path === 'fabric.preset' || !path.startsWith('fabric.')) return undefined;
  const reads_cxl = ['tiers', 'pool'].includes(cacheMechanisms[mechanism]?.kept ?? '');
  if (read_of_cxl.includes(path) && reads_cxl) return undefined;
  return {
    because: path.startsWith('fabric.cxl.')
      ? `${mechanism} ${reads_cxl ? 'has its own limit of CXL memory' : 'keeps nothing in CXL memory'}`
      : 'engines have their hosts, and GPUs with links of their own',
    expected: reads_cxl
      ? `parameters.${mechanism}, parameters.engine, or ${read_of_cxl.join(', ')}`
      : 'a mechanism that uses CXL memory, or parameters.engine',
  };
}
