/** What the model cannot answer, and why. */

import { z } from 'zod';
import { demands, mapping } from '../../experiment/settings.ts';
import { CannotRun, defineHow } from './how.ts';

export default defineHow({
  name: 'cannot-run',
  describe: 'no answer, with the reason',
  schema: z.strictObject({ reason: z.string(demands('a reason')).trim().min(1) }, mapping),
  answer: ({ reason }) => {
    throw new CannotRun(reason);
  },
});
