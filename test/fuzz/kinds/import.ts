/** What other tools recorded: every file among the fixtures and the shipped ones that some importer takes. */

import { loadExperiment } from '../../../sim/experiment/load.ts';
import { inspectTrace } from '../../../sim/trace/inspect-trace.ts';
import { command } from '../attempt.ts';
import { Box } from '../box.ts';
import { Fault, type Input, type Kind, targetOf, textOf, withTarget } from '../input.ts';
import { mutateText } from '../mutate-text.ts';
import { filesBelow, type Shipped } from '../shipped.ts';
import { checkFinite } from '../sound-numbers.ts';
import { runOne } from '../trial.ts';
import { fabric_experiment } from './fabric.ts';
import { runTrace, trace_experiment } from './trace.ts';

const file = 'input.txt';
/** The rest of a table goes the way of its first rows. */
const most_lines = 150;
const most_file_bytes = 2 ** 20;

/** Command lines to try until one takes the file as it is. */
const ways: readonly (readonly string[])[] = [
  ['trace', 'import', file, '--output', 'mine.cxltrace'],
  ['trace', 'import', file, '--output', 'mine.cxltrace', '--whole'],
  ['trace', 'import', file, '--output', 'mine.cxltrace', '--whole', '--llc-mb', '32'],
  ['trace', 'import', file, '--output', 'mine.cxltrace', '--whole', '--maps', 'maps.txt'],
  ['trace', 'import', file, '--output', 'arrivals.csv'],
  ['trace', 'import', file],
  ['fabric', 'import', file, '--output', 'mine.yaml'],
  ['fabric', 'import', file, '--output', 'mine.yaml', '--of', 'local'],
];

/** Written by the command lines above. */
const outputs = ['mine.cxltrace', 'arrivals.csv', 'mine.yaml'];

export const imports: Kind = {
  name: 'import',
  async corpus() {
    const files = [
      ...filesBelow('test/trace/import/fixtures', /\.(txt|log|csv)$/),
      ...filesBelow('traces', /\.(txt|csv)$/),
    ];
    const box = new Box();
    const inputs: Input[] = [];
    for (const shipped of files.filter(({ bytes }) => bytes.length <= most_file_bytes)) {
      for (const [way, words] of ways.entries()) {
        const input = { ...inputOf(shipped, words), name: `${shipped.path} ${way}` };
        box.fill(input);
        if (await isTaken(input)) inputs.push(input);
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
    if (/\bNaN\b|undefined|Infinity|\[object/.test(imported.out))
      throw new Fault(`it says: ${imported.out}`);
    if (input.words!.includes('mine.cxltrace')) {
      await checkTrace(input);
      box.write('x.yaml', trace_experiment);
      await runTrace({ ...input, target: 'mine.cxltrace' }, box, random);
    } else if (input.words!.includes('mine.yaml')) {
      box.write('x.yaml', fabric_experiment);
      const loaded = await loadExperiment('x.yaml');
      checkFinite(loaded.fabric);
      await runOne(loaded, random);
    } else if (input.words!.includes('arrivals.csv')) {
      checkArrivals(box.read('arrivals.csv'));
    }
    return 'accepted';
  },
};

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

async function checkTrace(input: Input): Promise<void> {
  const summary = inspectTrace('mine.cxltrace');
  checkFinite(summary);
  if (summary.totals.events === 0) throw new Fault('a trace without events');
  const json = await command(input, ['trace', 'inspect', 'mine.cxltrace', '--json']);
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
