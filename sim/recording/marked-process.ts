/** Of the processes that were recorded, the one whose invocations are meant. */

import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expected } from '../input/expected.ts';
import { InputError } from '../input/input-error.ts';
import type { Cut } from './invocation-cut.ts';
import { readRecorderStream } from './recorder-stream.ts';

/** A program that ran in a process: one that executes another is two of them. */
export interface RecordedProcess {
  readonly path: string;
  readonly pid: number;
  readonly parent: number;
  /** Whether its parent was within an invocation when it forked it. */
  readonly within: boolean;
  readonly program: string;
  readonly instructions: number;
  /** Begin marks; of a cut, the times its line was written. */
  readonly marks: number;
}

const most_listed = 12;
const how_to_mark =
  'write the line cxlsim:invocation:begin before and cxlsim:invocation:end after each invocation ' +
  '(Python: print("cxlsim:invocation:begin", flush=True), Node: fs.writeSync(1, ' +
  '"cxlsim:invocation:begin\\n"), shell: echo cxlsim:invocation:begin), or cut with ' +
  '--split-by-output TEXT or --split-every-million-instructions N';

/** In the order in which they started. */
export function recordedProcesses(raw: string): RecordedProcess[] {
  return readdirSync(raw)
    .sort((a, b) => Number(a) - Number(b))
    .map((name) => {
      const path = join(raw, name);
      let program = '?';
      let [pid, parent, within] = [0, 0, false];
      let marks = 0;
      let instructions = 0;
      for (const record of readRecorderStream(path)) {
        if (record.kind === 'process') {
          program = basename(record.program);
          ({ pid, parent, within } = record);
        } else if ('gap' in record) instructions += record.gap;
        if (record.kind === 'begin') marks += 1;
      }
      return { path, pid, parent, within, program, instructions, marks };
    });
}

/** `wanted` is a program's name, or a process's number from 1 in the order of their starts. */
export function markedProcess(
  processes: readonly RecordedProcess[],
  where: string,
  { cut, wanted }: { readonly cut: Cut; readonly wanted?: string | undefined },
): RecordedProcess {
  const all = listed(processes, processes);
  const meant =
    wanted === undefined
      ? processes
      : processes.filter(({ program }, i) => program === wanted || String(i + 1) === wanted);
  if (meant.length === 0) {
    throw new InputError(
      where,
      processes.length === 0
        ? 'valgrind recorded no process'
        : `--process is ${wanted}; there are ${all}`,
      'a program that valgrind can run, and the name or number of one of its processes',
    );
  }
  if (cut.kind === 'time') {
    return meant.reduce((most, each) => (each.instructions > most.instructions ? each : most));
  }
  const marked = meant.filter(({ marks }) => marks > 0);
  if (marked.length === 1) return marked[0]!;
  if (marked.length > 1) {
    const which = listed(marked, processes);
    throw new InputError(
      where,
      `${marked.length} processes marked invocations: ${which}`,
      expected('--process with the number of one of them'),
    );
  }
  const among = `${meant.length} ${meant.length === 1 ? 'process' : 'processes'} (${listed(meant, processes)})`;
  throw cut.kind === 'output'
    ? new InputError(
        where,
        `no line with ${JSON.stringify(cut.text)} was written by ${among}`,
        expected('a text that the program prints once for each invocation, and once before'),
      )
    : new InputError(where, `no invocation was marked in ${among}`, how_to_mark);
}

/** Their numbers and programs, the first of many. */
function listed(some: readonly RecordedProcess[], all: readonly RecordedProcess[]): string {
  const first = some.slice(0, most_listed);
  const text = first.map((each) => `${all.indexOf(each) + 1} ${each.program}`).join(', ');
  return first.length < some.length ? `${text} and ${some.length - first.length} more` : text;
}
