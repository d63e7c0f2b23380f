/** `cxlsim trace profile`: a trace as a workload's YAML file. */

import { existsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { shownPath } from '../files/read-text.ts';
import { writeAtomically } from '../files/write-atomically.ts';
import { profileTrace } from '../recording/profile-trace.ts';
import { UsageError } from './usage-error.ts';

export async function traceProfile(file: string, output: string | undefined): Promise<number> {
  if (output !== undefined && existsSync(output) && statSync(output).isDirectory()) {
    throw new UsageError(`--output ${output} is a directory; a file to write would be right`);
  }
  if (output !== undefined && !existsSync(dirname(output))) {
    throw new UsageError(`--output ${output} lies in no directory; one that exists would be right`);
  }
  const { yaml, notes } = profileTrace(file, shownPath(file));
  if (output === undefined) process.stdout.write(yaml);
  else writeAtomically(output, yaml);
  for (const note of notes) process.stderr.write(`note: ${note}\n`);
  return 0;
}
