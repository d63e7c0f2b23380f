/** What a reader of the measurements must know of their making: versions, configuration, gaps. */

import { execFileSync } from 'node:child_process';
import { readFileSync, realpathSync } from 'node:fs';
import { arch, cpus, hostname, platform, release, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { Trial } from '../backend.ts';
import { type NamesByList, namesByList } from '../experiment/dimensions.ts';
import type { Experiment } from '../experiment/experiment.ts';
import { bytes_per_mb } from '../units.ts';
import { canonicalJson } from './canonical-json.ts';
import { fileHash } from './configuration.ts';
import type { Outcome } from './outcome.ts';
import type { FileSums } from './seal.ts';

/** Trials without measurements for the same reason, told once with their count. */
export interface Gap extends NamesByList {
  readonly reason: string;
  readonly count: number;
}

/** A fitted model parameter, as it enters the manifest. */
export interface FittedParameter {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly source: string;
}

export interface Manifest {
  readonly experiment: string;
  readonly question: string;
  readonly seed: number;
  readonly repetitions: number;
  readonly trials: {
    total: number;
    done: number;
    skipped: number;
    failed: number;
    missing: number;
  };
  readonly skipped: readonly Gap[];
  readonly failed: readonly Gap[];
  readonly fitted_parameters: readonly FittedParameter[];
  readonly configuration_hash: string;
  readonly configuration: unknown;
  readonly versions: Readonly<Record<string, string>>;
  readonly host: Readonly<Record<string, string | number>>;
  /** SHA-256 of what runs wrote beside it. */
  readonly files: FileSums;
}

export function manifestOf(
  experiment: Experiment,
  trials: readonly Trial[],
  outcomes: ReadonlyMap<number, Outcome>,
  run: { configuration_hash: string; jobs: number; fitted: readonly FittedParameter[] },
): Omit<Manifest, 'files'> {
  const count = (status: Outcome['status']) =>
    trials.filter(({ index }) => outcomes.get(index)?.status === status).length;
  const counts = { done: count('done'), skipped: count('skipped'), failed: count('failed') };
  const missing = trials.length - counts.done - counts.skipped - counts.failed;
  return {
    experiment: experiment.name,
    question: experiment.question,
    seed: experiment.seed,
    repetitions: experiment.repetitions,
    trials: { total: trials.length, ...counts, missing },
    skipped: gaps(trials, outcomes, 'skipped'),
    failed: gaps(trials, outcomes, 'failed'),
    fitted_parameters: run.fitted,
    configuration_hash: run.configuration_hash,
    configuration: configurationOf(experiment),
    versions: versions(),
    host: {
      name: hostname(),
      system: `${platform()} ${release()} ${arch()}`,
      processor: cpus()[0]?.model.trim() ?? 'unknown',
      cores: cpus().length,
      memory_mb: Math.round(totalmem() / bytes_per_mb),
      jobs: run.jobs,
    },
  };
}

/**
 * The experiment with everything resolved. Recorded traces hold millions of entries and stand as
 * hashes; paths are left out, since they differ between machines that get the same results.
 */
function configurationOf({ file: _, policies, figures, ...settings }: Experiment): unknown {
  const hashed = policies.map(({ name, path }) => ({ name, sha256: fileHash(path) }));
  const drawn = figures.map(({ name }) => name);
  return JSON.parse(canonicalJson({ ...settings, policies: hashed, figures: drawn }));
}

/** Reasons in the order of their first trial. */
export function gaps(
  trials: readonly Trial[],
  outcomes: ReadonlyMap<number, Outcome>,
  status: 'skipped' | 'failed',
): Gap[] {
  const byReason = new Map<string, Trial[]>();
  for (const trial of trials) {
    const outcome = outcomes.get(trial.index);
    if (outcome?.status !== status) continue;
    const same = byReason.get(outcome.reason);
    if (same === undefined) byReason.set(outcome.reason, [trial]);
    else same.push(trial);
  }
  return [...byReason].map(([reason, same]) => ({
    reason,
    count: same.length,
    // In trial order.
    ...namesByList(same),
  }));
}

function versions(): Record<string, string> {
  const root = fileURLToPath(new URL('../..', import.meta.url));
  const { version } = JSON.parse(readFileSync(`${root}package.json`, 'utf8'));
  const commit = commitOf(root);
  return { cxlsim: version, ...(commit && { commit }), node: process.versions.node };
}

/** The commit of this package's own checkout, with `-dirty` if tracked files differ from it. */
function commitOf(root: string): string | undefined {
  try {
    const git = (...words: string[]) =>
      execFileSync('git', ['-C', root, ...words], { stdio: ['ignore', 'pipe', 'ignore'] })
        .toString()
        .trim();
    // Installed below another project, the repository around it is not ours.
    if (realpathSync(git('rev-parse', '--show-toplevel')) !== realpathSync(root)) return undefined;
    return git('describe', '--always', '--abbrev=40', '--dirty', '--exclude=*');
  } catch {
    return undefined;
  }
}
