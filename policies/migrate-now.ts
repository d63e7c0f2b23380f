/** Migrate-now: all pages are copied at restore, the other extreme of migrate-on-write. */

import { definePolicy } from 'cxlsim/policy';

export default definePolicy({
  description: 'every page is copied to local memory at restore',
  place: () => 'migrate-now',
});
