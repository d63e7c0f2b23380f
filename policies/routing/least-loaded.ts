/** Least loaded: the node with the fewest requests, running and waiting. */

import { defineRouting } from 'cxlsim/routing';

export default defineRouting({
  description: 'the node with the fewest requests, running and waiting; the first of equal ones',
  begin: () => ({
    route(_, nodes) {
      let least = nodes[0]!;
      for (let place = 1; place < nodes.length; place += 1) {
        const node = nodes[place]!;
        if (node.running + node.waiting < least.running + least.waiting) least = node;
      }
      return least.index;
    },
  }),
});
