/**
 * The store of finished trials: one JSON line each, appended as they end.
 *
 *     {"journal":1,"configuration":"<hash>","experiment":"bert","trials":42}
 *     {"trial":0,"outcome":{"status":"done","measurements":{…}}}
 *     {"trial":3,…                         <- torn by a kill or a power cut: dropped on opening
 *
 * A line counts once its line feed is there, so a killed process loses at most the trial it was
 * writing. A later line for the same trial replaces the earlier one.
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
import { InputError } from '../experiment/input-error.ts';
import { metrics } from '../metrics.ts';
import type { Outcome } from './outcome.ts';
import { storageFailure } from './storage-failure.ts';

const format = 1;

export interface JournalHeader {
  /** Hash of everything that decides what the trials measure. */
  readonly configuration: string;
  readonly experiment: string;
  readonly trials: number;
}

/** Bytes that are written but not yet known to be on the device are flushed this often. */
const flush_interval_ms = 200;

export class Journal {
  readonly path: string;
  /** Outcomes of trials by index: those of earlier runs and those appended since. */
  readonly outcomes: ReadonlyMap<number, Outcome>;
  readonly #outcomes: Map<number, Outcome>;
  readonly #file: number;
  #length_bytes: number;
  #flushed_ms = 0;

  private constructor(
    path: string,
    file: number,
    length_bytes: number,
    outcomes: Map<number, Outcome>,
  ) {
    this.path = path;
    this.#file = file;
    this.#length_bytes = length_bytes;
    this.#outcomes = outcomes;
    this.outcomes = outcomes;
  }

  /**
   * Opens the directory's journal, or begins one. Refuses a journal of another configuration and one
   * that is damaged elsewhere than at its end.
   */
  static open(directory: string, header: JournalHeader): Journal {
    const path = join(directory, 'journal.jsonl');
    const { outcomes, length_bytes } = existsSync(path)
      ? readJournal(path, header)
      : { outcomes: new Map<number, Outcome>(), length_bytes: 0 };
    let file: number;
    try {
      file = openSync(path, length_bytes === 0 ? 'w' : 'r+');
    } catch (error) {
      throw storageFailure(path, error, 'choose another directory with --out');
    }
    try {
      ftruncateSync(file, length_bytes);
      const journal = new Journal(path, file, length_bytes, outcomes);
      if (length_bytes === 0) journal.#append({ journal: format, ...header });
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
    const line = Buffer.from(`${JSON.stringify(entry)}\n`);
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

/** The finished trials of a journal and the length of its undamaged part. */
function readJournal(path: string, header: JournalHeader) {
  const bytes = readBytes(path);
  const length_bytes = bytes.lastIndexOf(0x0a) + 1;
  const lines = bytes.toString('utf8', 0, length_bytes).split('\n').slice(0, -1);
  const outcomes = new Map<number, Outcome>();
  lines.forEach((line, index) => {
    const entry = parseLine(line);
    const where = `${path}:${index + 1}`;
    if (index === 0) {
      checkHeader(path, entry, header);
    } else if (isEntry(entry, header.trials)) {
      outcomes.set(entry.trial, entry.outcome);
    } else {
      throw new InputError(
        where,
        'this line is no outcome of a trial',
        'delete the line to run its trial again, or choose another directory with --out',
      );
    }
  });
  return { outcomes, length_bytes };
}

function readBytes(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw storageFailure(path, error, 'choose another directory with --out');
  }
}

function parseLine(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function checkHeader(path: string, found: unknown, expected: JournalHeader): void {
  const header = found as Partial<JournalHeader & { journal: number }> | null | undefined;
  if (header?.journal !== format) {
    throw new InputError(
      `${path}:1`,
      'this is no journal of this version of cxlsim',
      'choose another directory with --out, or remove this one',
    );
  }
  if (header.configuration !== expected.configuration || header.trials !== expected.trials) {
    throw new InputError(
      path,
      'the directory holds results of another configuration ' +
        '(experiment, options, policy files or model have changed)',
      'choose another directory with --out, or remove this one',
    );
  }
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
    const measurements = outcome.measurements;
    return (
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
