/** None: an instance ends with its request. */

import { defineKeepAlive } from 'cxlsim/keep-alive';

export default defineKeepAlive({
  description: 'nothing is kept: each request has an instance of its own',
  begin: () => ({ idle: () => ({ keep_s: 0 }) }),
});
