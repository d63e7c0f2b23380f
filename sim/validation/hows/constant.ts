/** A number that needs no model, as null models give it. */

import { z } from 'zod';
import { demands, mapping } from '../../experiment/settings.ts';
import { defineHow } from './how.ts';

export default defineHow({
  name: 'constant',
  describe: 'a number, whatever the model says',
  schema: z.strictObject({ value: z.number(demands('a number')) }, mapping),
  answer: ({ value }) => value,
});
