/** Reads a workload: a YAML file and what it names, or a trace by itself. */

import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import { readText } from '../files/read-text.ts';
import { parseDocument, type YamlDocument } from '../input/document.ts';
import { expected } from '../input/expected.ts';
import { InputError } from '../input/input-error.ts';
import { liveSchema } from '../workload/live-description.ts';
import type { LiveFunction } from '../workload/live-function.ts';
import { profileSchema } from '../workload/read-profile.ts';
import { traceSchema } from '../workload/trace-description.ts';
import type { TraceWorkload } from '../workload/trace-workload.ts';
import type { FunctionProfile, Workload } from '../workload/workload.ts';
import { conform } from './complaints.ts';
import { readLlm } from './read-llm.ts';
import { readTrace, trace_ending, traceWorkload } from './read-trace.ts';

const kind = 'a workload (kind: profile, trace, live or llm; or a .cxltrace)';
const most_yaml_bytes = 2 ** 20;

const kinds = z.looseObject({
  kind: z.enum(['profile', 'trace', 'live', 'llm'], {
    error: 'expected profile, trace, live or llm',
  }),
});

export interface WorkloadOrigin {
  /** What names the file. */
  readonly origin?: string;
  /** A shipped workload's name; else it is the file's. */
  readonly name?: string;
}

/** `shown` is the file as the user wrote it. */
export function readWorkload(
  path: string,
  shown: string,
  { origin, name = workloadName(path) }: WorkloadOrigin = {},
): Workload {
  if (path.endsWith(trace_ending)) {
    const trace = readTrace(path, shown, origin);
    return traceWorkload(trace, {
      name,
      description: `recorded: ${trace.metadata.command.join(' ') || 'a program'}`,
      source: `${shown}, SHA-256 ${trace.sha256}, by ${trace.metadata.recorder}`,
    });
  }
  const options = { kind, most_bytes: most_yaml_bytes, shown, ...(origin && { origin }) };
  const document = parseDocument(shown, readText(path, options), kind);
  const { kind: of } = conform(kinds, document);
  if (of === 'profile') {
    return { name, ...conform(profileSchema, document) } as FunctionProfile;
  }
  if (of === 'llm') return readLlm(name, document, [dirname(path), dirname(shown)]);
  if (of === 'trace') return readTraced(name, document, [dirname(path), dirname(shown)]);
  return readLive(name, document, dirname(path));
}

/** What a shipped workload says about itself, without its data files. */
export function readDescription(path: string): { kind: string; description: string } {
  const document = parseDocument(path, readText(path, { kind, most_bytes: most_yaml_bytes }), kind);
  const { kind: of } = conform(kinds, document);
  return { kind: of, description: String(document.value['description']) };
}

/** The name that a file's workload goes by. */
export function workloadName(path: string): string {
  return basename(path).replace(/\.(ya?ml|cxltrace)$/, '');
}

function readTraced(
  name: string,
  document: YamlDocument,
  [folder, shown_folder]: readonly [folder: string, shown: string],
): TraceWorkload {
  const { file, sha256, ...about } = conform(traceSchema, document);
  const trace = readTrace(join(folder, file), join(shown_folder, file), document.where(['file']));
  if (trace.sha256 !== sha256) {
    throw new InputError(
      document.where(['sha256']),
      `${file} is another version: its SHA-256 is ${trace.sha256}`,
      `expected ${sha256}`,
    );
  }
  return traceWorkload(trace, { name, ...about });
}

/** With the text of its program: nothing else then decides what runs. */
function readLive(name: string, document: YamlDocument, folder: string): LiveFunction {
  const { program, with: beside, ...description } = conform(liveSchema, document);
  const file = (named: string, ...at: (string | number)[]) => ({
    name: basename(named),
    text: readText(join(folder, named), {
      kind: 'a program',
      most_bytes: most_yaml_bytes,
      shown: named,
      origin: document.where(at),
    }),
  });
  // They lie in one folder on the nodes, where a C program is compiled to `program`.
  const taken = [...(program.endsWith('.c') ? ['program'] : []), basename(program)];
  for (const [index, each] of beside.entries()) {
    const own = basename(each);
    if (taken.includes(own)) {
      const where = document.where(['with', index]);
      throw new InputError(
        where,
        `a second file named ${own}`,
        expected('files of different names'),
      );
    }
    taken.push(own);
  }
  return {
    name,
    ...description,
    files: [file(program, 'program'), ...beside.map((each, index) => file(each, 'with', index))],
  };
}
