/** Migrate-on-access: a page is copied to local memory when a child first touches it. */

import { definePolicy } from 'cxlsim/policy';

export default definePolicy({
  description: 'a child copies each page to local memory when it first touches it',
  place: () => 'migrate-on-access',
});
