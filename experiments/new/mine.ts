/** Pages that the parent used are copied when touched, but file pages stay in CXL memory. */

import { definePolicy } from 'cxlsim/policy';

export default definePolicy({
  description: 'used pages are copied when touched, file pages stay in CXL memory',
  place: (page) =>
    page.accessed && page.kind !== 'file' ? 'migrate-on-access' : 'migrate-on-write',
});
