/** The host's end of the agent's protocol (guest/agent.c): jobs in a guest, over one stream of frames. */
import type { Duplex } from 'node:stream';

const kinds = { start: 1, kill: 2, ready: 16, stdout: 17, stderr: 18, exit: 19 } as const;
const head_bytes = 12;

interface Frame {
  readonly kind: number;
  readonly job: number;
  readonly payload: Buffer;
}

/** Cuts a stream of bytes into frames. */
export class FrameReader {
  #pending: Buffer[] = [];
  #length = 0;

  push(data: Buffer): Frame[] {
    this.#pending.push(data);
    this.#length += data.length;
    const frames: Frame[] = [];
    while (this.#length >= head_bytes) {
      const bytes = this.#joined();
      const end = head_bytes + bytes.readUInt32LE(8);
      if (bytes.length < end) break;
      frames.push({
        kind: bytes.readUInt32LE(0),
        job: bytes.readUInt32LE(4),
        payload: bytes.subarray(head_bytes, end),
      });
      this.#pending = [bytes.subarray(end)];
      this.#length = bytes.length - end;
    }
    return frames;
  }

  #joined(): Buffer {
    if (this.#pending.length > 1) this.#pending = [Buffer.concat(this.#pending)];
    return this.#pending[0]!;
  }
}

/** One command in a guest. */
export class Job {
  readonly command: string;
  readonly #stdout: Buffer[] = [];
  readonly #stderr: Buffer[] = [];
  readonly #watchers = new Set<() => void>();
  readonly #signal: (signal: number) => void;
  readonly #patience: number;
  /** Exit code, or 128 + signal; rejects when the machine ends first. */
  readonly exited: Promise<number>;
  #settle!: { resolve: (code: number) => void; reject: (error: Error) => void };
  #ended: Error | undefined;

  constructor(command: string, signal: (signal: number) => void, patience: number) {
    this.command = command;
    this.#patience = patience;
    this.#signal = signal;
    this.exited = new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
    });
    // A job that nobody waits for must not end the host program when its machine is killed.
    this.exited.catch(() => undefined);
  }

  get stdoutBytes(): Buffer {
    return Buffer.concat(this.#stdout);
  }

  get stdout(): string {
    return this.stdoutBytes.toString();
  }

  get stderr(): string {
    return Buffer.concat(this.#stderr).toString();
  }

  /** Sends a signal to the job's process group; 9 unless told. */
  kill(signal = 9): void {
    this.#signal(signal);
  }

  /** Waits until standard output matches; rejects when the job ends or the time is over without a match. */
  async output(pattern: RegExp, limit_ms = 1_200_000): Promise<RegExpExecArray> {
    const timeout_ms = limit_ms * this.#patience;
    const found = pattern.exec(this.stdout);
    if (found !== null) return found;
    return new Promise((resolve, reject) => {
      const finish = (act: () => void) => {
        clearTimeout(timer);
        this.#watchers.delete(look);
        act();
      };
      const fail = (why: string) => () =>
        reject(
          new Error(
            `${this.command}: ${why} before its output matched ${pattern}:\n${this.stdout}${this.stderr}`,
          ),
        );
      const look = () => {
        const match = pattern.exec(this.stdout);
        if (match !== null) finish(() => resolve(match));
        else if (this.#ended !== undefined) finish(fail(this.#ended.message));
      };
      const timer = setTimeout(() => finish(fail(`${timeout_ms / 1000} s passed`)), timeout_ms);
      this.#watchers.add(look);
      look();
    });
  }

  receive(kind: number, payload: Buffer): void {
    if (kind === kinds.stdout) this.#stdout.push(payload);
    else if (kind === kinds.stderr) this.#stderr.push(payload);
    else {
      const code = payload.readInt32LE(0);
      this.#ended = new Error(`ended with exit code ${code}`);
      this.#settle.resolve(code);
    }
    for (const watcher of [...this.#watchers]) watcher();
  }

  abandon(error: Error): void {
    if (this.#ended !== undefined) return;
    this.#ended = error;
    this.#settle.reject(error);
    for (const watcher of [...this.#watchers]) watcher();
  }
}

export class AgentChannel {
  /** The guest's kernel release; resolves once the agent runs. */
  readonly ready: Promise<string>;
  readonly #jobs = new Map<number, Job>();
  readonly #stream: Duplex;
  readonly #patience: number;
  #announce!: (release: string) => void;
  #lastJob = 0;
  #closed: Error | undefined;

  /** Of all time limits, `patience` times as much is given. */
  constructor(stream: Duplex, patience = 1) {
    this.#stream = stream;
    this.#patience = patience;
    this.ready = new Promise((resolve) => {
      this.#announce = resolve;
    });
    const reader = new FrameReader();
    stream.on('data', (data: Buffer) => {
      for (const frame of reader.push(data)) this.#dispatch(frame);
    });
    // The machine's end is told by its process; a write that races with it is no news.
    stream.on('error', () => undefined);
  }

  /** Starts `/bin/sh -c command` in its own session. */
  start(command: string, stdin: Uint8Array | string = ''): Job {
    const id = ++this.#lastJob;
    const text = Buffer.from(command);
    const length = Buffer.alloc(4);
    length.writeUInt32LE(text.length);
    const job = new Job(command, (signal) => this.#kill(id, signal), this.#patience);
    if (this.#closed !== undefined) {
      job.abandon(this.#closed);
      return job;
    }
    this.#jobs.set(id, job);
    this.#send(kinds.start, id, Buffer.concat([length, text, Buffer.from(stdin)]));
    return job;
  }

  /** Ends every job with `error`; later ones end at once. */
  close(error: Error): void {
    this.#closed = error;
    for (const job of this.#jobs.values()) job.abandon(error);
    this.#stream.destroy();
  }

  #kill(id: number, signal: number): void {
    const payload = Buffer.alloc(4);
    payload.writeUInt32LE(signal);
    if (this.#closed === undefined) this.#send(kinds.kill, id, payload);
  }

  #send(kind: number, job: number, payload: Buffer): void {
    const head = Buffer.alloc(head_bytes);
    [kind, job, payload.length].forEach((word, index) => {
      head.writeUInt32LE(word, 4 * index);
    });
    this.#stream.write(Buffer.concat([head, payload]));
  }

  #dispatch({ kind, job, payload }: Frame): void {
    if (kind === kinds.ready) this.#announce(payload.toString());
    else this.#jobs.get(job)?.receive(kind, payload);
  }
}
