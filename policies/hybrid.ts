/** Hybrid: pages the parent used are copied when touched, the rest stays in CXL memory. */

import { definePolicy } from 'cxlsim/policy';

export default definePolicy({
  description: 'pages accessed before the checkpoint are copied when touched, others when written',
  colour: { among_policies: '#F0E442', among_systems: '#E06A3B' },
  parameters: {
    dirty_prefetch: {
      default: true,
      unit: 'flag',
      description: 'copy pages that the parent wrote at restore, before a child writes them',
      source: 'CXLfork sections 4.2.1 and 4.3; whether hybrid keeps it is inferred from its memory',
    },
  },
  place(page, { dirty_prefetch }) {
    if (dirty_prefetch && page.dirty) return 'migrate-now';
    return page.accessed || page.hot ? 'migrate-on-access' : 'migrate-on-write';
  },
});
