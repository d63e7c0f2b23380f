/** Power of two choices: of two nodes by chance the one with fewer requests (Mitzenmacher, 2001). */

import { defineRouting } from 'cxlsim/routing';

export default defineRouting({
  description: 'of two nodes by chance the one with fewer requests, running and waiting',
  begin: ({ random }) => ({
    route(_, nodes) {
      const first = Math.floor(random() * nodes.length);
      // Another one than the first, where there is another.
      const step = 1 + Math.floor(random() * Math.max(1, nodes.length - 1));
      const a = nodes[first]!;
      const b = nodes[(first + step) % nodes.length]!;
      return (b.running + b.waiting < a.running + a.waiting ? b : a).index;
    },
  }),
});
