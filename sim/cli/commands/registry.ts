/** All commands, in the order that help shows them. */

import type { CommandDefinition } from '../command.ts';
import { check } from './check.ts';
import { compare } from './compare.ts';
import { doctor } from './doctor.ts';
import { fabricImport } from './fabric-import.ts';
import { fabricMeasure } from './fabric-measure.ts';
import { init } from './init.ts';
import { list } from './list.ts';
import { run } from './run.ts';
import { schema } from './schema.ts';
import { traceImport } from './trace-import.ts';
import { traceInspect } from './trace-inspect.ts';
import { traceProfile } from './trace-profile.ts';
import { traceRecord } from './trace-record.ts';

export const commands: readonly CommandDefinition[] = [
  run,
  check,
  compare,
  traceRecord,
  traceImport,
  traceInspect,
  traceProfile,
  fabricImport,
  fabricMeasure,
  init,
  doctor,
  list,
  schema,
];

/** What the first words of commands of several words stand for. */
export const groups: Readonly<Record<string, string>> = {
  trace: 'traces of real functions: record, import, inspect, profile',
  fabric: 'fabrics of real machines: import, measure',
};
