/** `cxlsim trace profile`: a trace as a workload's YAML file. */

import { existsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { shownPath } from '../../files/read-text.ts';
import { writeAtomically } from '../../files/write-atomically.ts';
import { expected } from '../../input/expected.ts';
import { profileTrace } from '../../recording/profile-trace.ts';
import { defineCommand, once, single } from '../command.ts';
import { UsageError } from '../usage-error.ts';

export const traceProfile = defineCommand({
  usage: 'trace profile <file>',
  describe: 'reduce a trace to a function profile, whose fields experiments can vary',
  options: {
    file: { type: 'string', demandOption: true, describe: 'trace (.cxltrace)' },
    output: { ...once, describe: 'YAML file to write [standard output]' },
  },
  complaint: {
    missing: 'no trace; expected cxlsim trace profile FILE.cxltrace',
    excess: expected('one FILE'),
  },
  examples: [
    ['$0 trace profile mine.cxltrace --output mine.yaml', 'workloads: [./mine.yaml] then'],
  ],
  epilogue:
    'How near profile and trace come is in docs/model.md.\n' +
    'Exit codes: 0 written, 2 bad input or usage.',
  command(typed) {
    const output = single('output', typed.output);
    return () => profile(typed.file, output);
  },
});

async function profile(file: string, output: string | undefined): Promise<number> {
  if (output !== undefined && existsSync(output) && statSync(output).isDirectory()) {
    throw new UsageError(`--output ${output} is a directory; expected a file to write`);
  }
  if (output !== undefined && !existsSync(dirname(output))) {
    throw new UsageError(`--output ${output} lies in no directory; expected one that exists`);
  }
  const { yaml, notes } = profileTrace(file, shownPath(file));
  if (output === undefined) process.stdout.write(yaml);
  else writeAtomically(output, yaml);
  for (const note of notes) process.stderr.write(`note: ${note}\n`);
  return 0;
}
