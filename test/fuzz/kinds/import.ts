/** What other tools recorded: every file among the fixtures and the shipped ones that some importer takes. */

import { loadExperiment } from '../../../sim/experiment/load.ts';
import type { RandomStream } from '../../../sim/random.ts';
import { inspectTrace } from '../../../sim/recording/inspect-trace.ts';
import { command } from '../attempt.ts';
import { Box } from '../box.ts';
import { Fault, type Input, type Kind, targetOf, textOf, withTarget } from '../input.ts';
import { mutateText } from '../mutate-text.ts';
import { filesBelow, type Shipped } from '../shipped.ts';
import { small_function_file, smallFunction } from '../small-function.ts';
import { checkFinite } from '../sound-numbers.ts';
import { runOne } from '../trial.ts';
import { fabric_experiment, fabric_file } from './fabric.ts';
import { runTrace, trace_experiment, trace_file } from './trace.ts';

const file = 'input.txt';
const output = 'output';
/** The rest of a table goes the way of its first rows. */
const most_lines = 150;
const most_file_bytes = 2 ** 20;

/** Command lines to try until some take the file as it is. */
const ways: readonly (readonly string[])[] = [
  ['trace', 'import', file],
  ['trace', 'import', file, '--output', output],
  ['trace', 'import', file, '--whole'],
  ['trace', 'import', file, '--whole', '--llc-mb', '32'],
  ['fabric', 'import', file],
  ['fabric', 'import', file, '--of', 'local'],
].map((words) => [...words, '--json']);

/** A file is tried in so many of them. */
const most_ways = 2;

/** What the commands write, by what they say of it. */
const outputs = [
  output,
  ...['cxltrace', 'arrivals.csv', 'fabric.yaml'].map((end) => `${file}.${end}`),
];

export const imports: Kind = {
  name: 'import',
  async corpus() {
    const files = [
      ...filesBelow('test/recording/import/fixtures', /\.(txt|log|csv)$/),
      ...filesBelow('traces', /\.(txt|csv)$/),
    ];
    const box = new Box();
    const inputs: Input[] = [];
    for (const shipped of files.filter(({ bytes }) => bytes.length <= most_file_bytes)) {
      let taken = 0;
      for (const [way, words] of ways.entries()) {
        const input = { ...inputOf(shipped, words), name: `${shipped.path} ${way}` };
        box.fill(input);
        if (taken < most_ways && (await isTaken(input))) {
          inputs.push(input);
          taken += 1;
        }
      }
    }
    box.remove();
    return inputs;
  },
  mutate: (input, random) => withTarget(input, mutateText(targetOf(input), random)),
  async judge(input, box, random) {
    box.fill(input);
    const imported = await command(input, input.words!);
    box.checkFiles(...(imported === undefined ? [] : outputs));
    if (imported === undefined) return 'refused';
    if (/\bNaN\b|undefined|Infinity|\[object/.test(imported.out)) {
      throw new Fault(`it says: ${imported.out}`);
    }
    const { output: written, totals, rows: _, ...about } = JSON.parse(imported.out);
    checkFinite({ totals, about });
    if (totals !== undefined) {
      await checkTrace(input, written);
      box.write('x.yaml', trace_experiment);
      box.rename(written, trace_file);
      await runTrace(input, box, random);
    } else if (about.cxl !== undefined || about.fabric !== undefined) {
      await checkFabric(written, box, random);
    } else if (written !== undefined) checkArrivals(box.read(written));
    return 'accepted';
  },
};

async function checkFabric(written: string, box: Box, random: RandomStream): Promise<void> {
  box.write('x.yaml', fabric_experiment);
  box.write(small_function_file, smallFunction());
  box.rename(written, fabric_file);
  const loaded = await loadExperiment('x.yaml');
  checkFinite(loaded.fabric);
  await runOne(loaded, random);
}

function inputOf({ path, bytes }: Shipped, words: readonly string[]): Input {
  const text = textOf(bytes);
  const lines = text.split('\n');
  // Logs and reports end in what counts their lines: they stay whole.
  const short = lines.length > 400 ? `${lines.slice(0, most_lines).join('\n')}\n` : text;
  return { name: path, files: { [file]: new TextEncoder().encode(short) }, target: file, words };
}

async function isTaken(input: Input): Promise<boolean> {
  try {
    return (await command(input, input.words!)) !== undefined;
  } catch {
    return false;
  }
}

async function checkTrace(input: Input, written: string): Promise<void> {
  const summary = inspectTrace(written);
  checkFinite(summary);
  if (summary.totals.events === 0) throw new Fault('a trace without events');
  const json = await command(input, ['trace', 'inspect', written, '--json']);
  if (json === undefined) throw new Fault('what was imported cannot be inspected');
  const { completeness, llc_bytes } = summary.metadata;
  if (completeness !== 'all' && summary.unknown.length === 0)
    throw new Fault('all is said to be known');
  for (const { llc_misses } of summary.invocations) {
    if (llc_bytes === null && llc_misses !== null) throw new Fault(`llc_misses is ${llc_misses}`);
  }
}

/** function,from_s,to_s,invocations,duration_ms,memory_mb; the last two are empty where nobody knows. */
function checkArrivals(text: string): void {
  const rows = text.split('\n').slice(2, -1);
  for (const row of rows) {
    const cells = row.split(',');
    const [, from_s, to_s, invocations] = cells.map(Number) as [number, number, number, number];
    const [duration, memory] = cells.slice(-2) as [string, string];
    const known = (cell: string) => cell === '' || Number(cell) >= 0;
    const sound =
      cells.length === 6 &&
      to_s >= from_s &&
      Number.isInteger(invocations) &&
      invocations > 0 &&
      known(duration) &&
      known(memory);
    if (!sound) throw new Fault(`arrivals: ${row.slice(0, 300)}`);
  }
}
