/** Finds a workload by name or file, with the fields that the experiment sets. */

import { basename } from 'node:path';
import { shownPath } from '../files/read-text.ts';
import { expected } from '../input/expected.ts';
import { InputError } from '../input/input-error.ts';
import type { Workload } from '../workload/workload.ts';
import type { Nested } from './experiment-file.ts';
import { findName } from './find-name.ts';
import { installed, offered } from './installed.ts';
import { isFile } from './overrides.ts';
import { readWorkload, workloadName } from './read-workload.ts';
import { withField } from './with-setting.ts';

/** `where` is the place that names it. */
export function findWorkload(name: string, where: string, fields: Nested): Workload {
  if (!isFile(name)) findName(name, offered.workloads, where, 'workload', 'traces/');
  else if (offered.workloads.includes(workloadName(name))) {
    throw new InputError(
      where,
      `results go by the name of the file, and a shipped workload is named ${workloadName(name)}, too`,
      expected(`a copy named ${ownName(name)}`),
    );
  }
  if (/^\.*$/.test(workloadName(name))) {
    throw new InputError(
      where,
      `${shownPath(name)} has no name`,
      expected('a name before its ending'),
    );
  }
  const path = installed.workloads.get(name) ?? name;
  const options = { origin: where, ...(!isFile(name) && { name }) };
  const workload = readWorkload(path, shownPath(path), options);
  return Object.entries(fields).reduce(
    (held, [field, value]) => withField(held, field, value as number),
    workload,
  );
}

function ownName(path: string): string {
  return `my-${basename(path)}`;
}
