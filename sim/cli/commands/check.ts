import { defineCommand } from '../command.ts';
import { experiment_file, overrides, overridesOf } from './overrides.ts';

export const check = defineCommand({
  usage: 'check <file>',
  describe: 'check an experiment without running it, and count its trials',
  options: {
    file: experiment_file,
    ...overrides,
    json: { type: 'boolean', describe: 'print one JSON object, nothing else' },
  },
  complaint: {
    missing: 'no experiment file; cxlsim check FILE would be right',
    excess: 'one FILE would be right',
  },
  command(typed) {
    const options = {
      file: typed.file,
      overrides: overridesOf(typed),
      json: typed.json === true,
    };
    return async () => (await import('../check.ts')).check(options);
  },
});
