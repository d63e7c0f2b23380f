/** Clairvoyant: knows the coming invocation; the bound that other policies are measured against. */

import { definePolicy } from 'cxlsim/policy';

export default definePolicy({
  description:
    'places each page as the first invocation will need it: a bound, not a policy to use',
  colour: { among_policies: '#004D40', among_systems: '#5E3C99' },
  clairvoyant: true,
  place: (page) => page.coming?.best ?? 'migrate-on-write',
});
