/** What a journal holds that an earlier run left. */

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { storageFailure } from '../files/storage-failure.ts';
import { InputError } from '../input/input-error.ts';
import { metrics } from '../metrics.ts';
import { areSeries } from '../series.ts';
import { checkHeader, foreignJournal, type JournalHeader } from './journal-header.ts';
import { entriesIn } from './journal-lines.ts';
import type { Outcome } from './outcome.ts';

export function nothing() {
  return {
    outcomes: new Map<number, Outcome>(),
    recordings: new Map<string, string>(),
    edited: new Map<string, number>(),
    length_bytes: 0,
  };
}

/** What a journal holds, and the length of its part that is not torn. */
export function readJournal(path: string, header: JournalHeader, first_line: Buffer) {
  const bytes = readBytes(path);
  // A first line that was cut off is begun anew, unless somebody else wrote it.
  if (!bytes.includes(0x0a) && !first_line.subarray(0, bytes.length).equals(bytes)) {
    throw foreignJournal(path);
  }
  const { outcomes, recordings, edited } = nothing();
  let texts: Readonly<Record<string, string>> | undefined;
  for (const [line, entry] of entriesIn(bytes)) {
    if (line === 1) {
      texts = checkHeader(path, entry, header);
    } else if (isEntry(entry, header.trials)) {
      outcomes.set(entry.trial, entry.outcome);
    } else if (isRecording(entry)) {
      recordings.set(entry.recording, entry.sha256);
    } else {
      throw new InputError(
        `${path}:${line}`,
        `this line is ${entry === undefined ? 'damaged' : 'no outcome of a trial'}`,
        'delete the line to run its trial again, or choose another directory with --out',
      );
    }
  }
  for (const [name, sha256] of recordings) {
    if (header.recordings?.get(name) === sha256) continue;
    throw new InputError(
      path,
      `the directory holds results of another recording of ${name}`,
      'put the recording back, or choose another directory with --out',
    );
  }
  for (const [name, { sha256, trials }] of header.policies ?? []) {
    if (texts === undefined || texts[name] === sha256) continue;
    const left_out = [...trials].filter((trial) => outcomes.delete(trial));
    edited.set(name, left_out.length);
  }
  return { outcomes, recordings, edited, length_bytes: bytes.lastIndexOf(0x0a) + 1 };
}

/** Outcomes of a journal, whatever it is of; nothing if there is none, or one that cannot be read. */
export function storedJournal(
  directory: string,
): { readonly trials: number; readonly outcomes: ReadonlyMap<number, Outcome> } | undefined {
  const path = join(directory, 'journal.jsonl');
  if (!existsSync(path)) return undefined;
  const bytes = readBytes(path);
  const { outcomes } = nothing();
  let trials: number | undefined;
  for (const [, entry] of entriesIn(bytes)) {
    if (trials === undefined) {
      trials = (entry as Partial<JournalHeader> | undefined)?.trials;
      if (!Number.isInteger(trials)) return undefined;
    } else if (isEntry(entry, trials)) outcomes.set(entry.trial, entry.outcome);
    else if (!isRecording(entry)) return undefined;
  }
  return trials === undefined ? undefined : { trials, outcomes };
}

function readBytes(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw storageFailure(path, error, 'choose another directory with --out');
  }
}

function isRecording(entry: unknown): entry is { recording: string; sha256: string } {
  const { recording, sha256 } = (entry ?? {}) as Partial<Record<string, unknown>>;
  return typeof recording === 'string' && typeof sha256 === 'string';
}

function isEntry(entry: unknown, trials: number): entry is { trial: number; outcome: Outcome } {
  if (typeof entry !== 'object' || entry === null) return false;
  const { trial, outcome } = entry as {
    trial?: unknown;
    outcome?: Partial<Record<string, unknown>>;
  };
  if (!Number.isInteger(trial) || (trial as number) < 0 || (trial as number) >= trials)
    return false;
  if (outcome?.status === 'done') {
    const { measurements, series = {} } = outcome;
    return (
      areSeries(series) &&
      typeof measurements === 'object' &&
      measurements !== null &&
      Object.entries(measurements).every(
        ([name, value]) =>
          Object.hasOwn(metrics, name) && Number.isFinite(value) && (value as number) >= 0,
      )
    );
  }
  return (
    (outcome?.status === 'skipped' || outcome?.status === 'failed') &&
    typeof outcome.reason === 'string'
  );
}
