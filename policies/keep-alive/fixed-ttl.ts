/** Fixed time: an instance that is idle for so long goes (OpenWhisk and AWS 10 minutes, Azure 20). */

import { defineKeepAlive } from 'cxlsim/keep-alive';

export default defineKeepAlive({
  description: 'an instance goes when it has been idle for a fixed time',
  parameters: {
    minutes: {
      default: 10,
      unit: 'minutes',
      minimum: 0,
      maximum: 1e5,
      description: 'how long an idle instance stays',
      source: 'OpenWhisk application.conf, idle-container: 10 minutes; Azure keeps 20',
    },
  },
  begin(_, { minutes }) {
    const keep = { keep_s: 60 * minutes };
    return { idle: () => keep };
  },
});
