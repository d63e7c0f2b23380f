/** Clairvoyant: knows the coming invocation; the bound that other policies are measured against. */

import { definePolicy } from 'cxlsim/policy';

export default definePolicy({
  description:
    'places each page as the first invocation will need it: a bound, not a policy to use',
  clairvoyant: true,
  place: (page) => page.coming?.best ?? 'migrate-on-write',
});
