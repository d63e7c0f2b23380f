/**
 * Hosts with the module: one, or two that SSH reaches. Trials are those of the virtual machines, with the
 * region that the hosts' administrator gave the module. Nothing of the hosts is configured, and nothing stays.
 */

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Backend, BackendContext, ParameterSettings, Trial } from '../backend.ts';
import { type Measurements, type MetricName, metrics } from '../metrics.ts';
import { valuesOf } from '../parameters.ts';
import type { LiveFunction, Recording } from '../workload/live-function.ts';
import { hostParameters } from './host-parameters.ts';
import { connectHosts, HostRefusal, type Hosts } from './real/hosts.ts';
import { record } from './real/record.ts';
import { end } from './real/served-function.ts';
import { procedureRefuses, runProcedure } from './real/trial-procedure.ts';
import { compile } from './real/vm-testbed.ts';
import { type WarmFunction, warmFunction } from './real/warm-function.ts';

type Settings = ReturnType<typeof settingsOf>;

function settingsOf(parameters: ParameterSettings) {
  return valuesOf(hostParameters, parameters['host']);
}

class HostBackend implements Backend {
  readonly name = 'host';
  readonly #directory: string;
  readonly #logs: string;
  /** Why these hosts cannot be used, by their names. */
  readonly #refusals = new Map<string, string>();
  #session: Session | undefined;

  constructor({ directory }: BackendContext) {
    this.#directory = directory;
    this.#logs = join(directory, 'logs');
  }

  async unsupported(trial: Trial): Promise<string | undefined> {
    const refusal = (await procedureRefuses(trial)) ?? hostRefuses(trial);
    return refusal ?? (await this.#refusal(settingsOf(trial.parameters)));
  }

  run(trial: Trial): Promise<Measurements> {
    const settings = settingsOf(trial.parameters);
    return this.#within(settings, `trial-${trial.index}`, async (session) => {
      const warm = await session.warm(trial.workload as LiveFunction, settings.warm_invocations);
      const measured = await runProcedure(session.hosts, warm, trial);
      return session.hosts.times === 'absolute' ? measured : withoutTimes(measured);
    });
  }

  async record(live: LiveFunction, parameters: ParameterSettings): Promise<Recording> {
    const settings = settingsOf(parameters);
    const refusal = await this.#refusal(settings);
    if (refusal !== undefined) throw new Error(refusal);
    const { warm_invocations } = settings;
    return this.#within(settings, `recording-${live.name}`, async (session) =>
      record(session.hosts, await session.warm(live, warm_invocations), {
        made_on: session.hosts.description,
        warm_invocations,
      }),
    );
  }

  async close(): Promise<void> {
    await this.#end();
    // Who asks again connects anew.
    open.delete(this.#directory);
  }

  async #end(): Promise<void> {
    const session = this.#session;
    this.#session = undefined;
    await session?.end();
  }

  /** Asked once: what was refused is not tried again for every trial. */
  async #refusal(settings: Settings): Promise<string | undefined> {
    const key = keyOf(settings);
    const known = this.#refusals.get(key);
    if (known !== undefined || this.#session?.key === key) return known;
    try {
      await this.#open(settings);
      return undefined;
    } catch (error) {
      if (!(error instanceof HostRefusal)) throw error;
      this.#refusals.set(key, error.message);
      return error.message;
    }
  }

  /** Hosts that are late or gone are not asked for more on the same line; what they said is kept. */
  async #within<T>(
    settings: Settings,
    name: string,
    work: (session: Session) => Promise<T>,
  ): Promise<T> {
    const { time_limit_s } = settings;
    const session = await this.#open(settings);
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      const reason = `not done in ${time_limit_s} s, the limit of parameters.host.time_limit_s`;
      timer = setTimeout(() => reject(new Error(reason)), 1000 * time_limit_s);
    });
    try {
      return await Promise.race([work(session), late]);
    } catch (error) {
      await session.keepLogs(this.#logs, name);
      await this.#end();
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  async #open(settings: Settings): Promise<Session> {
    const key = keyOf(settings);
    if (this.#session?.key !== key) {
      await this.#end();
      this.#session = new Session(key, await connectHosts(settings));
    }
    return this.#session;
  }
}

/** CRIU is set up inside guests: it needs drivers loaded, a process number free and a disk to write over. */
function hostRefuses({ mechanism }: Trial): string | undefined {
  if (mechanism !== 'criu') return undefined;
  return 'criu writes over a disk in the shared memory and loads drivers, which is done to guests only; --backend vm runs it';
}

function keyOf({ nodes, tools }: Settings): string {
  return JSON.stringify([nodes, tools]);
}

/** Hosts that are connected, and the functions that are warm on them. */
class Session {
  readonly key: string;
  readonly hosts: Hosts;
  readonly #warm = new Map<string, Promise<WarmFunction>>();

  constructor(key: string, hosts: Hosts) {
    this.key = key;
    this.hosts = hosts;
  }

  /** One parent serves all trials of a function: children leave it as it was checkpointed. */
  warm(live: LiveFunction, invocations: number): Promise<WarmFunction> {
    const key = `${live.name} ${invocations}`;
    let warm = this.#warm.get(key);
    if (warm === undefined) {
      warm = warmFunction(this.hosts, live, invocations, compile);
      warm.catch(() => undefined);
      this.#warm.set(key, warm);
    }
    return warm;
  }

  /** What the kernels said last, of hosts that still answer. */
  async keepLogs(folder: string, name: string): Promise<void> {
    mkdirSync(folder, { recursive: true });
    for (const node of new Set([this.hosts.parent, this.hosts.child])) {
      const said = await node.exec('dmesg | tail -n 200', { timeout_ms: 10_000 }).then(
        ({ stdout }) => stdout,
        ({ message }: Error) => `${message}\n`,
      );
      writeFileSync(join(folder, `${name}-${node.node.replaceAll(/[^\w.-]/g, '-')}.log`), said);
    }
  }

  /** The hosts are shared with others: parents end and images are deleted, as far as the lines still hold. */
  async end(): Promise<void> {
    for (const warm of this.#warm.values()) {
      await warm.then((each) => this.#release(each)).catch(() => undefined);
    }
    this.hosts.close();
  }

  async #release({ parent, checkpoint }: WarmFunction): Promise<void> {
    await end(parent);
    const remove = `${this.hosts.tools}/rforkctl delete ${checkpoint.image}`;
    // The last child's reference goes a moment after its end.
    await this.hosts.parent.exec(`for i in $(seq 50); do ${remove} && exit; sleep 0.2; done`, {
      timeout_ms: 30_000,
    });
  }
}

/** Times of an emulated processor are none of a host's. */
function withoutTimes(measured: Measurements): Measurements {
  return Object.fromEntries(
    Object.entries(measured).filter(([name]) => metrics[name as MetricName].kind !== 'time'),
  );
}

export function openHost(context: BackendContext): Backend {
  const known = open.get(context.directory);
  if (known) return known;
  const made = new HostBackend(context);
  open.set(context.directory, made);
  return made;
}

/** Recordings and trials of a run meet the same hosts. */
const open = new Map<string, HostBackend>();
