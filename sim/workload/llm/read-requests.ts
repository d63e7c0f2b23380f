/**
 * Requests in the formats that they are published in, told by the first line:
 *
 *     served     input_tokens,output_tokens,arrival_s,…                    what an engine served, with its times
 *     azure      TIMESTAMP,ContextTokens,GeneratedTokens                   Azure LLM inference traces, 2023 and 2024
 *     mooncake   {"timestamp", "input_length", "output_length", "hash_ids"}   Mooncake (FAST 2025), whole ms, blocks of 512 tokens
 *     bailian    the same with "chat_id"                               Alibaba's Bailian, seconds, blocks of 16 tokens
 *     agents     {"session", "call", "timestamp_ms", "input_chars", "output_chars", "hash_ids"}   blocks of 256 letters
 */

import { expected } from '../../input/expected.ts';
import { InputError } from '../../input/input-error.ts';
import type { TextLines } from '../../input/text-lines.ts';
import { ns_per_s } from '../../units.ts';
import { hasColumns, Table } from '../arrivals/table.ts';
import { BlockChains, BlockNames, columnOf } from './block-names.ts';
import { type Instant, instantOf } from './instant.ts';
import {
  longest_s,
  most_requests,
  type OneRequest,
  type Requests,
  requestsOf,
} from './requests.ts';

/** Longer than any model reads, or writes. */
const most_tokens = 2 ** 24;
const ns_per_ms = 1e6;

interface Format {
  readonly name: string;
  recognises(head: string): boolean;
  read(lines: TextLines): Requests;
}

const served_columns = ['input_tokens', 'output_tokens', 'arrival_s'];
const azure_columns = ['TIMESTAMP', 'ContextTokens', 'GeneratedTokens'];

const formats: readonly Format[] = [
  {
    name: `a table with ${served_columns.join(', ')}`,
    recognises: (head) => hasColumns(head, served_columns),
    read(lines) {
      const table = new Table(lines, served_columns);
      return inTable(table, 'arrival_s', () => ({
        arrival_ns: Math.round(needed(table, 'arrival_s', 0, longest_s) * ns_per_s),
        input_tokens: wholeIn(table, 'input_tokens', 1),
        output_tokens: wholeIn(table, 'output_tokens', 1),
      }));
    },
  },
  {
    name: `a table with ${azure_columns.join(', ')}`,
    recognises: (head) => hasColumns(head, azure_columns),
    read(lines) {
      const table = new Table(lines, azure_columns);
      let first: Instant | undefined;
      return inTable(table, 'TIMESTAMP', () => {
        const at = instantIn(table);
        first ??= at;
        if (at.s - first.s > longest_s)
          table.refuse('TIMESTAMP', `expected at most ${longest_s} s after the first`);
        return {
          arrival_ns: (at.s - first.s) * ns_per_s + at.ns - first.ns,
          input_tokens: Math.max(1, wholeIn(table, 'ContextTokens', 0)),
          output_tokens: Math.max(1, wholeIn(table, 'GeneratedTokens', 0)),
        };
      });
    },
  },
  {
    name: 'JSON lines with hash_ids, input_length and chat_id (Bailian)',
    recognises: (head) => isOfJson(head, 'input_length', 'chat_id'),
    // Not known to name all that precedes a block.
    read: (lines) => inBlocks(lines, new BlockNames(lines, bailian_tokens, 'tokens'), ns_per_s),
  },
  {
    name: 'JSON lines with hash_ids and input_length (Mooncake)',
    recognises: (head) => isOfJson(head, 'input_length'),
    read: (lines) => inBlocks(lines, new BlockChains(lines, mooncake_tokens, 'tokens'), ns_per_ms),
  },
  {
    name: 'JSON lines with hash_ids and input_chars (agent calls)',
    recognises: (head) => isOfJson(head, 'input_chars'),
    read(lines) {
      const blocks = new BlockChains(lines, agent_letters, 'letters');
      const calls = jsonLines(
        lines,
        (record, json) => {
          const input_chars = json.whole('input_chars', most_tokens);
          return {
            arrival_ns: Math.round(json.number('timestamp_ms', longest_s * 1000) * ns_per_ms),
            input_tokens: Math.max(1, Math.ceil(input_chars / letters_per_token)),
            output_tokens: Math.max(
              1,
              Math.ceil(json.whole('output_chars', most_tokens) / letters_per_token),
            ),
            identities: blocks.read(record, input_chars),
          };
        },
        'any order',
      );
      return requestsOf(
        calls.sort((a, b) => a.arrival_ns - b.arrival_ns),
        agent_letters / letters_per_token,
      );
    },
  },
];

/** Mooncake's blocks. */
const mooncake_tokens = 512;
const bailian_tokens = 16;
/** Blocks of the agent traces, and what English and code have of letters in a token: 3.5 to 4.5. */
const agent_letters = 256;
const letters_per_token = 4;

export function readRequests(lines: TextLines): Requests {
  const head = lines.head();
  const format = formats.find(({ recognises }) => recognises(head));
  if (format === undefined) {
    const right = expected(formats.map(({ name }) => name).join(', or '));
    throw new InputError({ file: lines.file, line: 1, column: 1 }, 'no format of requests', right);
  }
  return format.read(lines);
}

function isOfJson(head: string, ...keys: readonly string[]): boolean {
  const line = head.split('\n', 1)[0]!;
  return /^\s*\{/.test(head) && keys.every((key) => line.includes(`"${key}"`));
}

/** Requests that name the blocks of their prompts. */
function inBlocks(lines: TextLines, blocks: BlockNames, ns_per_unit: number): Requests {
  const all = jsonLines(lines, (record, json) => {
    const input_tokens = json.whole('input_length', most_tokens, 1);
    const longest = (longest_s * ns_per_s) / ns_per_unit;
    // Mooncake's are whole milliseconds: others are of another unit, most likely seconds.
    const told =
      ns_per_unit === ns_per_ms
        ? json.whole('timestamp', longest)
        : json.number('timestamp', longest);
    return {
      arrival_ns: Math.round(told * ns_per_unit),
      input_tokens,
      output_tokens: Math.max(1, json.whole('output_length', most_tokens)),
      identities: blocks.read(record, input_tokens),
    };
  });
  return requestsOf(all, blocks.size);
}

function inTable(table: Table, time: string, read: () => OneRequest): Requests {
  const all: OneRequest[] = [];
  while (table.next()) add(all, read(), table.lines, table.column(time));
  return requestsOf(all);
}

function add(
  all: OneRequest[],
  each: OneRequest,
  lines: TextLines,
  column: number,
  order = 'in time',
): void {
  const before_ns = all.at(-1)?.arrival_ns ?? 0;
  if (order === 'in time' && each.arrival_ns < before_ns) {
    const what = `this request comes ${(before_ns - each.arrival_ns) / ns_per_ms} ms before the one above`;
    lines.fail(column, what, 'expected times that do not decrease');
  }
  if (all.length === most_requests)
    lines.fail(1, `more than ${most_requests} requests`, 'expected fewer');
  all.push(each);
}

function needed(table: Table, column: string, least: number, most: number): number {
  return table.number(column, least, most);
}

/** Nobody reads or writes a part of a token. */
function wholeIn(table: Table, column: string, least: number): number {
  const value = needed(table, column, least, most_tokens);
  if (Number.isInteger(value)) return value;
  return table.refuse(column, 'expected a whole number');
}

function instantIn(table: Table): Instant {
  return (
    instantOf(table.text('TIMESTAMP')) ??
    table.refuse('TIMESTAMP', 'expected one as 2023-11-16 18:17:03.97')
  );
}

interface NumbersOfLine {
  number(key: string, most: number, least?: number): number;
  whole(key: string, most: number, least?: number): number;
}

function jsonLines(
  lines: TextLines,
  read: (record: Readonly<Record<string, unknown>>, json: NumbersOfLine) => OneRequest,
  order?: string,
): OneRequest[] {
  const all: OneRequest[] = [];
  while (lines.next()) {
    const text = lines.text();
    if (text.trim() === '') continue;
    const record = recordIn(lines, text);
    const numberOf = (key: string, most: number, least: number, is_whole: boolean) => {
      const value = record[key];
      const fits = typeof value === 'number' && value >= least && value <= most;
      if (fits && (!is_whole || Number.isInteger(value))) return value;
      return lines.fail(
        columnOf(text, key),
        `${key} is ${JSON.stringify(value) ?? 'missing'}`,
        `expected a ${is_whole ? 'whole number' : 'number'} from ${least} to ${most}`,
      );
    };
    const json: NumbersOfLine = {
      number: (key, most, least = 0) => numberOf(key, most, least, false),
      whole: (key, most, least = 0) => numberOf(key, most, least, true),
    };
    add(all, read(record, json), lines, columnOf(text, 'timestamp'), order);
  }
  if (all.length === 0) lines.fail(1, 'is empty', 'expected one request or more');
  return all;
}

function recordIn(lines: TextLines, text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    const is_record = typeof value === 'object' && value !== null && !Array.isArray(value);
    if (is_record) {
      checkOnce(lines, text, value);
      return value as Record<string, unknown>;
    }
  } catch (error) {
    if (error instanceof InputError) throw error;
  }
  return lines.fail(1, 'not a JSON object', 'expected one in each line');
}

/** Of a key that stands twice, JSON takes the last, and says nothing. */
function checkOnce(lines: TextLines, text: string, record: object): void {
  for (const key of Object.keys(record)) {
    const name = `"${key}"`;
    const first = text.indexOf(name);
    const again = text.slice(first + name.length).search(new RegExp(`${escaped(name)}\\s*:`));
    if (first === -1 || again === -1) continue;
    lines.fail(first + name.length + again + 1, `${key} stands twice`, 'expected it once');
  }
}

function escaped(text: string): string {
  return text.replace(/[$()*+.?[\\\]^{|}]/g, '\\$&');
}
