/**
 * A machine that takes commands, however they reach it: a guest of the testbed, this host, or another
 * one over SSH. What a trial does on real kernels is written over this alone.
 */

/** A command that runs in the background, in a session of its own. */
export interface Job {
  readonly stdout: string;
  readonly stderr: string;
  /** Exit code, or 128 + signal; rejects when the machine is gone first. */
  readonly exited: Promise<number>;
  /** Resolves when standard output matches; rejects when the job ends, or the time, without. */
  output(pattern: RegExp, timeout_ms?: number): Promise<RegExpExecArray>;
  /** Sends a signal to the whole session; 9 unless told. */
  kill(signal?: number): void;
}

export interface CommandOptions {
  readonly stdin?: Uint8Array | string;
  /** The command is killed, and the call rejects, after this long. */
  readonly timeout_ms?: number;
}

export interface CommandResult {
  /** Exit code, or 128 + signal. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly stdoutBytes: Buffer;
}

export interface Node {
  /** As messages name it. */
  readonly node: string;
  /** Runs a shell command to its end. */
  exec(command: string, options?: CommandOptions): Promise<CommandResult>;
  /** Starts a shell command and does not wait for it. */
  start(command: string, stdin?: Uint8Array | string): Job;
  writeFile(path: string, content: Uint8Array | string): Promise<void>;
}

/** The nodes of a trial, with the module loaded and one region attached on all of them. */
export interface Cluster {
  /** Where the parent runs. */
  readonly parent: Node;
  /** Where remote children run: another kernel, or the same one where there is only one. */
  readonly child: Node;
  /** Folder of `rforkctl` on every node. */
  readonly tools: string;
  /** Folder that is there on every node and that nobody else can enter, for programs and placements of this run. */
  readonly scratch: string;
  /** A disk in the shared memory, as a shell word, by which nodes hand over files. */
  readonly disk?: string;
  /** A NUMA node without processors that functions are bound to, as emulated CXL memory. */
  readonly memory_node?: number;
  /** What times measured there are worth: comparable with each other only, or real. */
  readonly times: 'relative' | 'absolute';
}
