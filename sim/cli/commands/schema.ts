import { defineCommand } from '../command.ts';

export const schema = defineCommand({
  usage: 'schema',
  describe: 'print the JSON Schema of experiment files, for editors',
  options: {},
  complaint: { excess: 'none would be right' },
  command: () => async () => (await import('../schema.ts')).schema(),
});
