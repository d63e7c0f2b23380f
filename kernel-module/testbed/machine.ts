/**
 * One QEMU machine: booted, given commands, ended.
 *
 * Nothing of it can outlive the program that started it: its files have no names, it runs in a session of
 * its own so that Ctrl-C reaches only the program, and the kernel kills it when the program dies.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, fstatSync, readSync, writeSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { Duplex } from 'node:stream';
import { AgentChannel, type Job } from './agent-channel.ts';
import { type ArchiveEntry, archive } from './cpio.ts';
import { lastLines } from './host-command.ts';
import { baseImage } from './image.ts';
import { type Kernel, patience } from './kernel.ts';
import { kernelComplaints } from './kernel-complaints.ts';
import { type Accelerator, type Hardware, qemuArguments, sharedBase } from './qemu-arguments.ts';
import { openUnnamed, type SharedMemory } from './shared-memory.ts';

export interface MachineOptions {
  readonly kernel: Kernel;
  readonly accelerator: Accelerator;
  /** Host name of the guest. */
  readonly node?: string;
  readonly cpus?: number;
  readonly memory_bytes?: number;
  readonly shared?: {
    readonly memory: SharedMemory;
    readonly as: 'numa-node' | 'cxl-device';
    /** Physical address in this machine; 4 GiB unless told. */
    readonly base?: number;
    /** How much of its end is a disk. */
    readonly disk_bytes?: number;
  };
  readonly tier_bytes?: number;
  readonly disks?: Hardware['disks'];
  readonly kernelParameters?: readonly string[];
  /** Files to add to the guest. */
  readonly files?: readonly ArchiveEntry[];
  /** On a Debian kernel, as all time limits here; three minutes unless told. */
  readonly boot_timeout_ms?: number;
  /** Kills the machine, also while it boots. */
  readonly signal?: AbortSignal;
}

export interface CommandResult {
  /** Exit code, or 128 + signal. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly stdoutBytes: Buffer;
}

export interface ExecOptions {
  /** The command is killed, and the call fails, after this long; five minutes unless told. */
  readonly timeout_ms?: number;
  readonly stdin?: Uint8Array | string;
}

export class Machine {
  readonly node: string;
  readonly kernel: Kernel;
  /** Physical address of the shared memory here. */
  readonly sharedBase: number;
  readonly #patience: number;
  readonly #process: ChildProcess;
  readonly #channel: AgentChannel;
  readonly #console: number;
  /** Resolves when QEMU has ended, for whatever reason, to that reason. */
  readonly ended: Promise<string>;
  #running = true;
  #lastConsoleLog = '';

  /** Resolves when the guest takes commands. */
  static async boot(options: MachineOptions): Promise<Machine> {
    const image = [await readFile(await baseImage(options.kernel)), archive(options.files ?? [])];
    options.signal?.throwIfAborted();
    const machine = new Machine(options, Buffer.concat(image));
    const kill = () => void machine.kill();
    options.signal?.addEventListener('abort', kill, { once: true });
    void machine.ended.then(() => options.signal?.removeEventListener('abort', kill));
    const timeout_ms = (options.boot_timeout_ms ?? 900_000) * machine.#patience;
    const outcome = await Promise.race([
      machine.#channel.ready.then(() => 'ready'),
      machine.ended,
      after(timeout_ms).then(() => `no answer in ${timeout_ms / 1000} s`),
    ]);
    if (outcome !== 'ready') {
      await machine.kill();
      throw new Error(
        `machine ${machine.node} did not boot (${outcome}); its console ends with:\n${lastLines(machine.consoleLog(), 30)}`,
      );
    }
    return machine;
  }

  private constructor(options: MachineOptions, image: Buffer) {
    this.node = options.node ?? 'n0';
    this.kernel = options.kernel;
    this.#patience = patience[options.kernel.name];
    this.sharedBase = options.shared?.base ?? sharedBase;
    this.#console = openUnnamed();
    const initramfs = openUnnamed();
    writeSync(initramfs, image);
    const labels = openUnnamed();
    const { shared, ...hardware } = options;
    const inherited = [this.#console, initramfs, labels, shared?.memory.descriptor];
    const paths = inherited.map((_, index) => `/proc/self/fd/${index + 4}`);
    const parameters = qemuArguments({
      cpus: 2,
      memory_bytes: 1024 * 1024 * 1024,
      ...hardware,
      node: this.node,
      kernelImage: options.kernel.image,
      agentDescriptor: 3,
      console: paths[0]!,
      initramfs: paths[1]!,
      ...(shared && {
        shared: {
          as: shared.as,
          ...(shared.base !== undefined && { base: shared.base }),
          ...(shared.disk_bytes !== undefined && { disk_bytes: shared.disk_bytes }),
          size_bytes: shared.memory.size_bytes,
          path: paths[3]!,
          labelPath: paths[2]!,
        },
      }),
    });
    this.#process = spawn('setpriv', ['--pdeathsig', 'KILL', 'qemu-system-x86_64', ...parameters], {
      stdio: ['ignore', this.#console, this.#console, 'pipe', ...inherited.map(orIgnore)],
      detached: true,
    });
    closeSync(initramfs);
    closeSync(labels);
    this.#channel = new AgentChannel(this.#process.stdio[3] as Duplex, this.#patience);
    this.ended = new Promise((resolve) => {
      this.#process.on('error', (error) => resolve(`QEMU did not start: ${error.message}`));
      this.#process.on('exit', (code, signal) => resolve(`QEMU ended with ${signal ?? code}`));
    });
    void this.ended.then((reason) => {
      this.#lastConsoleLog = this.consoleLog();
      this.#running = false;
      closeSync(this.#console);
      this.#channel.close(new Error(`machine ${this.node} is gone: ${reason}`));
    });
  }

  get running(): boolean {
    return this.#running;
  }

  /** Process identifier of QEMU on the host. */
  get pid(): number | undefined {
    return this.#process.pid;
  }

  /** Runs a shell command to its end. */
  async exec(command: string, options: ExecOptions = {}): Promise<CommandResult> {
    const { stdin } = options;
    const timeout_ms = (options.timeout_ms ?? 1_200_000) * this.#patience;
    const job = this.start(command, stdin);
    const late = Symbol();
    const code = await Promise.race([job.exited, after(timeout_ms).then(() => late)]);
    if (typeof code !== 'number') {
      job.kill();
      throw new Error(
        `${this.node}: ${command}: not done in ${timeout_ms / 1000} s; so far:\n${job.stdout}${job.stderr}`,
      );
    }
    const { stdout, stderr, stdoutBytes } = job;
    return { code, stdout, stderr, stdoutBytes };
  }

  /** Runs a shell command that must succeed; resolves to its standard output. */
  async check(command: string, options: ExecOptions = {}): Promise<string> {
    const { code, stdout, stderr } = await this.exec(command, options);
    if (code !== 0) {
      throw new Error(`${this.node}: ${command}: exit code ${code}\n${stdout}${stderr}`);
    }
    return stdout;
  }

  /** Starts a shell command and does not wait for it. */
  start(command: string, stdin?: Uint8Array | string): Job {
    return this.#channel.start(command, stdin);
  }

  async writeFile(path: string, content: Uint8Array | string): Promise<void> {
    await this.check(`cat > '${path}'`, { stdin: content });
  }

  /** Everything the machine has written to its serial console, also after its end. */
  consoleLog(): string {
    if (!this.#running) return this.#lastConsoleLog;
    const bytes = Buffer.alloc(fstatSync(this.#console).size);
    readSync(this.#console, bytes, 0, bytes.length, 0);
    return bytes.toString();
  }

  /** The kernel's own log while the machine runs, else what of it reached the console. */
  async kernelLog(): Promise<string> {
    return this.#running ? this.check('dmesg') : this.consoleLog();
  }

  /** Lines of the kernel's log that tell of a bug. */
  async kernelComplaints(): Promise<string[]> {
    return kernelComplaints(await this.kernelLog());
  }

  /** Since it booted. */
  async uptime_s(): Promise<number> {
    return Number.parseFloat(await this.check('cat /proc/uptime'));
  }

  /** As a node hangs: its processors stop, its memory stays. */
  pause(): void {
    this.#process.kill('SIGSTOP');
  }

  resume(): void {
    this.#process.kill('SIGCONT');
  }

  /** As a node loses power. QEMU can hang in a way that only this signal ends. */
  async kill(): Promise<void> {
    this.#process.kill('SIGKILL');
    await this.ended;
  }

  /** Shuts the guest down, by force if it does not follow. */
  async powerOff(): Promise<void> {
    if (this.#running) {
      this.start('poweroff -f');
      await Promise.race([this.ended, after(20_000 * this.#patience)]);
    }
    await this.kill();
  }
}

function orIgnore(descriptor: number | undefined): number | 'ignore' {
  return descriptor ?? 'ignore';
}

/** A delay that keeps no program alive. */
function after(delay_ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, delay_ms).unref();
  });
}
