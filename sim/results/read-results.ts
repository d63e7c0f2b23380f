/** Reads a folder that a run wrote; says in one line what is wrong with one that is damaged. */

import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { InputError } from '../experiment/input-error.ts';
import { readText } from '../experiment/read-text.ts';
import { CsvError } from './csv.ts';
import { type Measurement, readMeasurements } from './measurements-csv.ts';

const most_measurement_bytes = 2 ** 28;
const most_manifest_bytes = 2 ** 26;
const again = 'run the experiment again, with another --out';

const manifestSchema = z.object({
  experiment: z.string(),
  seed: z.number(),
  repetitions: z.number(),
  trials: z.object({ failed: z.number(), skipped: z.number(), missing: z.number() }),
  configuration_hash: z.string(),
  versions: z.record(z.string(), z.string()),
  host: z.record(z.string(), z.union([z.string(), z.number()])),
});

/** What of the manifest tells one set of results from another. */
export type Provenance = z.infer<typeof manifestSchema>;

export interface Results {
  readonly directory: string;
  readonly rows: readonly Measurement[];
  readonly manifest: Provenance;
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
  const rows = readRows(measurements);
  const manifest = readManifest(join(directory, 'manifest.json'));
  const foreign = rows.find(({ experiment }) => experiment !== manifest.experiment);
  if (foreign !== undefined) {
    throw new InputError(
      measurements,
      `holds rows of experiment ${foreign.experiment}, and the manifest is of ${manifest.experiment}`,
      again,
    );
  }
  return { directory, rows, manifest };
}

function readRows(path: string): Measurement[] {
  const text = readText(path, {
    kind: 'a table of measurements',
    most_bytes: most_measurement_bytes,
  });
  let rows: Measurement[];
  try {
    ({ rows } = readMeasurements(text));
  } catch (error) {
    if (error instanceof CsvError)
      throw new InputError(`${path}:${error.line}`, error.message, again);
    throw error instanceof RangeError ? new InputError(path, error.message, again) : error;
  }
  const seen = new Set<string>();
  for (const [index, row] of rows.entries()) {
    const { value: _, ...about } = row;
    const key = JSON.stringify(about);
    if (seen.has(key)) {
      const what = `row ${index + 1}: ${row.metric} of this trial stands here a second time`;
      throw new InputError(path, what, again);
    }
    seen.add(key);
  }
  return rows;
}

function readManifest(path: string): Provenance {
  const text = readText(path, { kind: 'the manifest of a run', most_bytes: most_manifest_bytes });
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (error) {
    throw new InputError(path, `not JSON: ${(error as Error).message}`, again);
  }
  const manifest = manifestSchema.safeParse(content);
  if (manifest.success) return manifest.data;
  const [issue] = manifest.error.issues;
  const where = issue!.path.join('.') || 'the whole';
  throw new InputError(path, `${where}: ${issue!.message}`, again);
}
