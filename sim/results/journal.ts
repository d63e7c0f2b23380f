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

import { closeSync, existsSync, fdatasyncSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { storageFailure } from '../files/storage-failure.ts';
import { writeAtomically } from '../files/write-atomically.ts';
import { firstEntry, type JournalHeader } from './journal-header.ts';
import { lineOf } from './journal-lines.ts';
import type { Outcome } from './outcome.ts';
import { nothing, readJournal } from './read-journal.ts';

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
