/** Folders of results: edited, cut or damaged, then compared with sound ones and continued. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from '../../../sim/input/crc32.ts';
import type { RandomStream } from '../../../sim/random.ts';
import { readMeasurements } from '../../../sim/results/measurements-csv.ts';
import { command } from '../attempt.ts';
import { Box } from '../box.ts';
import { chance } from '../draw.ts';
import { bytesOf, Fault, type Input, type Kind, targetOf, textOf, withTarget } from '../input.ts';
import { mutateJson } from '../mutate-json.ts';
import { mutateText } from '../mutate-text.ts';
import { small_function_file, smallFunction } from '../small-function.ts';
import { checkFinite, checkMeasurements } from '../sound-numbers.ts';

const file = 'x.yaml';
const experiment = `question: What does a run keep?
mechanisms: [local-fork, cxlfork]
policies: [migrate-on-write]
workloads: [./${small_function_file}]
fabric: cxlfork-testbed
sweep:
  fabric.cxl.latency_ns: [200, 400]
repetitions: 2
`;
const run = ['run', file, '--out', 'out', '--json'];
const parts = ['journal.jsonl', 'measurements.csv', 'manifest.json'] as const;
/** An edit whose checksum is right cannot be told from what was measured. */
const resealed = 'resealed';

export const results: Kind = {
  name: 'results',
  async corpus() {
    const box = new Box();
    const own = { [file]: bytesOf(experiment), [small_function_file]: smallFunction() };
    const input: Input = { name: 'a run', files: own, target: file };
    box.fill(input);
    const ended = await command(input, run);
    if (ended?.code !== 0) throw new Error('the run that results are made by failed');
    const read = (name: string) => readFileSync(join(box.folder, 'out', name));
    const files = Object.fromEntries(
      ['sound', 'out'].flatMap((folder) => parts.map((name) => [`${folder}/${name}`, read(name)])),
    );
    box.remove();
    return parts.map((name) => ({
      name,
      files: { ...own, ...files },
      target: `out/${name}`,
    }));
  },
  mutate(input, random) {
    const bytes = targetOf(input);
    if (input.target.endsWith('.json') && chance(random, 0.7)) {
      return jsonOf(input, bytes, random);
    }
    if (input.target.endsWith('.jsonl') && chance(random, 0.4)) {
      return { ...withTarget(input, resealedLine(bytes, random)), words: [resealed] };
    }
    return withTarget(input, mutateText(bytes, random));
  },
  async judge(input, box) {
    box.fill(input);
    const compared = await command(input, ['compare', 'sound', 'out', '--json']);
    box.checkFiles();
    if (compared !== undefined) checkComparison(JSON.parse(compared.out), input);
    const ended = await command(input, run);
    if (ended === undefined) {
      box.checkFiles();
      return 'refused';
    }
    box.checkFiles('out');
    checkContinued(input, box);
    return 'accepted';
  },
};

function jsonOf(input: Input, bytes: Uint8Array, random: RandomStream): Input {
  try {
    const changed = mutateJson(JSON.parse(textOf(bytes)), random);
    return withTarget(input, bytesOf(`${JSON.stringify(changed, null, 2)}\n`));
  } catch {
    return withTarget(input, mutateText(bytes, random));
  }
}

/** A line of the journal with another content and the checksum of that. */
function resealedLine(bytes: Uint8Array, random: RandomStream): Uint8Array {
  const lines = textOf(bytes).split('\n');
  const at = random.integer(lines.length);
  try {
    const { crc32: _, ...entry } = JSON.parse(lines[at]!);
    const content = JSON.stringify(mutateJson(entry, random)).slice(0, -1);
    const sum = crc32(bytesOf(content)).toString(16).padStart(8, '0');
    return bytesOf(lines.with(at, `${content},"crc32":"${sum}"}`).join('\n'));
  } catch {
    return bytes;
  }
}

interface Comparison {
  readonly B: Readonly<Record<string, unknown>>;
  readonly counts: Readonly<Record<string, number>>;
}

/** Rows that say something else are not found equal. */
function checkComparison(comparison: Comparison, input: Input): void {
  checkFinite(comparison);
  const rows = (folder: string) =>
    readMeasurements(textOf(input.files[`${folder}/measurements.csv`]!))
      .rows.map((row) => JSON.stringify(row))
      .sort()
      .join('\n');
  const { counts } = comparison;
  const differing = Object.entries(counts).some(
    ([verdict, count]) => verdict !== 'equal' && count > 0,
  );
  if (rows('sound') !== rows('out') && !differing) {
    throw new Fault(`measurements were changed, and are compared as ${JSON.stringify(counts)}`);
  }
}

/** The run goes on to the same results; what was damaged is measured anew. */
function checkContinued(input: Input, box: Box): void {
  const text = box.read('out/measurements.csv');
  const { rows } = readMeasurements(text);
  checkFinite(rows);
  if (input.words?.includes(resealed)) return;
  for (const { metric, value } of rows) checkMeasurements({ [metric]: value });
  if (text !== textOf(input.files['sound/measurements.csv']!)) {
    throw new Fault('the run goes on to other measurements');
  }
}
