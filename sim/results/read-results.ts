/** Reads a folder that a run wrote; says in one line what is wrong with one that is damaged. */

import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { readText } from '../files/read-text.ts';
import { InputError } from '../input/input-error.ts';
import { parseJson } from '../input/parse-json.ts';
import { again, lineOfRow, type Measurement, readMeasurements } from './measurements-csv.ts';
import { isSealed, sumOf } from './seal.ts';
import { firstEdited, type Stored, storedOutcomes } from './stored-outcomes.ts';

const most_measurement_bytes = 2 ** 28;
const most_manifest_bytes = 2 ** 26;
const as_written = `expected the file as it was written, or ${again}`;

const count = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);

const gap = z.object({ reason: z.string(), count });

const manifestSchema = z.object({
  experiment: z.string(),
  seed: count,
  repetitions: count.min(1),
  trials: z.object({ total: count, done: count, failed: count, skipped: count, missing: count }),
  configuration_hash: z.string(),
  versions: z.record(z.string(), z.string()),
  host: z.record(z.string(), z.union([z.string(), z.number()])),
  configuration: z.record(z.string(), z.unknown()).default({}),
  fitted_parameters: z
    .array(
      z.object({
        name: z.string(),
        value: z.number(),
        unit: z.string().optional(),
        source: z.string().optional(),
      }),
    )
    .default([]),
  skipped: z.array(gap).default([]),
  failed: z.array(gap).default([]),
  /** What earlier versions leave out. */
  files: z.record(z.string(), z.string()).optional(),
  sha256: z.string().optional(),
});

/** What of the manifest tells one set of results from another. */
export type Provenance = z.infer<typeof manifestSchema>;

export interface Results {
  readonly directory: string;
  readonly rows: readonly Measurement[];
  readonly manifest: Provenance;
  /** Whether checksums, or at least the journal, vouch for the numbers. */
  readonly vouched: boolean;
}

export function readResults(directory: string): Results {
  if (!statSync(directory, { throwIfNoEntry: false })?.isDirectory()) {
    const what = existsSync(directory) ? 'this is no folder' : 'there is no such folder';
    throw new InputError(directory, what, 'name a folder that cxlsim run wrote');
  }
  const measurements = join(directory, 'measurements.csv');
  if (!existsSync(measurements)) {
    throw new InputError(
      directory,
      'no results are here (measurements.csv)',
      'name a folder that cxlsim run wrote',
    );
  }
  const text = readText(measurements, {
    kind: 'a table of measurements',
    most_bytes: most_measurement_bytes,
  });
  const rows = readRows(measurements, text);
  const stored = storedOutcomes(directory);
  const manifest = readManifest(join(directory, 'manifest.json'), stored);
  const foreign = rows.find(({ experiment }) => experiment !== manifest.experiment);
  if (foreign !== undefined) {
    throw new InputError(
      measurements,
      `holds rows of experiment ${foreign.experiment}, and the manifest is of ${manifest.experiment}`,
      again,
    );
  }
  checkRows(measurements, text, rows, manifest, stored);
  return { directory, rows, manifest, vouched: (manifest.files ?? stored) !== undefined };
}

/** The table must be the one that the manifest names, or else what the journal holds. */
function checkRows(
  path: string,
  text: string,
  rows: readonly Measurement[],
  { files, trials }: Provenance,
  stored: Stored | undefined,
): void {
  const sum = files?.['measurements.csv'];
  if (sum === sumOf(text)) return;
  if (sum === undefined && stored === undefined) checkCount(path, rows, trials.done);
  const edited = stored && firstEdited(rows, stored);
  if (edited !== undefined) {
    const where = `${path}:${lineOfRow(text, edited)}`;
    throw new InputError(where, 'from here on the table is not what the run measured', as_written);
  }
  if (sum !== undefined)
    throw new InputError(path, 'the table was changed after the run', as_written);
}

/** Rows of one trial follow each other. */
function checkCount(path: string, rows: readonly Measurement[], done: number): void {
  const trials = new Set(rows.map(({ metric: _, value: __, ...trial }) => JSON.stringify(trial)));
  if (trials.size === done) return;
  const what = `holds rows of ${trials.size} trials, and the manifest tells of ${done}`;
  throw new InputError(path, what, as_written);
}

function readRows(path: string, text: string): Measurement[] {
  const { rows } = readMeasurements(text, { file: path, expected: again });
  const seen = new Set<string>();
  for (const [index, row] of rows.entries()) {
    const { value: _, ...about } = row;
    const key = JSON.stringify(about);
    if (seen.has(key)) {
      const what = `${row.metric} of this trial stands here a second time`;
      throw new InputError(`${path}:${lineOfRow(text, index)}`, what, again);
    }
    seen.add(key);
  }
  return rows;
}

function readManifest(path: string, stored: Stored | undefined): Provenance {
  const text = readText(path, { kind: 'the manifest of a run', most_bytes: most_manifest_bytes });
  const content = parseJson(path, text, again);
  const manifest = manifestSchema.safeParse(content);
  const lineOf = (keys: readonly PropertyKey[]) => `${path}:${lineOfKey(text, keys)}`;
  if (!manifest.success) {
    const [issue] = manifest.error.issues;
    const what = issue!.path.join('.') || 'the whole';
    throw new InputError(lineOf(issue!.path), `${what}: ${issue!.message}`, again);
  }
  const { total, done, skipped, failed, missing } = manifest.data.trials;
  if (total !== done + skipped + failed + missing) {
    const what = `trials: ${done} + ${skipped} + ${failed} + ${missing} are not ${total}`;
    throw new InputError(lineOf(['trials']), what, as_written);
  }
  const sealed = isSealed(content as object);
  if (sealed === false || (sealed === undefined && manifest.data.files !== undefined)) {
    const [key, what] = editedCount(manifest.data, stored) ?? [
      'sha256',
      'it is not as the run wrote it',
    ];
    throw new InputError(lineOf(key.split('.')), what, as_written);
  }
  const edited = sealed ? undefined : editedCount(manifest.data, stored);
  if (edited !== undefined)
    throw new InputError(lineOf(edited[0].split('.')), edited[1], as_written);
  return manifest.data;
}

/** The count of trials that the journal knows better, and what is wrong with it. */
function editedCount(
  { trials }: Provenance,
  stored: Stored | undefined,
): [string, string] | undefined {
  if (stored === undefined) return undefined;
  const counts = { total: stored.total, ...stored.counts };
  for (const [key, held] of Object.entries(counts)) {
    const told = trials[key as keyof typeof counts];
    if (told !== held) return [`trials.${key}`, `${key} is ${told}, and the journal holds ${held}`];
  }
  return undefined;
}

/** The line of a key in a manifest as it is written, indented by two spaces a level; else that of what lacks it. */
function lineOfKey(text: string, keys: readonly PropertyKey[]): number {
  let at = 0;
  for (const [depth, key] of keys.entries()) {
    const found = text.indexOf(`\n${'  '.repeat(depth + 1)}${JSON.stringify(key)}:`, at);
    if (found === -1) break;
    at = found + 1;
  }
  return text.slice(0, at).split('\n').length;
}
