/** Locality: a node with an idle instance of the function and a core for it, else the least loaded one. */

import { defineRouting } from 'cxlsim/routing';

export default defineRouting({
  description:
    'a node that has an idle instance and a free core, else the one with the fewest requests',
  begin: () => ({
    route(_, nodes) {
      const load = (node: (typeof nodes)[number]) => node.running + node.waiting;
      let best: (typeof nodes)[number] | undefined;
      for (const node of nodes) {
        if (node.idle === 0 || node.running >= node.cores) continue;
        if (best === undefined || load(node) < load(best)) best = node;
      }
      if (best !== undefined) return best.index;
      let least = nodes[0]!;
      for (const node of nodes) if (load(node) < load(least)) least = node;
      return least.index;
    },
  }),
});
