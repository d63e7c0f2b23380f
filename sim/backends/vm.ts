/**
 * Two Linux kernels in virtual machines: trials of live functions, carried out by the kernel module. Counts
 * are those of the kernels; times are an emulator's, comparable with one another and nothing else.
 */

import { join } from 'node:path';
import type { Backend, BackendContext, ParameterSettings, Trial } from '../backend.ts';
import type { Measurements } from '../metrics.ts';
import { valuesOf } from '../parameters.ts';
import type { LiveFunction, Recording } from '../workload/live-function.ts';
import { record } from './real/record.ts';
import { procedureRefuses, runProcedure } from './real/trial-procedure.ts';
import {
  bootMachines,
  compile,
  hostRefuses,
  isSound,
  keepLogs,
  keepMessage,
  killMachines,
  type Machines,
  type VmOptions,
} from './real/vm-testbed.ts';
import { type WarmFunction, warmFunction } from './real/warm-function.ts';
import { vmParameters } from './vm-parameters.ts';

/** After so many boots in a row that failed, no more is tried. */
const boots_tried = 2;

type Settings = ReturnType<typeof settingsOf>;

function settingsOf(parameters: ParameterSettings) {
  return valuesOf(vmParameters, parameters['vm']);
}

class VmBackend implements Backend {
  readonly name = 'vm';
  readonly #directory: string;
  readonly #logs: string;
  #refusal: Promise<string | undefined> | undefined;
  #session: Session | undefined;
  #closed = false;
  #boots_failed = 0;
  #boot_failure: unknown;

  constructor({ directory }: BackendContext) {
    this.#directory = directory;
    this.#logs = join(directory, 'logs');
  }

  async unsupported(trial: Trial): Promise<string | undefined> {
    this.#refusal ??= hostRefuses();
    return (await procedureRefuses(trial)) ?? rootRefuses(trial) ?? (await this.#refusal);
  }

  run(trial: Trial): Promise<Measurements> {
    const settings = settingsOf(trial.parameters);
    return this.#within(settings, `trial-${trial.index}`, async (session) => {
      const warm = await session.warm(trial.workload as LiveFunction, settings.warm_invocations);
      return runProcedure(session.machines, warm, trial);
    });
  }

  async record(live: LiveFunction, parameters: ParameterSettings): Promise<Recording> {
    this.#refusal ??= hostRefuses();
    const refusal = await this.#refusal;
    if (refusal !== undefined) throw new Error(refusal);
    const settings = settingsOf(parameters);
    const { warm_invocations } = settings;
    return this.#within(settings, `recording-${live.name}`, async (session) =>
      record(session.machines, await session.warm(live, warm_invocations), {
        made_on: session.machines.description,
        warm_invocations,
      }),
    );
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#end();
    // Who asks again gets machines of its own.
    open.delete(this.#directory);
  }

  /** Machines that are late, gone or unsound are not used again; what they said is kept. */
  async #within<T>(
    settings: Settings,
    name: string,
    work: (session: Session) => Promise<T>,
  ): Promise<T> {
    const session = await this.#open(settings);
    const timer = new Timer(settings.time_limit_s);
    try {
      return await Promise.race([work(session), timer.late]);
    } catch (error) {
      const { testbed } = session.machines;
      keepLogs(testbed, this.#logs, name);
      if (timer.over || !(await isSound(testbed))) await this.#end();
      throw inOneLine(error);
    } finally {
      timer.end();
    }
  }

  async #open(settings: Settings): Promise<Session> {
    if (this.#closed) throw new Error('the run has ended');
    const { kernel, root, shared_mb, memory_mb, memory } = settings as Settings & VmOptions;
    const options: VmOptions = { kernel, root, shared_mb, memory_mb, memory };
    const key = JSON.stringify(options);
    if (this.#session?.key !== key) {
      await this.#end();
      this.#session = new Session(key, options);
    }
    if (this.#boots_failed >= boots_tried) throw this.#boot_failure;
    try {
      await this.#session.ready;
      this.#boots_failed = 0;
      return this.#session;
    } catch (error) {
      this.#session = undefined;
      this.#boots_failed += 1;
      this.#boot_failure = inOneLine(error);
      keepMessage(this.#logs, 'boot', error);
      throw this.#boot_failure;
    }
  }

  async #end(): Promise<void> {
    const session = this.#session;
    this.#session = undefined;
    await session?.end();
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

/** What the small root file system lacks. */
function rootRefuses({ mechanism, workload, parameters }: Trial): string | undefined {
  const { root, memory } = settingsOf(parameters);
  if (memory === 'numa-node' && mechanism !== 'cold-start') {
    return `memory of a NUMA node is its machine's own: only cold-start runs there, and ${mechanism} shares`;
  }
  const program = (workload as LiveFunction).files[0]!.name;
  const lacks =
    mechanism === 'criu'
      ? 'CRIU'
      : memory === 'numa-node'
        ? 'numactl'
        : program.endsWith('.py')
          ? 'Python'
          : undefined;
  if (root === 'debian' || lacks === undefined) return undefined;
  return `the busybox root file system has no ${lacks}; parameters.vm.root=debian has it`;
}

/** Machines that run, and the functions that are warm on them. */
class Session {
  readonly key: string;
  readonly ready: Promise<Machines>;
  /** Once they have booted. */
  booted: Machines | undefined;
  readonly #ending = new AbortController();
  readonly #warm = new Map<string, Promise<WarmFunction>>();

  constructor(key: string, options: VmOptions) {
    this.key = key;
    this.ready = bootMachines(options, this.#ending.signal);
    this.ready.then(
      (machines) => {
        this.booted = machines;
      },
      () => {},
    );
  }

  get machines(): Machines {
    return this.booted!;
  }

  /** One parent serves all trials of a function: children leave it as it was checkpointed. */
  warm(live: LiveFunction, invocations: number): Promise<WarmFunction> {
    const key = `${live.name} ${invocations}`;
    let warm = this.#warm.get(key);
    if (warm === undefined) {
      warm = warmFunction(this.machines, live, invocations, compile);
      warm.catch(() => undefined);
      this.#warm.set(key, warm);
    }
    return warm;
  }

  /** Also machines that are still booting end, and whoever waits for them. */
  async end(): Promise<void> {
    this.#ending.abort(new Error('the machines were ended'));
    const machines = await this.ready.catch(() => undefined);
    if (machines) await killMachines(machines.testbed);
  }
}

/** Rejects when the time is over. */
class Timer {
  readonly late: Promise<never>;
  over = false;
  #timeout!: NodeJS.Timeout;

  constructor(limit_s: number) {
    this.late = new Promise((_, reject) => {
      const reason = `not done in ${limit_s} s, the limit of parameters.vm.time_limit_s`;
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

const open = new Map<string, VmBackend>();

/** One set of machines serves a process: recordings and trials meet the same. */
export function openVm(context: BackendContext): Backend {
  const known = open.get(context.directory);
  if (known) return known;
  const made = new VmBackend(context);
  open.set(context.directory, made);
  return made;
}
