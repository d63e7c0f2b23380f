/** A parameter of a mechanism or of the kernel, as the model has it where nothing is set. */

import { z } from 'zod';
import { demands, mapping } from '../../experiment/settings.ts';
import { InputError } from '../../input/input-error.ts';
import { proposal } from '../../input/nearest.ts';
import { modelParameters } from '../../plugins.ts';
import { factor, scaled } from './factor.ts';
import { defineHow } from './how.ts';

export default defineHow({
  name: 'parameter',
  describe: 'default of a parameter, as criu.restore_page_ns',
  schema: z.strictObject(
    { parameter: z.string(demands('the name of a parameter')), factor },
    mapping,
  ),
  answer: ({ parameter, factor: by }, { where }) => {
    const [plugin = '', name = ''] = parameter.split('.');
    const value = modelParameters.get(plugin)?.[name]?.default;
    if (typeof value === 'number') return scaled(value, by);
    const known = [...modelParameters].flatMap(([each, own]) =>
      Object.keys(own).map((key) => `${each}.${key}`),
    );
    throw new InputError(where, `no number ${parameter} in the model`, proposal(parameter, known));
  },
});
