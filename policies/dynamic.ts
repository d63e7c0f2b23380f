/** Dynamic: migrate-on-write, and hybrid for functions that are promoted (CXLporter, CXLfork section 5). */

import { definePolicy } from 'cxlsim/policy';

export default definePolicy({
  description:
    'as migrate-on-write; as hybrid for a function that is promoted, since it is near its latency objective',
  colour: { among_policies: '#540078', among_systems: '#B400FC' },
  parameters: {
    promoted: {
      default: false,
      unit: 'flag',
      description:
        'the function is promoted; scenario service decides that for each function, over time',
      source: 'CXLfork section 5: tail and mean latency close to or over the objective',
    },
  },
  place(page, { promoted }) {
    if (page.dirty) return 'migrate-now';
    const is_hot = promoted && (page.accessed || page.hot);
    return is_hot ? 'migrate-on-access' : 'migrate-on-write';
  },
});
