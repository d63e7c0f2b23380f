/**
 * Recordings of live functions, beside the results that follow from them. A function that was never run is
 * recorded by the first real kernel of the experiment, before its trials; the simulator then replays what
 * that kernel saw. What is recorded stays: a run that continues, and one on another machine that gets the
 * folder, meet the same recording.
 */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Experiment } from '../experiment/experiment.ts';
import { makeDirectory } from '../files/make-directory.ts';
import { readText } from '../files/read-text.ts';
import { writeAtomically } from '../files/write-atomically.ts';
import { InputError } from '../input/input-error.ts';
import { recordingSchema } from '../workload/live-description.ts';
import type { LiveFunction, Recording } from '../workload/live-function.ts';
import { reasonOf } from './trial-runner.ts';

const most_bytes = 2 ** 28;

/** Whoever can run live functions on real kernels. */
export interface Recorder {
  /** Whether there is anything to record with, and anybody to replay it. */
  readonly possible: boolean;
  record(live: LiveFunction): Promise<Recording>;
  /** Releases the machines. */
  close(): Promise<void>;
}

export interface Recorded {
  readonly experiment: Experiment;
  /** The run was stopped while something was left to record: its trials would not be those of a whole run. */
  readonly interrupted: boolean;
  /** Releases the machines that recorded; trials may have used them since. */
  close(): Promise<void>;
}

/**
 * The experiment with every recording there is, after making those that are missing. Simulated trials of a
 * function that cannot be recorded are skipped.
 */
export async function withRecordings(
  experiment: Experiment,
  directory: string,
  recorder: Recorder,
  signal: AbortSignal,
  say: (text: string) => void,
): Promise<Recorded> {
  const ended = () => void recorder.close();
  signal.addEventListener('abort', ended, { once: true });
  const workloads = [];
  for (const workload of experiment.workloads) {
    if (workload.kind !== 'live') {
      workloads.push(workload);
      continue;
    }
    const path = join(directory, 'recordings', `${workload.name}.json`);
    let recording = readRecording(path);
    if (recording === undefined && recorder.possible && !signal.aborted) {
      say(`recording ${workload.name} on real kernels`);
      try {
        recording = await recorder.record(workload);
        makeDirectory(join(directory, 'recordings'));
        writeAtomically(path, `${JSON.stringify(recording)}\n`);
      } catch (error) {
        if (!signal.aborted) say(`${workload.name} could not be recorded: ${reasonOf(error)}`);
      }
    }
    workloads.push(recording === undefined ? workload : { ...workload, recording });
  }
  signal.removeEventListener('abort', ended);
  const left = workloads.some((each) => each.kind === 'live' && each.recording === undefined);
  return {
    experiment: { ...experiment, workloads },
    interrupted: signal.aborted && left && recorder.possible,
    close: () => recorder.close(),
  };
}

/** A recording that is there but cannot be read stops the run: results would not follow from it. */
function readRecording(path: string): Recording | undefined {
  if (!existsSync(path)) return undefined;
  const right = 'remove it, and it is recorded anew';
  let content: unknown;
  try {
    content = JSON.parse(readText(path, { kind: 'a recording', most_bytes }));
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError(path, `is no JSON: ${reasonOf(error)}`, right);
  }
  const parsed = recordingSchema.safeParse(content);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new InputError(path, `${issue!.path.join('.') || 'it'}: ${issue!.message}`, right);
}
