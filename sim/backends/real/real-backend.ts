/**
 * What the backends on real kernels have in common, wherever these run: machines that are connected once and
 * kept while they are sound, functions that stay warm on them, a time limit, and logs of what failed.
 */

import { join } from 'node:path';
import type { Backend, BackendContext, Measured, ParameterSettings, Trial } from '../../backend.ts';
import { type Measurements, type MetricName, metrics } from '../../metrics.ts';
import type { LiveFunction, Recording } from '../../workload/live-function.ts';
import type { Cluster } from './node.ts';
import { record } from './record.ts';
import type { Compile } from './served-function.ts';
import { procedureRefuses, runProcedure } from './trial-procedure.ts';
import { type WarmFunction, warmFunction } from './warm-function.ts';

export interface SiteSettings {
  readonly warm_invocations: number;
  readonly time_limit_s: number;
}

/** Where trials run: guests or hosts. */
export interface Site<Settings extends SiteSettings> {
  readonly name: string;
  /** Whether times of emulated processors belong into its rows. */
  readonly has_relative_times: boolean;
  readonly compile: Compile;
  settingsOf(parameters: ParameterSettings): Settings;
  /** Equal where the same machines serve. */
  keyOf(settings: Settings): string;
  /** What it lacks for a trial that real kernels could run. */
  refuses(trial: Trial): string | undefined;
  /** Why no trial can run there, as far as that can be told; `connect` tries it. */
  unavailable(connect: () => Promise<unknown>): Promise<string | undefined>;
  connect(settings: Settings, signal: AbortSignal): Promise<Machines>;
}

export interface Machines {
  readonly cluster: Cluster;
  /** Kernel and what it runs on. */
  readonly description: string;
  /** Stores what the kernels said, as far as they still tell. */
  keepLogs(folder: string, name: string): Promise<void>;
  /** Whether more trials may run there after one that failed. */
  areSound(): Promise<boolean>;
  /** Lets them go, with the functions that are warm there, or were to be. */
  end(warm: readonly Promise<WarmFunction>[]): Promise<void>;
}

export class RealBackend<Settings extends SiteSettings> implements Backend {
  readonly name: string;
  readonly #site: Site<Settings>;
  readonly #logs: string;
  /** Why machines cannot be used, by their key: what was refused is not tried again for every trial. */
  readonly #refusals = new Map<string, string>();
  #session: Session | undefined;
  #closed = false;

  constructor(site: Site<Settings>, { directory }: BackendContext) {
    this.name = site.name;
    this.#site = site;
    this.#logs = join(directory, 'logs');
  }

  async unsupported(trial: Trial): Promise<string | undefined> {
    const refusal = (await procedureRefuses(trial)) ?? this.#site.refuses(trial);
    return refusal ?? this.#refusal(this.#site.settingsOf(trial.parameters));
  }

  run(trial: Trial): Promise<Measured> {
    const settings = this.#site.settingsOf(trial.parameters);
    return this.#within(settings, `trial-${trial.index}`, async (session, { cluster }) => {
      const warm = await session.warm(trial.workload as LiveFunction, settings.warm_invocations);
      const measured = await runProcedure(cluster, warm, trial);
      const has_times = cluster.times === 'absolute' || this.#site.has_relative_times;
      const { measurements } = measured;
      return has_times ? measured : { ...measured, measurements: withoutTimes(measurements) };
    });
  }

  async record(live: LiveFunction, parameters: ParameterSettings): Promise<Recording> {
    const settings = this.#site.settingsOf(parameters);
    const refusal = await this.#refusal(settings);
    if (refusal !== undefined) throw new Error(refusal);
    const { warm_invocations } = settings;
    return this.#within(settings, `recording-${live.name}`, async (session, machines) =>
      record(machines.cluster, await session.warm(live, warm_invocations), {
        made_on: machines.description,
        warm_invocations,
      }),
    );
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#end();
  }

  async #refusal(settings: Settings): Promise<string | undefined> {
    const key = this.#site.keyOf(settings);
    const known = this.#refusals.get(key);
    if (known !== undefined || this.#session?.key === key) return known;
    const refusal = await this.#site.unavailable(() => this.#open(settings));
    if (refusal !== undefined) this.#refusals.set(key, refusal);
    return refusal;
  }

  /** Machines that are late, gone or unsound are not used again; what they said is kept. */
  async #within<T>(
    settings: Settings,
    name: string,
    work: (session: Session, machines: Machines) => Promise<T>,
  ): Promise<T> {
    const { session, machines } = await this.#open(settings);
    const limit = `${settings.time_limit_s} s, the limit of parameters.${this.name}.time_limit_s`;
    const timer = new Timer(settings.time_limit_s, `not done in ${limit}`);
    try {
      return await Promise.race([work(session, machines), timer.late]);
    } catch (error) {
      await machines.keepLogs(this.#logs, name);
      if (timer.over || !(await machines.areSound())) await this.#end();
      throw inOneLine(error);
    } finally {
      timer.end();
    }
  }

  async #open(settings: Settings): Promise<{ session: Session; machines: Machines }> {
    if (this.#closed) throw new Error('the run has ended');
    const key = this.#site.keyOf(settings);
    if (this.#session?.key !== key) {
      await this.#end();
      const connect = (signal: AbortSignal) => this.#site.connect(settings, signal);
      this.#session = new Session(key, connect, this.#site.compile);
    }
    const session = this.#session;
    try {
      return { session, machines: await session.machines };
    } catch (error) {
      if (this.#session === session) this.#session = undefined;
      throw error;
    }
  }

  async #end(): Promise<void> {
    const session = this.#session;
    this.#session = undefined;
    await session?.end();
  }
}

/** Machines that run, and the functions that are warm on them. */
class Session {
  readonly key: string;
  readonly machines: Promise<Machines>;
  readonly #ending = new AbortController();
  readonly #compile: Compile;
  readonly #warm = new Map<string, Promise<WarmFunction>>();

  constructor(key: string, connect: (signal: AbortSignal) => Promise<Machines>, compile: Compile) {
    this.key = key;
    this.#compile = compile;
    this.machines = connect(this.#ending.signal);
    this.machines.catch(() => undefined);
  }

  /** One parent serves all trials of a function: children leave it as it was checkpointed. */
  async warm(live: LiveFunction, invocations: number): Promise<WarmFunction> {
    const { cluster } = await this.machines;
    const key = `${live.name} ${invocations}`;
    let warm = this.#warm.get(key);
    if (warm === undefined) {
      warm = warmFunction(cluster, live, invocations, this.#compile);
      warm.catch(() => undefined);
      this.#warm.set(key, warm);
    }
    return warm;
  }

  /** Also machines that are still booting end, and whoever waits for them. */
  async end(): Promise<void> {
    this.#ending.abort(new Error('the machines were ended'));
    const machines = await this.machines.catch(() => undefined);
    if (machines === undefined) return;
    await machines.end([...this.#warm.values()]);
  }
}

/** Rejects when the time is over. */
class Timer {
  readonly late: Promise<never>;
  over = false;
  #timeout!: NodeJS.Timeout;

  constructor(limit_s: number, reason: string) {
    this.late = new Promise((_, reject) => {
      this.#timeout = setTimeout(() => {
        this.over = true;
        reject(new Error(reason));
      }, 1000 * limit_s);
    });
    this.late.catch(() => undefined);
  }

  end(): void {
    clearTimeout(this.#timeout);
  }
}

/** What was tried, and the last that was heard of it: the reason is at the end of what a guest says. */
export function inOneLine(error: unknown): Error {
  const lines = String(error instanceof Error ? error.message : error)
    .split('\n')
    .filter((line) => line.trim() !== '');
  const [first = 'failed without a word'] = lines;
  return new Error(lines.length > 1 ? `${first} ${lines.at(-1)!.trim()}` : first);
}

/** Times of an emulated processor are none of a host's. */
function withoutTimes(measured: Measurements): Measurements {
  return Object.fromEntries(
    Object.entries(measured).filter(([name]) => metrics[name as MetricName].kind !== 'time'),
  );
}
