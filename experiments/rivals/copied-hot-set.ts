/** As Aquifer does: what is hot is copied before the child runs, what is not is fetched when it is touched. */

import { definePolicy } from 'cxlsim/policy';

export default definePolicy({
  description: 'hot pages are copied at restore, all others when touched',
  place: (page) => (page.accessed || page.dirty || page.hot ? 'migrate-now' : 'migrate-on-access'),
});
