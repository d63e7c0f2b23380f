/**
 * A host as a node of a trial: the testbed's agent runs there, started as a program of this host or over
 * SSH, and takes commands on its standard input. When the line is cut, whoever cut it, the agent ends its jobs.
 */

import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { Duplex } from 'node:stream';
import { AgentChannel } from '../../../kernel-module/testbed/agent-channel.ts';
import { guestProgram } from '../../../kernel-module/testbed/guest-program.ts';
import { shellWord } from '../../input/shell-word.ts';
import type { CommandOptions, CommandResult, Job, Node } from './node.ts';

const connect_timeout_s = 60;
/** The agent ends after a minute of silence, so that nothing runs on behind a line that is dead. */
const sign_of_life_ms = 15_000;

/** A dead line is noticed within half a minute; nobody is asked for a password. */
const ssh_options = [
  ...['-o', 'BatchMode=yes', '-o', `ConnectTimeout=${connect_timeout_s}`],
  ...['-o', 'ServerAliveInterval=10', '-o', 'ServerAliveCountMax=3'],
];

export const this_host = 'localhost';

export class AgentNode implements Node {
  readonly node: string;
  readonly #channel: AgentChannel;
  readonly #process: ChildProcessWithoutNullStreams;
  /** Ends as soon as the agent takes commands. */
  readonly #first: Job;
  readonly #signs: NodeJS.Timeout;

  /** Throws one line where there is no way to the host. */
  static async connect(destination: string): Promise<AgentNode> {
    const agent = await guestProgram('agent');
    if (destination === this_host) return AgentNode.#started(destination, agent, ['--stdio']);
    // Installed under the name of its contents: an agent of another version is another file.
    const file = `.cache/cxlsim/${basename(dirname(agent))}`;
    const install = `[ -x ${file} ] || { mkdir -p .cache/cxlsim && cat > ${file}.$$ && chmod 755 ${file}.$$ && mv ${file}.$$ ${file}; }`;
    const ssh = [...ssh_options, destination];
    await installed(destination, [...ssh, install], await readFile(agent));
    return AgentNode.#started(destination, 'ssh', [...ssh, `exec ${file} --stdio`]);
  }

  static async #started(node: string, program: string, words: string[]): Promise<AgentNode> {
    // A session of its own: Ctrl-C is for this program to handle.
    const child = spawn(program, words, { detached: true });
    const agent = new AgentNode(node, child);
    await agent.#ready();
    return agent;
  }

  private constructor(node: string, child: ChildProcessWithoutNullStreams) {
    this.node = node;
    this.#process = child;
    this.#channel = new AgentChannel(
      Duplex.from({ readable: child.stdout, writable: child.stdin }),
    );
    let complaint = '';
    child.stderr.on('data', (text: Buffer) => {
      complaint = `${complaint}${text}`.slice(-2000);
    });
    child.on('error', ({ message }) => this.#cut(message));
    child.on('close', (code, signal) =>
      this.#cut(lastLine(complaint) ?? `ended with ${signal ?? code}`),
    );
    this.#first = this.#channel.start(':');
    // Signal 0 to a job that has ended is nothing but a frame.
    this.#signs = setInterval(() => this.#first.kill(0), sign_of_life_ms);
    this.#signs.unref();
  }

  async #ready(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      const reason = `${this.node}: the agent did not answer in ${connect_timeout_s} s`;
      timer = setTimeout(() => reject(new Error(reason)), 1000 * connect_timeout_s);
    });
    try {
      await Promise.race([this.#first.exited, late]);
    } catch (error) {
      this.close();
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  async exec(command: string, options: CommandOptions = {}): Promise<CommandResult> {
    const { timeout_ms = 1_200_000, stdin } = options;
    const job = this.#channel.start(command, stdin);
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<undefined>((resolve) => {
      timer = setTimeout(resolve, timeout_ms, undefined);
    });
    const code = await Promise.race([job.exited, late]).finally(() => clearTimeout(timer));
    if (code === undefined) {
      job.kill();
      throw new Error(`${this.node}: ${command}: not done in ${timeout_ms / 1000} s`);
    }
    const { stdout, stderr, stdoutBytes } = job;
    return { code, stdout, stderr, stdoutBytes };
  }

  start(command: string, stdin?: Uint8Array | string): Job {
    return this.#channel.start(command, stdin);
  }

  async writeFile(path: string, content: Uint8Array | string): Promise<void> {
    const { code, stderr } = await this.exec(`cat > ${shellWord(path)}`, { stdin: content });
    if (code !== 0) throw new Error(`${this.node}: ${path}: ${lastLine(stderr) ?? code}`);
  }

  /** Hangs up: the agent ends its jobs and itself, for which it must not be killed at once. */
  close(): void {
    clearInterval(this.#signs);
    this.#process.stdin.end();
    setTimeout(() => this.#process.kill(), 5000).unref();
  }

  #cut(why: string): void {
    clearInterval(this.#signs);
    this.#channel.close(new Error(`${this.node}: the line to it is cut: ${why}`));
  }
}

function installed(destination: string, words: string[], agent: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn('ssh', words, { stdio: ['pipe', 'ignore', 'pipe'] });
    let complaint = '';
    child.stderr.on('data', (text: Buffer) => {
      complaint = `${complaint}${text}`.slice(-2000);
    });
    // Where the agent is there already, nobody reads it.
    child.stdin.on('error', () => undefined);
    child.stdin.end(agent);
    const fail = (why: string) => reject(new Error(`${destination}: no way there: ${why}`));
    child.on('error', ({ message }) => fail(message));
    child.on('close', (code, signal) => {
      if (code === 0) resolve();
      else fail(lastLine(complaint) ?? `ssh ended with ${signal ?? code}`);
    });
  });
}

function lastLine(text: string): string | undefined {
  return text.trim().split('\n').at(-1) || undefined;
}
