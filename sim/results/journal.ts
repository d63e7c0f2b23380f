/**
 * The store of finished trials: one JSON line each, appended as they end.
 *
 *     {"configuration":"<hash>","experiment":"bert","trials":42,"parts":{…},"policies":{…},"crc32":"…"}
 *     {"recording":"live-float","sha256":"<hash>","crc32":"…"}
 *     {"trial":0,"outcome":{"status":"done","measurements":{…}},"crc32":"…"}
 *     {"trial":3,…                         <- torn by a kill or a power cut: dropped on opening
 *
 * A line counts once its line feed is there, so a killed process loses at most the trial it was
 * writing. A later line for the same trial replaces the earlier one. Each line ends with the checksum
 * of what stands before it: a digit that a disk changed would else be believed.
 *
 * The first line tells what the results are of, in parts, so that a run that is refused is told what has changed; and
 * the hash of each policy's text. Where a policy was edited, the journal is written anew without its trials.
 *
 * A recording is named once it is there. It may come late: until then its function was skipped where
 * it would have been replayed, so that nothing that is done depends on it.
 */

import {
  closeSync,
  existsSync,
  fdatasyncSync,
  ftruncateSync,
  openSync,
  readFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { storageFailure } from '../files/storage-failure.ts';
import { writeAtomically } from '../files/write-atomically.ts';
import { crc32 } from '../input/crc32.ts';
import { InputError } from '../input/input-error.ts';
import { metrics } from '../metrics.ts';
import { areSeries } from '../series.ts';
import { changesOf, type Parts } from './configuration-parts.ts';
import type { Outcome } from './outcome.ts';

export interface JournalHeader {
  /** Hash of everything that decides what the trials measure. */
  readonly configuration: string;
  readonly experiment: string;
  readonly trials: number;
  /** What the configuration is made of. */
  readonly parts?: Parts;
  /** Policies by name. */
  readonly policies?: ReadonlyMap<string, JournalPolicy>;
  /** Hashes of the recordings that trials replay, by workload. */
  readonly recordings?: ReadonlyMap<string, string>;
}

export interface JournalPolicy {
  /** Of its text. */
  readonly sha256: string;
  /** Indices of the trials that run under it. */
  readonly trials: ReadonlySet<number>;
}

/** Bytes that are written but not yet known to be on the device are flushed this often. */
const flush_interval_ms = 200;

export class Journal {
  readonly path: string;
  /** Outcomes of trials by index: those of earlier runs and those appended since. */
  readonly outcomes: ReadonlyMap<number, Outcome>;
  /** Policies that were edited since, with the number of outcomes that are left out for it. */
  readonly edited: ReadonlyMap<string, number>;
  readonly #outcomes: Map<number, Outcome>;
  readonly #file: number;
  #length_bytes: number;
  #flushed_ms = 0;

  private constructor(
    path: string,
    file: number,
    length_bytes: number,
    outcomes: Map<number, Outcome>,
    edited: ReadonlyMap<string, number>,
  ) {
    this.path = path;
    this.edited = edited;
    this.#file = file;
    this.#length_bytes = length_bytes;
    this.#outcomes = outcomes;
    this.outcomes = outcomes;
  }

  /**
   * Opens the directory's journal, or begins one; with `fresh` a new one, whatever is there. Refuses a journal of
   * another configuration and one that is damaged elsewhere than at its end.
   */
  static open(directory: string, header: JournalHeader, fresh = false): Journal {
    const path = join(directory, 'journal.jsonl');
    const first = lineOf(firstEntry(header));
    const begun = existsSync(path);
    const stored = begun && !fresh ? readJournal(path, header, first) : nothing();
    let { length_bytes } = stored;
    if (begun && (fresh || stored.edited.size > 0)) {
      const kept = [...stored.outcomes].map(([trial, outcome]) => lineOf({ trial, outcome }));
      const recorded = [...stored.recordings].map(([recording, sha256]) =>
        lineOf({ recording, sha256 }),
      );
      const bytes = Buffer.concat([first, ...recorded, ...kept]);
      writeAtomically(path, bytes);
      length_bytes = bytes.length;
    }
    let file: number;
    try {
      file = openSync(path, length_bytes === 0 ? 'w' : 'r+');
    } catch (error) {
      throw storageFailure(path, error, 'choose another directory with --out');
    }
    try {
      ftruncateSync(file, length_bytes);
      const journal = new Journal(path, file, length_bytes, stored.outcomes, stored.edited);
      if (length_bytes === 0) journal.#append(firstEntry(header));
      for (const [recording, sha256] of header.recordings ?? []) {
        if (!stored.recordings.has(recording)) journal.#append({ recording, sha256 });
      }
      return journal;
    } catch (error) {
      closeSync(file);
      throw error;
    }
  }

  /** Stores a trial's outcome; when this returns, killing the process no longer loses it. */
  append(trial: number, outcome: Outcome): void {
    this.#append({ trial, outcome });
    this.#outcomes.set(trial, outcome);
    // A kill needs no flush, only a power cut does; flushing each of thousands of short trials
    // would cost more than the trials.
    const now_ms = performance.now();
    if (now_ms - this.#flushed_ms >= flush_interval_ms) {
      this.#flush();
      this.#flushed_ms = now_ms;
    }
  }

  close(): void {
    try {
      this.#flush();
    } finally {
      closeSync(this.#file);
    }
  }

  #flush(): void {
    try {
      fdatasyncSync(this.#file);
    } catch (error) {
      throw this.#failure(error);
    }
  }

  #append(entry: object): void {
    const line = lineOf(entry);
    let written = 0;
    try {
      // The system may take part of the bytes: the rest of a full device's last block, for one.
      while (written < line.length) {
        written += writeSync(
          this.#file,
          line,
          written,
          line.length - written,
          this.#length_bytes + written,
        );
      }
    } catch (error) {
      ftruncateSync(this.#file, this.#length_bytes);
      throw this.#failure(error);
    }
    this.#length_bytes += line.length;
  }

  #failure(error: unknown): Error {
    return storageFailure(
      this.path,
      error,
      `make room and run the same command again: ${this.#outcomes.size} finished trials are kept`,
    );
  }
}

function nothing() {
  return {
    outcomes: new Map<number, Outcome>(),
    recordings: new Map<string, string>(),
    edited: new Map<string, number>(),
    length_bytes: 0,
  };
}

function firstEntry({ configuration, experiment, trials, parts, policies }: JournalHeader): object {
  const texts = [...(policies ?? [])].map(([name, { sha256 }]) => [name, sha256]);
  return {
    ...{ configuration, experiment, trials },
    ...(parts && { parts }),
    ...(policies && { policies: Object.fromEntries(texts) }),
  };
}

/** What a journal holds, and the length of its part that is not torn. */
function readJournal(path: string, header: JournalHeader, first_line: Buffer) {
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

/** What each whole line says, with its number from 1. */
function* entriesIn(bytes: Buffer): Generator<[line: number, entry: unknown]> {
  let begin = 0;
  for (let line = 1; ; line += 1) {
    const end = bytes.indexOf(0x0a, begin);
    if (end === -1) return;
    yield [line, entryOf(bytes.subarray(begin, end))];
    begin = end + 1;
  }
}

function readBytes(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw storageFailure(path, error, 'choose another directory with --out');
  }
}

/** `{…}` as `{…,"crc32":"01234567"}` and a line feed. */
function lineOf(entry: object): Buffer {
  const content = Buffer.from(JSON.stringify(entry)).subarray(0, -1);
  return Buffer.concat([content, Buffer.from(`${endOf(content)}\n`)]);
}

function endOf(content: Uint8Array): string {
  return `,"crc32":"${crc32(content).toString(16).padStart(8, '0')}"}`;
}

const end_bytes = endOf(new Uint8Array()).length;

/** What a line says; nothing if its checksum is not there, or another. */
function entryOf(line: Buffer): unknown {
  const content = line.subarray(0, -end_bytes);
  if (line.toString('latin1', content.length) !== endOf(content)) return undefined;
  try {
    return JSON.parse(`${content.toString()}}`);
  } catch {
    return undefined;
  }
}

function foreignJournal(path: string): InputError {
  return new InputError(
    `${path}:1`,
    'this is no journal of this version of cxlsim, or it is damaged',
    'choose another directory with --out, or begin anew in this one with --fresh',
  );
}

/** The hashes of the policies' texts; throws where the results are of something else. */
function checkHeader(
  path: string,
  found: unknown,
  expected: JournalHeader,
): Readonly<Record<string, string>> {
  const header = found as FirstEntry | null | undefined;
  if (typeof header?.configuration !== 'string') {
    throw foreignJournal(path);
  }
  const same = header.configuration === expected.configuration && header.trials === expected.trials;
  if (same) return header.policies ?? {};
  const changes = header.parts && expected.parts ? changesOf(header.parts, expected.parts) : '';
  throw new InputError(
    path,
    'the directory holds results of another configuration' +
      (changes === '' ? ' (experiment, options or model have changed)' : `: ${changes}`),
    'choose another directory with --out, or begin anew in this one with --fresh',
  );
}

type FirstEntry = Partial<Omit<JournalHeader, 'policies'>> & {
  readonly policies?: Readonly<Record<string, string>>;
};

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
