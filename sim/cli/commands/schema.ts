/** `cxlsim schema`: the JSON Schema of experiment files, with the names this installation has. */

import { installedJsonSchema } from '../../experiment/installed-schema.ts';
import { defineCommand } from '../command.ts';

export const schema = defineCommand({
  usage: 'schema',
  describe: 'print the JSON Schema of experiment files, for editors',
  options: {},
  complaint: { excess: 'expected none' },
  command: () => () => printSchema(),
});

async function printSchema(): Promise<number> {
  process.stdout.write(`${JSON.stringify(await installedJsonSchema(), null, 2)}\n`);
  return 0;
}
