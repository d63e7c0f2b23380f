/** Reads a workload's YAML file, and the data files that a recorded trace names. */

import { createHash } from 'node:crypto';
import { basename, dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { z } from 'zod';
import { MalformedFile } from '../fabric/malformed-file.ts';
import { liveSchema } from '../workload/live-description.ts';
import type { LiveFunction } from '../workload/live-function.ts';
import { profileSchema } from '../workload/read-profile.ts';
import { readRecorded } from '../workload/read-recorded.ts';
import { type RecordedDescription, recordedSchema } from '../workload/recorded-description.ts';
import { traceSchema } from '../workload/trace-description.ts';
import type { TraceWorkload } from '../workload/trace-workload.ts';
import type { FunctionProfile, Workload } from '../workload.ts';
import { conform } from './complaints.ts';
import { parseDocument, type YamlDocument } from './document.ts';
import { InputError } from './input-error.ts';
import { readBytes, readText } from './read-text.ts';
import { readTrace, trace_ending, traceWorkload } from './read-trace.ts';

const kind = 'a workload (kind: profile, recorded, trace or live; or a .cxltrace)';
const most_yaml_bytes = 2 ** 20;
const most_data_bytes = 2 ** 28;

const kinds = z.looseObject({
  kind: z.enum(['profile', 'recorded', 'trace', 'live'], {
    error: ({ input }) =>
      `${input === undefined ? 'is missing' : `is ${JSON.stringify(input)}`}; profile, recorded, trace or live would be right`,
  }),
});

/** `named` is the file as the user wrote it, `origin` where. */
export function readWorkload(path: string, named: string, origin?: string): Workload {
  if (path.endsWith(trace_ending)) {
    const trace = readTrace(path, named, origin);
    return traceWorkload(trace, {
      name: workloadName(path),
      description: `recorded: ${trace.metadata.command.join(' ') || 'a program'}`,
      source: `${named}, SHA-256 ${trace.sha256}, by ${trace.metadata.recorder}`,
    });
  }
  const options = { kind, most_bytes: most_yaml_bytes, shown: named, ...(origin && { origin }) };
  const document = parseDocument(named, readText(path, options), kind);
  const name = workloadName(path);
  const { kind: of } = conform(kinds, document);
  if (of === 'profile') {
    return { name, ...conform(profileSchema, document) } as FunctionProfile;
  }
  if (of === 'trace') return readTraced(name, document, [dirname(path), dirname(named)]);
  if (of === 'live') return readLive(name, document, dirname(path));
  const description = conform(recordedSchema, document);
  return readRecording(name, description, [dirname(path), dirname(named)], (key) =>
    document.where([key]),
  );
}

/** What a shipped workload says about itself, without its data files. */
export function readDescription(path: string): { kind: string; description: string } {
  const document = parseDocument(path, readText(path, { kind, most_bytes: most_yaml_bytes }), kind);
  const { kind: of } = conform(kinds, document);
  return { kind: of, description: String(document.value['description']) };
}

/** A workload's name is its file's. */
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
      `${sha256} would be right`,
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
  return {
    name,
    ...description,
    files: [file(program, 'program'), ...beside.map((each, index) => file(each, 'with', index))],
  };
}

function readRecording(
  name: string,
  description: RecordedDescription,
  [folder, shown_folder]: readonly [folder: string, shown: string],
  where: (key: 'pages' | 'misses') => string,
): Workload {
  const stored = (key: 'pages' | 'misses') =>
    readBytes(join(folder, description[key]), {
      kind: 'the data file of a recorded trace',
      most_bytes: most_data_bytes,
      shown: description[key],
      origin: where(key),
    });
  const pages = stored('pages');
  const misses = stored('misses');
  try {
    const trace = readRecorded({
      name,
      description,
      pages_csv: new TextDecoder('utf-8', { fatal: true }).decode(pages),
      miss_bytes: gunzipSync(misses),
    });
    for (const [key, bytes] of [
      ['pages', pages],
      ['misses', misses],
    ] as const) {
      const found = createHash('sha256').update(bytes).digest('hex');
      if (found === description.sha256[key]) continue;
      throw new InputError(
        where(key),
        `${description[key]} is another version: its SHA-256 is ${found}`,
        `${description.sha256[key]} would be right`,
      );
    }
    return trace;
  } catch (error) {
    if (error instanceof InputError) throw error;
    if (error instanceof MalformedFile) {
      const at = 'line' in error.position ? error.position.line : `byte ${error.position.byte}`;
      throw new InputError(`${join(shown_folder, error.file)}:${at}`, error.what, error.right);
    }
    const gzip = (error as NodeJS.ErrnoException).code?.startsWith('Z_') === true;
    throw new InputError(
      join(shown_folder, description[gzip ? 'misses' : 'pages']),
      gzip ? `is not whole: ${(error as Error).message}` : 'is not UTF-8',
      'the file as it was recorded would be right',
    );
  }
}
