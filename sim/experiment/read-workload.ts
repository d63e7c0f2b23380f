/** Reads a workload's YAML file, and the data files that a recorded trace names. */

import { createHash } from 'node:crypto';
import { basename, dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { z } from 'zod';
import { MalformedFile } from '../fabric/malformed-file.ts';
import { profileSchema } from '../workload/read-profile.ts';
import { readRecorded } from '../workload/read-recorded.ts';
import { type RecordedDescription, recordedSchema } from '../workload/recorded-description.ts';
import type { FunctionProfile, Workload } from '../workload.ts';
import { conform } from './complaints.ts';
import { parseDocument } from './document.ts';
import { InputError } from './input-error.ts';
import { readBytes, readText } from './read-text.ts';

const kind = 'a workload (kind: profile or recorded)';
const most_yaml_bytes = 2 ** 20;
const most_data_bytes = 2 ** 28;

const kinds = z.looseObject({
  kind: z.enum(['profile', 'recorded'], {
    error: ({ input }) =>
      `${input === undefined ? 'is missing' : `is ${JSON.stringify(input)}`}; profile or recorded would be right`,
  }),
});

/** `named` is the file as the user wrote it, `origin` where. */
export function readWorkload(path: string, named: string, origin?: string): Workload {
  const options = { kind, most_bytes: most_yaml_bytes, shown: named, ...(origin && { origin }) };
  const document = parseDocument(named, readText(path, options), kind);
  const name = workloadName(path);
  if (conform(kinds, document).kind === 'profile') {
    return { name, ...conform(profileSchema, document) } as FunctionProfile;
  }
  const description = conform(recordedSchema, document);
  return readTrace(name, description, [dirname(path), dirname(named)], (key) =>
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
  return basename(path).replace(/\.ya?ml$/, '');
}

function readTrace(
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
