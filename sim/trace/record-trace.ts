/** Records a program's page accesses under valgrind, with the tool in traces/recorder. */

import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { InputError } from '../experiment/input-error.ts';
import type { Totals, TraceEvent } from '../workload/cxltrace/format.ts';
import type { Metadata } from '../workload/cxltrace/metadata.ts';
import { LivePages } from './live-pages.ts';
import { readRecorderStream } from './recorder-stream.ts';
import { writeTrace } from './trace-file.ts';

const build_script = fileURLToPath(new URL('../../traces/recorder/build.sh', import.meta.url));
const least_window = { window_pages: 512, window_instructions: 1_000_000 };
/** The most that the recorder takes: about one run for each page of an invocation. */
const whole_window = { window_pages: 2 ** 20, window_instructions: 2 ** 30 };
const line_right =
  'a program that writes the lines cxlsim:invocation:begin and cxlsim:invocation:end would be right';

export interface RecordOptions {
  readonly command: readonly string[];
  readonly output: string;
  readonly llc_mb?: number;
  /** Lines that mark an invocation, where the program writes others than cxlsim's own. */
  readonly begin?: string;
  readonly end?: string;
  /** Counts as long as it can before it writes: smaller traces, in which first touches keep their order. */
  readonly coarse?: boolean;
  /** What the program's own output goes to. */
  readonly stdio?: 'inherit' | 'ignore';
}

export async function recordTrace(options: RecordOptions): Promise<Totals> {
  const { command, output, llc_mb = 32 } = options;
  if (command.length === 0) {
    throw new InputError('trace record', 'no command', '-- and the command would be right');
  }
  if (!(Number.isInteger(llc_mb) && llc_mb >= 1 && llc_mb <= 16384)) {
    throw new InputError('llc_mb', `is ${llc_mb}`, 'a whole number from 1 to 16384 would be right');
  }
  const folder = mkdtempSync(join(tmpdir(), 'cxlsim-record-'));
  try {
    await build(join(folder, 'tool'));
    const status = await run(options, folder, llc_mb);
    if (status !== 0) {
      throw new InputError(
        command[0]!,
        `ended with ${status}`,
        'a command that ends well would be right',
      );
    }
    const recording = marked(join(folder, 'raw'), command);
    const metadata: Metadata = {
      command,
      recorder: 'cxltrace 1',
      page_bytes: 4096,
      gap_unit: 'instructions',
      completeness: 'all',
      memory: 'local',
      llc_bytes: llc_mb * 2 ** 20,
      ...windowOf(options),
    };
    return await convert(recording, output, metadata);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function windowOf({ coarse }: RecordOptions): typeof least_window {
  return coarse ? whole_window : least_window;
}

async function build(folder: string): Promise<void> {
  const child = spawn('sh', [build_script, folder], { stdio: ['ignore', 'ignore', 'pipe'] });
  let text = '';
  child.stderr.on('data', (part) => {
    text += part;
  });
  if ((await ended(child)) === 0) return;
  const [what, right] = (text.trim().split('\n').at(-1) ?? '')
    .replace(/^recorder: /, '')
    .split('; ');
  throw new InputError('trace record', what ?? '', right ?? 'a working C compiler would be right');
}

function run(options: RecordOptions, folder: string, llc_mb: number): Promise<number | string> {
  mkdirSync(join(folder, 'raw'));
  const marks = [
    ...(options.begin === undefined ? [] : [`--mark-begin=${options.begin}`]),
    ...(options.end === undefined ? [] : [`--mark-end=${options.end}`]),
  ];
  const window = windowOf(options);
  const child = spawn(
    'valgrind',
    [
      '-q',
      '--tool=cxltrace',
      '--trace-children=yes',
      `--trace-folder=${join(folder, 'raw')}`,
      `--llc-kb=${llc_mb * 1024}`,
      `--window-pages=${window.window_pages}`,
      `--window-instructions=${window.window_instructions}`,
      ...marks,
      ...options.command,
    ],
    {
      stdio: options.stdio ?? 'inherit',
      env: { ...process.env, VALGRIND_LIB: join(folder, 'tool') },
    },
  );
  return ended(child);
}

function ended(child: ReturnType<typeof spawn>): Promise<number | string> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve(code ?? signal ?? 'no exit code'));
  });
}

/** The one process that marked invocations: shims and shells around it mark none. */
function marked(raw: string, command: readonly string[]): string {
  const programs: string[] = [];
  const found: string[] = [];
  for (const name of readdirSync(raw).sort()) {
    let marks = 0;
    for (const record of readRecorderStream(join(raw, name))) {
      if (record.kind === 'process') programs.push(record.program);
      if (record.kind === 'begin') marks += 1;
    }
    if (marks > 0) found.push(join(raw, name));
  }
  if (found.length === 1) return found[0]!;
  const among = `${programs.length} processes (${[...new Set(programs)].join(', ')})`;
  throw new InputError(
    command[0]!,
    found.length === 0
      ? `no invocation was marked in ${among}`
      : `${found.length} of ${among} marked invocations`,
    found.length === 0 ? line_right : 'marks in one process would be right',
  );
}

async function convert(raw: string, output: string, metadata: Metadata): Promise<Totals> {
  try {
    return await writeTrace(output, metadata, eventsOf(raw));
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new InputError(metadata.command[0]!, error.message, 'marks that pair would be right');
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
