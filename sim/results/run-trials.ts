/**
 * Runs an experiment's trials and stores what they measure.
 *
 *     trials ──► not yet done ──► executors (1 … jobs) ──► journal.jsonl   one line as each ends
 *                     ▲                                        │
 *                     └── outcomes of an earlier run ◄─────────┤
 *                                                              ▼ when all are through
 *                              measurements.csv, series.csv, manifest.json  (trial order)
 */

import { join, resolve } from 'node:path';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { type Trial, workloadsOf } from '../backend.ts';
import { OpenBackends } from '../backends/open-backends.ts';
import type { Experiment } from '../experiment/experiment.ts';
import { lockDirectory } from '../files/directory-lock.ts';
import { writeAtomically } from '../files/write-atomically.ts';
import { claimDirectory } from './claim-directory.ts';
import {
  configurationHash,
  hashBesidePolicies,
  recordingsOf,
  withoutRecordings,
} from './configuration.ts';
import { partsOf } from './configuration-parts.ts';
import { Journal } from './journal.ts';
import type { JournalPolicy } from './journal-header.ts';
import { loadBackends } from './load-backends.ts';
import { type FittedParameter, type Gap, gaps, manifestOf } from './manifest.ts';
import { measurementsOf, writeMeasurements } from './measurements-csv.ts';
import {
  changedFiles,
  checkPolicyFiles,
  editedSince,
  filesOfPolicies,
  isOfPolicy,
  type PolicyText,
  policyTextsOf,
  replacePolicyFiles,
  withoutPolicies,
} from './policy-texts.ts';
import { type FileSums, filesMade, removeUnchanged, sealed, sumOf } from './seal.ts';
import { seriesOfTrials, writeSeries } from './series-csv.ts';
import { executorHere, executorInWorker, type TrialExecutor } from './trial-executor.ts';

export interface RunOptions {
  readonly experiment: Experiment;
  readonly trials: readonly Trial[];
  readonly directory: string;
  /** Trials that run at the same time: 1 runs them in this thread, more in worker threads. */
  readonly jobs: number;
  /** Ends the run after the trials that are running; what is finished stays stored. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
  readonly fitted?: readonly FittedParameter[];
  /** Runs all trials again, and keeps nothing that an earlier run stored in the directory. */
  readonly fresh?: boolean;
  /** URL of a module that exports other `backends`, by name. */
  readonly backends?: string;
  /** What was opened before the first trial, to record functions; the run closes it. */
  readonly opened?: OpenBackends;
}

export interface Progress {
  /** Trials that are through, those of an earlier run included. */
  readonly finished: number;
  readonly total: number;
}

export interface EditedPolicy {
  /** Trials of it that the earlier run had stored, and which are not kept. */
  readonly trials: number;
  /** Its files that say something else now; none where the earlier run did not get to storing them. */
  readonly files: readonly string[];
}

export interface RunResult {
  readonly total: number;
  readonly done: number;
  readonly skipped: number;
  readonly failed: number;
  /** Done trials that an earlier run had stored and that did not run again. */
  readonly kept: number;
  readonly interrupted: boolean;
  /** Policies whose text was edited since an earlier run, by name. */
  readonly edited_policies: Readonly<Record<string, EditedPolicy>>;
  /** Policies whose text is another than it was when the run began: nobody knows under which their trials ran. */
  readonly unsettled_policies: readonly string[];
  /** Why trials were skipped or failed, each reason once with its count. */
  readonly skips: readonly Gap[];
  readonly failures: readonly Gap[];
}

/** Running trials may take this long to end after an interruption; then they are given up. */
const grace_ms = 1000;

export async function runTrials(options: RunOptions): Promise<RunResult> {
  const { experiment, trials, directory, jobs, fresh = false } = options;
  const configuration_hash = configurationHash(experiment, trials);
  const texts = policyTextsOf(trials);
  const policy_files = filesOfPolicies(texts);
  claimDirectory(directory);
  const unlock = lockDirectory(directory);
  try {
    const made = filesMade(directory);
    checkPolicyFiles(directory, policy_files.keys(), made);
    const header = {
      configuration: hashBesidePolicies(experiment, withoutRecordings(trials)),
      experiment: experiment.name,
      trials: trials.length,
      parts: partsOf(experiment),
      policies: policiesOf(texts, trials),
      recordings: recordingsOf(trials),
    };
    const journal = Journal.open(directory, header, fresh);
    const kept = [...journal.outcomes.values()].filter(({ status }) => status === 'done').length;
    try {
      await runMissing(options, journal);
    } finally {
      journal.close();
    }
    const { outcomes } = journal;
    const swept = experiment.sweep.map(({ path }) => path);
    const drawn = experiment.ranges.map(({ path }) => path);
    const text = writeMeasurements(measurementsOf(trials, outcomes), swept, drawn);
    const run = { configuration_hash, jobs, fitted: options.fitted ?? [] };
    const manifest = manifestOf(experiment, trials, outcomes, run);
    const points = seriesOfTrials(trials, outcomes);
    const tables = {
      'measurements.csv': text,
      ...(points.length > 0 && { 'series.csv': writeSeries(points, swept, drawn) }),
    };
    // Of an earlier run whose trials had series, where none has any now.
    const { 'series.csv': stale, ...others } = withoutPolicies(made ?? {});
    const files = {
      ...others,
      ...Object.fromEntries([...policy_files].map(([name, content]) => [name, sumOf(content)])),
      ...Object.fromEntries(Object.entries(tables).map(([name, each]) => [name, sumOf(each)])),
    };
    // First what names the files as ours: a run that is killed between the two must be able to go on.
    writeAtomically(join(directory, 'manifest.json'), sealed(manifest, files));
    for (const [name, each] of Object.entries(tables)) writeAtomically(join(directory, name), each);
    if (stale !== undefined && points.length === 0) {
      removeUnchanged(join(directory, 'series.csv'), stale);
    }
    replacePolicyFiles(directory, policy_files, made ?? {});
    const { total, done, skipped, failed, missing } = manifest.trials;
    return {
      total,
      done,
      skipped,
      failed,
      kept,
      interrupted: missing > 0,
      unsettled_policies: editedSince(trials, texts),
      edited_policies: editedPolicies(journal, texts, made ?? {}),
      skips: gaps(trials, outcomes, 'skipped'),
      failures: gaps(trials, outcomes, 'failed'),
    };
  } finally {
    unlock();
  }
}

function editedPolicies(
  { edited }: Journal,
  texts: readonly PolicyText[],
  made: FileSums,
): Record<string, EditedPolicy> {
  const stored = Object.keys(made).some(isOfPolicy);
  return Object.fromEntries(
    texts.flatMap((text) => {
      const trials = edited.get(text.name) ?? 0;
      if (trials === 0) return [];
      return [[text.name, { trials, files: stored ? changedFiles(text, made) : [] }]];
    }),
  );
}

/** Which trials follow from which text. */
function policiesOf(
  texts: readonly PolicyText[],
  trials: readonly Trial[],
): Map<string, JournalPolicy> {
  return new Map(
    texts.map(({ name, sha256 }) => {
      const own = trials.filter(({ policy }) => policy?.name === name);
      return [name, { sha256, trials: new Set(own.map(({ index }) => index)) }];
    }),
  );
}

async function runMissing(options: RunOptions, journal: Journal): Promise<void> {
  const { trials, signal, onProgress } = options;
  // A skipped trial is asked about again: what was missing on this host may be there now.
  const pending = trials.filter(({ index }) => journal.outcomes.get(index)?.status !== 'done');
  let finished = trials.length - pending.length;
  onProgress?.({ finished, total: trials.length });
  if (pending.length === 0 || signal?.aborted) return;

  const executors = await openExecutors(options, pending);
  const stopped = new AbortController();
  const aborted = () => signal?.aborted || stopped.signal.aborted;
  const given_up = graceAfter(signal, stopped.signal);

  const work = async ({ executor, trials: queue }: Share) => {
    for (;;) {
      // A signal that came meanwhile is delivered now: a trial that computes here has no turn for it, and one that watches
      // for signals itself would drop it.
      await setImmediate();
      if (aborted()) return;
      const trial = queue.next().value;
      if (trial === undefined) return;
      const outcome = await Promise.race([executor.run(trial), given_up]);
      if (outcome === undefined) return executor.abandon();
      const { index } = trial;
      if (JSON.stringify(outcome) !== JSON.stringify(journal.outcomes.get(index))) {
        journal.append(index, outcome);
      }
      finished++;
      onProgress?.({ finished, total: trials.length });
    }
  };
  let through = false;
  try {
    await Promise.all(executors.map(work));
    through = !aborted();
  } finally {
    stopped.abort();
    await Promise.all(
      executors.map(({ executor }) => (through ? executor.close() : endSoon(executor))),
    );
  }
}

/** An executor, and what it takes its trials from. */
interface Share {
  readonly executor: TrialExecutor;
  readonly trials: Iterator<Trial, undefined>;
}

/** Backends that own machines get all their trials run here, beside the others' workers. */
async function openExecutors(options: RunOptions, pending: readonly Trial[]): Promise<Share[]> {
  const { backends } = options;
  const context = { directory: resolve(options.directory) };
  const { backends: openers, one_at_a_time = [] } = await loadBackends(backends);
  const here = (trials: readonly Trial[]): Share => ({
    executor: executorHere(options.opened ?? new OpenBackends(context, openers), options.signal),
    trials: trials.values(),
  });
  if (options.jobs === 1) return [here(pending)];
  const [alone, rest] = [true, false].map((owns) =>
    pending.filter(({ backend }) => one_at_a_time.includes(backend) === owns),
  ) as [Trial[], Trial[]];
  const workloads = [...new Set(options.trials.flatMap(workloadsOf))];
  const trials = rest.values();
  const workers = Array.from({ length: Math.min(options.jobs, rest.length) }, () => ({
    executor: executorInWorker({ backends, context, workloads }),
    trials,
  }));
  return alone.length > 0 ? [here(alone), ...workers] : workers;
}

/** Resolves `grace_ms` after the run is interrupted; never, if it ends before. */
function graceAfter(signal: AbortSignal | undefined, end: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    const interrupted = () => {
      setTimeout(grace_ms, undefined, { signal: end }).then(resolve, () => {});
    };
    signal?.addEventListener('abort', interrupted, { once: true });
    end.addEventListener('abort', () => signal?.removeEventListener('abort', interrupted));
  });
}

/** Lets an idle executor release what it holds, and gives up one that is stuck. */
async function endSoon(executor: TrialExecutor): Promise<void> {
  const ended = new AbortController();
  const waited = setTimeout(grace_ms, 'late', { signal: ended.signal }).catch(() => 'ended');
  if ((await Promise.race([executor.close(), waited])) === 'late') await executor.abandon();
  ended.abort();
}
