/** Migrate-on-write: pages stay in CXL memory until a child writes them (CXLfork section 4.3). */

import { definePolicy } from 'cxlsim/policy';

export default definePolicy({
  description: 'pages stay in CXL memory until a child writes them; the default of CXLfork',
  colour: { among_policies: '#56B4E9', among_systems: '#8C0D1E' },
  parameters: {
    dirty_prefetch: {
      default: true,
      unit: 'flag',
      description: 'copy pages that the parent wrote at restore, before a child writes them',
      source: 'CXLfork section 4.2.1: over 95 % of them are written again',
    },
  },
  place: (page, { dirty_prefetch }) =>
    dirty_prefetch && page.dirty ? 'migrate-now' : 'migrate-on-write',
});
