/** Runs single trials on the backends they name and says what became of each. */

import { type Measured, type Trial, TrialRefusal } from '../backend.ts';
import type { OpenBackends } from '../backends/open-backends.ts';
import { Interrupted } from '../backends/stoppable.ts';
import { fieldOf, quoted, shortened } from '../input/quoted.ts';
import { type MetricName, metricNames } from '../metrics.ts';
import { areSeries, seriesNames } from '../series.ts';
import type { Outcome } from './outcome.ts';

export class TrialRunner {
  readonly #backends: OpenBackends;
  readonly #signal: AbortSignal | undefined;

  /** No trial begins any more once the signal was given. */
  constructor(backends: OpenBackends, signal?: AbortSignal) {
    this.#backends = backends;
    this.#signal = signal;
  }

  /** Never throws: whatever goes wrong in a trial is its outcome; none if Ctrl-C ended it. */
  async run(trial: Trial): Promise<Outcome | undefined> {
    try {
      const backend = await this.#backends.get(trial.backend);
      // Loading it took a while, and what now computes may have no turn for signals.
      if (this.#signal?.aborted) return undefined;
      const reason = await backend.unsupported(trial);
      if (reason !== undefined) return { status: 'skipped', reason };
      const measured = await backend.run(trial);
      const fault = faultOf(measured);
      return fault === undefined
        ? { status: 'done', ...measured }
        : { status: 'failed', reason: `backend ${trial.backend} ${fault}` };
    } catch (error) {
      if (error instanceof Interrupted) return undefined;
      const status = error instanceof TrialRefusal ? 'skipped' : 'failed';
      return { status, reason: reasonOf(error) };
    }
  }

  /** Releases what the backends hold. */
  close(): Promise<void> {
    return this.#backends.close();
  }
}

/** Of a reason for which a trial failed. */
const most_characters = 2_000;

/** One line that says why a trial failed. */
export function reasonOf(error: unknown): string {
  const message = fieldOf(error, 'message');
  const text =
    typeof message === 'string' ? message.slice(0, most_characters).trim() : quoted(error);
  return shortened(text, most_characters) || 'failed without saying why';
}

/** What is wrong with a backend's answer: a number that is none would poison every median. */
function faultOf({ measurements, series = {} }: Measured): string | undefined {
  const wrong = Object.entries(series).find((each) => !areSeries(Object.fromEntries([each])));
  if (wrong !== undefined) {
    return `measured a series ${wrong[0]}; expected ${seriesNames.join(' or ')}, points in order, none below 0`;
  }
  for (const [name, value] of Object.entries(measurements)) {
    if (value === undefined) continue;
    if (!metricNames.includes(name as MetricName)) return `measured ${name}, which is no metric`;
    if (!Number.isFinite(value) || value < 0) {
      return `measured ${name} = ${value}; expected a number from 0 up`;
    }
  }
  return undefined;
}
