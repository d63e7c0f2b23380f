/** Records a program's page accesses under valgrind, with the tool in traces/recorder. */

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statfsSync,
  statSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { unwritable, writeTrace } from '../files/trace-file.ts';
import { expected } from '../input/expected.ts';
import { InputError } from '../input/input-error.ts';
import type { Totals, TraceEvent } from '../workload/cxltrace/format.ts';
import type { Metadata } from '../workload/cxltrace/metadata.ts';
import { builtRecorder } from './build-recorder.ts';
import { type Cut, cutEvents } from './invocation-cut.ts';
import { type LeftOut, leftOut } from './left-out-processes.ts';
import { LivePages } from './live-pages.ts';
import { markedProcess, type RecordedProcess, recordedProcesses } from './marked-process.ts';
import { readRecorderStream } from './recorder-stream.ts';
import { endRunning } from './running-processes.ts';

const least_window = { window_pages: 512, window_instructions: 1_000_000 };
/** The most that the recorder takes: about one run for each page of an invocation. */
const whole_window = { window_pages: 2 ** 20, window_instructions: 2 ** 30 };
/** No line holds a line's end: the recorder looks for marks in vain. */
const no_line = '\n';
const progress_ms = 500;
/** The recorder writes so much at once. */
const least_room_bytes = 1 << 16;
const room_elsewhere = expected('another folder in TMPDIR, with room for some 10 MB a second');
/** What a program has to end in when it is told to. */
const grace_ms = 2000;

export interface RecordOptions {
  readonly command: readonly string[];
  readonly output: string;
  readonly llc_mb?: number;
  /** Where invocations begin and end [at cxlsim's own marks]. */
  readonly cut?: Cut;
  /** Program or number of the process that is meant, of several. */
  readonly process?: string;
  /** NUMA node that the program's memory is bound to, as if it were CXL memory. */
  readonly memory_node?: number;
  /** Counts as long as it can before it writes: smaller traces, in which first touches keep their order. */
  readonly coarse?: boolean;
  /** What the program's own output goes to. */
  readonly stdio?: 'inherit' | 'ignore';
  readonly signal?: AbortSignal;
  /** Called now and then while the program runs. */
  readonly onProgress?: (recorded_bytes: number) => void;
}

export interface Recording {
  readonly totals: Totals;
  readonly process: RecordedProcess;
  readonly processes: readonly RecordedProcess[];
  /** What its invocations did in processes that are not in the trace. */
  readonly left_out: LeftOut | undefined;
}

export async function recordTrace(options: RecordOptions): Promise<Recording> {
  const { command, output, llc_mb = 32, cut = { kind: 'marks' }, signal } = options;
  if (command.length === 0) {
    throw new InputError('trace record', 'no command', expected('-- and the command'));
  }
  if (!(Number.isInteger(llc_mb) && llc_mb >= 1 && llc_mb <= 16384)) {
    throw new InputError('llc_mb', `is ${llc_mb}`, expected('a whole number from 1 to 16384'));
  }
  assertWritable(output);
  const binding = bindingTo(options.memory_node);
  const where = command[0]!;
  const folder = temporaryFolder();
  try {
    const tool = builtRecorder(join(folder, 'tool'));
    const status = await run(options, cut, { tool, raw: join(folder, 'raw') }, binding);
    signal?.throwIfAborted();
    if (status === 127) throw new InputError(where, 'is no program', 'one in PATH, or its path');
    if (status !== 0) {
      assertRoom(folder);
      throw new InputError(where, `ended with ${status}`, expected('a command that ends well'));
    }
    const processes = recordedProcesses(join(folder, 'raw'));
    const process = markedProcess(processes, where, { cut, wanted: options.process });
    const metadata: Metadata = {
      command,
      recorder: 'cxltrace 2',
      page_bytes: 4096,
      gap_unit: 'instructions',
      completeness: 'all',
      memory: options.memory_node === undefined ? 'local' : { numa_node: options.memory_node },
      llc_bytes: llc_mb * 2 ** 20,
      ...windowOf(options, cut),
    };
    const { marks: lines, instructions } = process;
    const events = cutEvents(eventsOf(process.path), cut, { lines, instructions, where });
    const totals = await convert(events, output, metadata, signal);
    return { totals, process, processes, left_out: leftOut(process, processes, cut) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Where the raw recording lies while it is made. */
function temporaryFolder(): string {
  try {
    return mkdtempSync(join(tmpdir(), 'cxlsim-record-'));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new InputError(tmpdir(), `cannot be written (${code})`, room_elsewhere);
  }
}

/** The recorder could not write on: that the program ended is not its own doing. */
function assertRoom(folder: string): void {
  const { bavail, bsize } = statfsSync(folder);
  if (bavail * bsize >= least_room_bytes) return;
  throw new InputError(
    tmpdir(),
    'is full, and the recording lies there as it is made',
    room_elsewhere,
  );
}

/** Asked before minutes of recording. */
function assertWritable(output: string): void {
  if (statSync(output, { throwIfNoEntry: false })?.isDirectory()) {
    throw new InputError(output, 'is a directory', expected('--output and a file to write'));
  }
  try {
    accessSync(dirname(output), constants.W_OK);
  } catch (error) {
    throw unwritable(output, (error as NodeJS.ErrnoException).code!);
  }
}

/** Within a window nothing tells what came when, so that a cut by time needs short ones. */
function windowOf({ coarse }: RecordOptions, cut: Cut): typeof least_window {
  const window = coarse ? whole_window : least_window;
  if (cut.kind !== 'time') return window;
  const window_instructions = Math.min(window.window_instructions, cut.instructions / 10);
  return { ...window, window_instructions };
}

/** The command that binds what it starts to the node's memory. */
function bindingTo(node: number | undefined): readonly string[] {
  if (node === undefined) return [];
  if (!existsSync(`/sys/devices/system/node/node${node}`)) {
    const nodes = existsSync('/sys/devices/system/node')
      ? readdirSync('/sys/devices/system/node').filter((name) => /^node\d+$/.test(name))
      : [];
    throw new InputError(
      '--memory-node',
      `there is no NUMA node ${node} here`,
      nodes.length > 1
        ? `expected ${nodes.map((name) => name.slice(4)).join(' or ')}`
        : expected('a machine of several, or a recording without it'),
    );
  }
  if (spawnSync('numactl', ['--hardware']).error !== undefined) {
    throw new InputError('--memory-node', 'numactl is not installed', 'apt-get install numactl');
  }
  return ['numactl', `--membind=${node}`];
}

async function run(
  options: RecordOptions,
  cut: Cut,
  { tool, raw }: { readonly tool: string; readonly raw: string },
  binding: readonly string[],
): Promise<number | string> {
  mkdirSync(raw);
  const window = windowOf(options, cut);
  const [program, ...args] = [
    ...binding,
    'valgrind',
    '-q',
    '--tool=cxltrace',
    '--trace-children=yes',
    `--trace-folder=${raw}`,
    `--llc-kb=${(options.llc_mb ?? 32) * 1024}`,
    `--window-pages=${window.window_pages}`,
    `--window-instructions=${Math.ceil(window.window_instructions)}`,
    ...marksOf(cut),
    ...options.command,
  ];
  const child = spawn(program!, args, {
    stdio: options.stdio ?? 'inherit',
    // Python's dictionaries and sets else lie elsewhere in each run.
    env: { PYTHONHASHSEED: '0', ...process.env, VALGRIND_LIB: tool },
  });
  let killing: NodeJS.Timeout | undefined;
  const stop = () => {
    child.kill('SIGTERM');
    endRunning(raw, 'SIGTERM');
    killing = setTimeout(() => {
      child.kill('SIGKILL');
      endRunning(raw, 'SIGKILL');
    }, grace_ms);
  };
  options.signal?.addEventListener('abort', stop);
  const timer = setInterval(() => options.onProgress?.(bytesIn(raw)), progress_ms);
  try {
    return await ended(child);
  } finally {
    clearInterval(timer);
    clearTimeout(killing);
    if (options.signal?.aborted) endRunning(raw, 'SIGKILL');
    options.signal?.removeEventListener('abort', stop);
  }
}

function marksOf(cut: Cut): string[] {
  switch (cut.kind) {
    case 'marks':
      return [
        ...(cut.begin === undefined ? [] : [`--mark-begin=${cut.begin}`]),
        ...(cut.end === undefined ? [] : [`--mark-end=${cut.end}`]),
      ];
    case 'output':
      return ['--mark-within=yes', `--mark-begin=${cut.text}`, `--mark-end=${no_line}`];
    case 'time':
      return [`--mark-begin=${no_line}`, `--mark-end=${no_line}`];
  }
}

function bytesIn(folder: string): number {
  return readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
}

function ended(child: ChildProcess): Promise<number | string> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve(code ?? signal ?? 'no exit code'));
  });
}

async function convert(
  events: Iterable<TraceEvent>,
  output: string,
  metadata: Metadata,
  signal: AbortSignal | undefined,
): Promise<Totals> {
  try {
    return await writeTrace(output, metadata, events, signal);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new InputError(metadata.command[0]!, error.message, expected('marks that pair'));
  }
}

function* eventsOf(raw: string): Generator<TraceEvent, void, void> {
  const live = new LivePages();
  let pages = 0;
  for (const record of readRecorderStream(raw)) {
    if (record.kind === 'run') {
      if (record.region !== undefined) {
        yield { kind: 'page', number: record.number, region: record.region };
        live.add(record.number, pages);
        pages += 1;
      }
      const page = live.get(record.number)!;
      yield { kind: 'run', gap: record.gap, page, counts: record.counts };
    } else if (record.kind === 'unmap') {
      live.remove(record.first, record.pages);
      yield record;
    } else if (record.kind === 'begin' || record.kind === 'end') {
      yield record;
    }
  }
}
