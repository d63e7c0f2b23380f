/** Traces of requests to language models, in each format that is read, packed or not; rates of them; and tables of measured layers. */

import { gunzipSync, gzipSync } from 'node:zlib';
import { expand } from '../../../sim/experiment/expand.ts';
import { loadExperiment } from '../../../sim/experiment/load.ts';
import type { LlmWorkload } from '../../../sim/workload/llm/llm-workload.ts';
import type { Requests } from '../../../sim/workload/llm/requests.ts';
import { attempt } from '../attempt.ts';
import { chance, pick } from '../draw.ts';
import { bytesOf, Fault, type Input, type Kind, targetOf, textOf, withTarget } from '../input.ts';
import { mutateBytes } from '../mutate-bytes.ts';
import { mutateText } from '../mutate-text.ts';
import { filesBelow, filesIn } from '../shipped.ts';
import { checkFinite } from '../sound-numbers.ts';
import { runTrial } from '../trial.ts';
import { unpacked } from '../unpacked.ts';

const file = 'x.yaml';
const workload_file = 'mine.yaml';
/** The rest of a trace goes the way of its first lines. */
const most_lines = 25;
/** Of rates; more take seconds. */
const most_drawn = 3000;

const experiment = bytesOf(`question: What do requests cost?
scenario: kv-cache
mechanisms: [recompute, prefix-cache, tiered-cache, peer-cache, kv-pool]
policies: [migrate-on-access, hybrid, migrate-on-write]
workloads: [./${workload_file}]
fabric: cxlfork-testbed
`);

/** As Bailian's description has them; no file of it ships. */
const bailian = [0, 1, 2]
  .map((i) => ({
    chat_id: 159 + i,
    parent_chat_id: -1,
    timestamp: 61.114 + i,
    input_length: 30 + i,
    output_length: 7,
    type: 'text',
    turn: 1,
    hash_ids: [46, 47 + i],
  }))
  .map((each) => `${JSON.stringify(each)}\n`)
  .join('');

export const requests: Kind = {
  name: 'requests',
  async corpus() {
    const traces = filesIn('traces/llm/requests', /\.(csv|jsonl)(\.gz)?$/).map(
      ({ path, bytes }) => ({ path, text: shortened(textOfShipped(path, bytes)) }),
    );
    const [lengths] = traces.filter(({ path }) => path.includes('azure'));
    const rates = filesIn('traces/arrivals', /^.*servegen-m-small\.csv\.gz$/).map(
      ({ path, bytes }) => shortened(textOfShipped(path, bytes)),
    );
    return [
      ...[...traces, { path: 'bailian.jsonl', text: bailian }].flatMap(({ path, text }) => {
        const name = path.replace('.gz', '').endsWith('csv') ? 'mine.csv' : 'mine.jsonl';
        return [
          inputOf(path, name, { [name]: bytesOf(text) }, `requests: ${name}`),
          inputOf(path, `${name}.gz`, { [`${name}.gz`]: packed(text) }, `requests: ${name}.gz`),
        ];
      }),
      ...rates.map((text) =>
        inputOf(
          'rates',
          'rates.csv',
          { 'rates.csv': bytesOf(text), 'mine.csv': bytesOf(lengths!.text) },
          'rates: { file: rates.csv, lengths: mine.csv }\nparameters: { rates: { length_s: 1200, share: 0.0001 } }',
        ),
      ),
      ...profiles(lengths!.text),
    ];
  },
  mutate(input, random) {
    const bytes = targetOf(input);
    if (!input.target.endsWith('.gz')) return withTarget(input, mutateText(bytes, random));
    if (chance(random, 0.4)) return withTarget(input, mutateBytes(bytes, random));
    const text = unpacked(bytes);
    // What cannot be unpacked any more is not changed within.
    if (text === undefined) return withTarget(input, mutateBytes(bytes, random));
    return withTarget(input, new Uint8Array(gzipSync(mutateText(text, random))));
  },
  async judge(input, box, random) {
    box.fill(input);
    const loaded = await attempt(input, () => loadExperiment(file));
    box.checkFiles();
    if (loaded === undefined) return 'refused';
    const workload = loaded.answer.workloads[0] as LlmWorkload;
    checkFinite(workload);
    if (input.target.startsWith('mine.')) checkRead(input, workload.requests as Requests);
    await runTrial(pick(random, expand(loaded.answer)), drawn(workload) <= most_drawn);
    return 'accepted';
  },
};

function inputOf(
  name: string,
  target: string,
  files: Readonly<Record<string, Uint8Array>>,
  about: string,
): Input {
  const description = `kind: llm\ndescription: a trace\nsource: a test\n${about}\n`;
  return {
    name,
    target,
    files: { [file]: experiment, [workload_file]: bytesOf(description), ...files },
  };
}

/** A small profile, of each table of which something may go wrong. */
function profiles(lengths: string): Input[] {
  const shipped = filesBelow('traces/llm/profiles', /rtx-4090-.*\.csv(\.gz)?$/);
  const tables = Object.fromEntries(
    shipped.map(({ path, bytes }) => [
      path.replace(/^.*rtx-4090-|\.csv|\.gz/g, ''),
      sparse(textOfShipped(path, bytes)),
    ]),
  );
  const files = Object.fromEntries(
    Object.entries(tables).map(([name, text]) => [`${name}.csv`, bytesOf(text)]),
  );
  const about = `requests: mine.csv
profile: { gpu: rtx-4090, model: llama-3.1-8b, source: a test, dense: dense.csv, per_sequence: per-sequence.csv, attention: attention.csv }
parameters: { engine: { gpu: rtx-4090 } }`;
  return Object.keys(files).map((target) =>
    inputOf(target, target, { ...files, 'mine.csv': bytesOf(lengths) }, about),
  );
}

/** Rows at which all axes have one of a few values. */
function sparse(table: string): string {
  const [header, ...rows] = table.split('\n');
  const few = new Set(['0', '1', '16', '256', '2048']);
  const kept = rows.filter((row) =>
    row
      .split(',')
      .slice(0, -1)
      .every((cell) => /\D/.test(cell) || few.has(cell)),
  );
  return [header, ...kept, ''].join('\n');
}

function shortened(text: string): string {
  return `${text.split(/\r?\n/).slice(0, most_lines).join('\n')}\n`;
}

function textOfShipped(path: string, bytes: Uint8Array): string {
  return textOf(path.endsWith('.gz') ? gunzipSync(bytes) : bytes);
}

function packed(text: string): Uint8Array {
  return new Uint8Array(gzipSync(bytesOf(text)));
}

/** How many requests a trial makes, at most. */
function drawn({ requests: told }: LlmWorkload): number {
  if (told === 'agents') return Number.POSITIVE_INFINITY;
  if ('count' in told) return told.count;
  return told.steps.reduce((sum, { from_s, to_s, per_s }) => sum + (to_s - from_s) * per_s, 0);
}

/** What was read is what the text says, line by line: nothing is left out, and no number is another. */
function checkRead(input: Input, { count, input_tokens, output_tokens }: Requests): void {
  const bytes = targetOf(input);
  const text = textOf(input.target.endsWith('.gz') ? unpacked(bytes)! : bytes);
  const lines = text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .filter((line) => line.trim() !== '');
  const told = input.target.includes('jsonl') ? inJson(lines) : inTable(lines);
  if (told.length !== count) throw new Fault(`${told.length} requests are read as ${count}`);
  const read = Array.from({ length: count }, (_, i) => [input_tokens[i]!, output_tokens[i]!]);
  const sorted = (all: number[][]) =>
    all
      .map((each) => each.join())
      .sort()
      .join(' ');
  if (sorted(told) !== sorted(read)) throw new Fault(`${sorted(told)} is read as ${sorted(read)}`);
}

const at_least_one = (tokens: number) => Math.max(1, tokens);

function inJson(lines: readonly string[]): number[][] {
  return lines.map((line) => {
    const { input_length, output_length, input_chars, output_chars } = JSON.parse(line);
    if (input_length === undefined) {
      return [input_chars, output_chars].map((letters) => at_least_one(Math.ceil(letters / 4)));
    }
    return [input_length, at_least_one(output_length)];
  });
}

function inTable(lines: readonly string[]): number[][] {
  const rows = lines
    .filter((line) => !line.startsWith('#'))
    .map((line) =>
      line.split(',').map((cell) =>
        cell
          .trim()
          .replace(/^"(.*)"$/, '$1')
          .trim(),
      ),
    );
  const header = rows[0]!.map((name) => name.toLowerCase());
  const of = (names: readonly string[]) => header.findIndex((name) => names.includes(name));
  const columns = [of(['input_tokens', 'contexttokens']), of(['output_tokens', 'generatedtokens'])];
  return rows.slice(1).map((row) => columns.map((column) => at_least_one(Number(row[column]))));
}
