/** Migrate-now: all pages are copied at restore, the other extreme of migrate-on-write. */

import { definePolicy } from 'cxlsim/policy';

export default definePolicy({
  description: 'every page is copied to local memory at restore',
  colour: { among_policies: '#999999', among_systems: '#BDBDBD' },
  place: () => 'migrate-now',
});
