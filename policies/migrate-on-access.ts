/** Migrate-on-access: a page is copied to local memory when a child first touches it. */

import { definePolicy } from 'cxlsim/policy';

export default definePolicy({
  description: 'a child copies each page to local memory when it first touches it',
  colour: { among_policies: '#D55E00', among_systems: '#F5B79A' },
  place: () => 'migrate-on-access',
});
