/** `cxlsim schema`: the JSON Schema of experiment files, with the names this installation has. */

import { installedJsonSchema } from '../experiment/installed-schema.ts';

export async function schema(): Promise<number> {
  process.stdout.write(`${JSON.stringify(await installedJsonSchema(), null, 2)}\n`);
  return 0;
}
