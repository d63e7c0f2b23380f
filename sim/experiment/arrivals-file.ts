/**
 * Arrivals as a YAML file: what ships in `traces/arrivals/`, and what `./mine.yaml` in an experiment names. Its keys are its
 * kind, what it says about itself, the files that the kind reads, relative to it, and the kind's parameters.
 */

import { basename, dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { z } from 'zod';
import { readBytes, readText } from '../files/read-text.ts';
import { parseDocument, type YamlDocument } from '../input/document.ts';
import { expected } from '../input/expected.ts';
import { InputError } from '../input/input-error.ts';
import { TextLines } from '../input/text-lines.ts';
import { valuesOf } from '../parameters.ts';
import type { Opened } from '../scenarios/cluster/arrivals/kind.ts';
import { arrivalKinds } from '../scenarios/cluster/arrivals/kinds.ts';
import { conform } from './complaints.ts';
import { demands, nested, oneOf, settingsOf } from './settings.ts';

const kind = 'a file of arrivals';
const most_yaml_bytes = 2 ** 20;
/** A day of all published functions has 130 MB. */
const most_table_bytes = 2 ** 29;

export interface ArrivalsFile extends Opened {
  readonly name: string;
  readonly kind: string;
  readonly description: string;
  /** Who recorded it, where, and its licence; or why these numbers. */
  readonly origin: string;
  readonly caveat?: string;
  /** All that was played with: what the file says, what was set over it, and defaults. */
  readonly values: Readonly<Record<string, number | boolean | string>>;
}

const sentence = z.string(demands('a sentence')).trim().min(1, demands('a sentence'));
const file_name = z.string(demands('a file')).min(1, demands('a file'));
const of_kind = z.looseObject({ kind: oneOf(Object.keys(arrivalKinds), 'which kind') });

/** All but what is told of any kind: its files and parameters. */
function schemaOf(name: string) {
  const { files, parameters } = arrivalKinds[name]!;
  return z.strictObject({
    kind: z.literal(name),
    description: sentence,
    source: sentence,
    caveat: sentence.optional(),
    ...Object.fromEntries(
      Object.entries(files).map(([key, needed]) => [
        key,
        needed === 'needed' ? file_name : file_name.optional(),
      ]),
    ),
    ...nested(settingsOf(new Map([[name, parameters]])), `parameters.${name}`),
  });
}

/**
 * `shown` is the file as the user wrote it, `origin` where it was named. `set` is put over what the file says: names and
 * values as `arrivalKinds` declares them, checked there where they are read.
 */
export function readArrivals(
  path: string,
  shown: string,
  origin?: string,
  set: Readonly<Record<string, number | boolean | string>> = {},
): ArrivalsFile {
  const options = { kind, most_bytes: most_yaml_bytes, shown, ...(origin && { origin }) };
  const document = parseDocument(shown, readText(path, options), kind);
  const name = conform(of_kind, document).kind as string;
  for (const [key, value] of Object.entries(set)) document.set([key], value, origin ?? shown);
  const said = conform(schemaOf(name), document) as Record<string, number | boolean | string>;
  const { files, parameters, open } = arrivalKinds[name]!;
  const given = Object.entries(said).filter(([key]) => key in parameters);
  const values = valuesOf(parameters, Object.fromEntries(given));
  const lines = Object.keys(files)
    .filter((key) => said[key] !== undefined)
    .map((key) => [key, linesOf(String(said[key]), [path, shown], document, key)] as const);
  return {
    ...open(Object.fromEntries(lines), values),
    name: basename(path).replace(/\.ya?ml$/, ''),
    kind: name,
    description: String(said['description']),
    origin: String(said['source']),
    ...(said['caveat'] !== undefined && { caveat: String(said['caveat']) }),
    values,
  };
}

/** What a file says about itself, without its tables. */
export function aboutArrivals(path: string): { kind: string; description: string } {
  const document = parseDocument(path, readText(path, { kind, most_bytes: most_yaml_bytes }), kind);
  const { kind: of } = conform(of_kind, document);
  return { kind: String(of), description: String(document.value['description']) };
}

/** A table that the file names, compressed or not. */
function linesOf(
  named: string,
  [path, shown_path]: readonly [path: string, shown: string],
  document: YamlDocument,
  key: string,
): TextLines {
  const shown = join(dirname(shown_path), named);
  const bytes = readBytes(join(dirname(path), named), {
    kind: 'a table of arrivals (.csv or .csv.gz)',
    most_bytes: most_table_bytes,
    shown,
    origin: document.where([key]),
  });
  const text = named.endsWith('.gz') ? expanded(bytes, shown) : bytes;
  let at = 0;
  return new TextLines((into) => {
    const piece = text.subarray(at, at + into.length);
    into.set(piece);
    at += piece.length;
    return piece.length;
  }, shown);
}

function expanded(bytes: Uint8Array, shown: string): Uint8Array {
  try {
    return gunzipSync(bytes, { maxOutputLength: most_table_bytes });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const what =
      code === 'ERR_BUFFER_TOO_LARGE'
        ? `it holds more than ${most_table_bytes / 2 ** 20} MiB`
        : 'it is no whole gzip file';
    throw new InputError(shown, what, expected('a table that gzip compressed'));
  }
}
