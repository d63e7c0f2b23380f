/** Round robin: nodes in turn. */

import { defineRouting } from 'cxlsim/routing';

export default defineRouting({
  description: 'nodes in turn, whatever they do',
  begin() {
    let next = 0;
    return {
      route(_, nodes) {
        next = (next + 1) % nodes.length;
        return nodes[next]!.index;
      },
    };
  },
});
