/** Which settings decide nothing in a trial of `cluster`, and why. */

import type { Reader, Unread } from '../../backend.ts';
import { unreadByFork } from '../fork/unread.ts';

export function unreadByCluster(path: string, trial: Reader): Unread | undefined {
  // How many instances fit is told of all nodes.
  if (path === 'fabric.nodes') return undefined;
  if (path !== 'fabric.node.others_memory_share') return unreadByFork(path, trial);
  return {
    because: 'scenario cluster has no others on its nodes',
    expected: 'scenario: fork, or a smaller fabric.node.local.capacity_mb',
  };
}
