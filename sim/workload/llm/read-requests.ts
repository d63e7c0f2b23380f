/**
 * Requests in the formats that they are published in, told by the first line:
 *
 *     served     input_tokens,output_tokens,arrival_s,…                    what an engine served, with its times
 *     azure      TIMESTAMP,ContextTokens,GeneratedTokens                   Azure LLM inference traces, 2023 and 2024
 *     mooncake   {"timestamp", "input_length", "output_length", "hash_ids"}   Mooncake (FAST 2025), blocks of 512 tokens
 *     agents     {"session", "call", "timestamp_ms", "input_chars", "output_chars", "hash_ids"}   blocks of 256 letters
 */

import { expected } from '../../input/expected.ts';
import { InputError } from '../../input/input-error.ts';
import type { TextLines } from '../../input/text-lines.ts';
import { ns_per_s } from '../../units.ts';
import { hasColumns, Table } from '../arrivals/table.ts';
import { type OneRequest, type Requests, requestsOf } from './requests.ts';

/** Longer than any model reads, or writes. */
const most_tokens = 2 ** 24;
const most_requests = 5_000_000;
const longest_s = 1e8;
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
      return inTable(table, () => ({
        arrival_ns: Math.round(needed(table, 'arrival_s', 0, longest_s, 'any') * ns_per_s),
        input_tokens: needed(table, 'input_tokens', 1, most_tokens),
        output_tokens: needed(table, 'output_tokens', 1, most_tokens),
      }));
    },
  },
  {
    name: `a table with ${azure_columns.join(', ')}`,
    recognises: (head) => hasColumns(head, azure_columns),
    read(lines) {
      const table = new Table(lines, azure_columns);
      let first_ns: number | undefined;
      return inTable(table, () => {
        const at_ns = instant_ns(table);
        first_ns ??= at_ns;
        return {
          arrival_ns: at_ns - first_ns,
          input_tokens: Math.max(1, needed(table, 'ContextTokens', 0, most_tokens)),
          output_tokens: Math.max(1, needed(table, 'GeneratedTokens', 0, most_tokens)),
        };
      });
    },
  },
  {
    name: 'JSON lines with hash_ids and input_length (Mooncake)',
    recognises: (head) => /^\s*\{/.test(head) && firstLine(head).includes('"input_length"'),
    read(lines) {
      const chains = new BlockChains(lines);
      const all = jsonLines(lines, (record, number) => {
        const input_tokens = number('input_length', most_tokens, 1);
        return {
          arrival_ns: Math.round(number('timestamp', longest_s * 1000, 0, 'any') * ns_per_ms),
          input_tokens,
          output_tokens: Math.max(1, number('output_length', most_tokens)),
          identities: chains.read(record, Math.ceil(input_tokens / mooncake_tokens)),
        };
      });
      return requestsOf(all, mooncake_tokens);
    },
  },
  {
    name: 'JSON lines with hash_ids and input_chars (agent calls)',
    recognises: (head) => /^\s*\{/.test(head) && firstLine(head).includes('"input_chars"'),
    read(lines) {
      const chains = new BlockChains(lines);
      const tokensOf = (letters: number) => Math.max(1, Math.ceil(letters / letters_per_token));
      const calls = jsonLines(
        lines,
        (record, number) => {
          const input_chars = number('input_chars', most_tokens);
          return {
            arrival_ns: Math.round(number('timestamp_ms', longest_s * 1000, 0, 'any') * ns_per_ms),
            input_tokens: tokensOf(input_chars),
            output_tokens: tokensOf(number('output_chars', most_tokens)),
            // Those that are full.
            identities: chains.read(record, Math.floor(input_chars / agent_letters)),
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
/** Blocks of the agent traces, and what English and code have of letters in a token: 3.5 to 4.5. */
const agent_letters = 256;
const letters_per_token = 4;

export function readRequests(lines: TextLines): Requests {
  const head = lines.head();
  const format = formats.find(({ recognises }) => recognises(head));
  if (format === undefined) {
    const right = expected(formats.map(({ name }) => name).join(', or '));
    throw new InputError({ file: lines.file, line: 1 }, 'no format of requests', right);
  }
  return format.read(lines);
}

function firstLine(head: string): string {
  return head.split('\n', 1)[0]!;
}

function inTable(table: Table, read: () => OneRequest): Requests {
  const all: OneRequest[] = [];
  while (table.next()) add(all, read(), table.lines);
  return requestsOf(all);
}

function add(all: OneRequest[], each: OneRequest, lines: TextLines, order = 'in time'): void {
  const before_ns = all.at(-1)?.arrival_ns ?? 0;
  if (order === 'in time' && each.arrival_ns < before_ns) {
    const what = `this request comes ${(before_ns - each.arrival_ns) / ns_per_ms} ms before the one above`;
    lines.fail(1, what, 'expected times that do not decrease');
  }
  if (all.length === most_requests)
    lines.fail(1, `more than ${most_requests} requests`, 'expected fewer');
  all.push(each);
}

function needed(
  table: Table,
  column: string,
  least: number,
  most: number,
  kind: 'whole' | 'any' = 'whole',
): number {
  const value = table.known(column, least, most);
  if (value !== undefined && (kind === 'any' || Number.isInteger(value))) return value;
  return table.lines.fail(
    1,
    `${column} is no ${kind === 'any' ? '' : 'whole '}number from ${least} to ${most}`,
    'expected one in each row',
  );
}

/** `2023-11-16 18:17:03.9799600`: the language's own dates stop at milliseconds. */
function instant_ns(table: Table): number {
  const text = table.text('TIMESTAMP');
  const parts = /^(\d{4})-(\d\d)-(\d\d)[ T](\d\d):(\d\d):(\d\d(?:\.\d+)?)(?:Z|\+00:00)?$/.exec(
    text,
  );
  if (parts === null) {
    return table.lines.fail(1, `TIMESTAMP is ${text}`, 'expected one as 2023-11-16 18:17:03.97');
  }
  const [year, month, day, hour, minute, second] = parts.slice(1).map(Number) as number[];
  const days = daysBefore(year!, month!) + day!;
  return Math.round((((days * 24 + hour!) * 60 + minute!) * 60 + second!) * ns_per_s);
}

/** From 2000 on. */
function daysBefore(year: number, month: number): number {
  const lengths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
  const is_leap = (each: number) => (each % 4 === 0 && each % 100 !== 0) || each % 400 === 0;
  let days = 0;
  for (let each = 2000; each < year; each += 1) days += is_leap(each) ? 366 : 365;
  for (let each = 1; each < month; each += 1)
    days += lengths[each - 1]! + Number(each === 2 && is_leap(year));
  return days;
}

type NumberIn = (key: string, most: number, least?: number, kind?: 'whole' | 'any') => number;

function jsonLines(
  lines: TextLines,
  read: (record: Readonly<Record<string, unknown>>, number: NumberIn) => OneRequest,
  order?: string,
): OneRequest[] {
  const all: OneRequest[] = [];
  while (lines.next()) {
    const text = lines.text();
    if (text.trim() === '') continue;
    const record = recordIn(lines, text);
    const number: NumberIn = (key, most, least = 0, kind = 'whole') => {
      const value = record[key];
      const is_right =
        typeof value === 'number' &&
        value >= least &&
        value <= most &&
        (kind === 'any' || Number.isInteger(value));
      if (is_right) return value;
      return lines.fail(
        1,
        `${key} is ${JSON.stringify(value) ?? 'missing'}`,
        `expected a ${kind === 'any' ? '' : 'whole '}number from ${least} to ${most}`,
      );
    };
    add(all, read(record, number), lines, order);
  }
  if (all.length === 0) lines.fail(1, 'is empty', 'expected one request or more');
  return all;
}

function recordIn(lines: TextLines, text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  } catch {}
  return lines.fail(1, 'not a JSON object', 'expected one in each line');
}

const most_identity = 2 ** 32;

/** Identities of blocks: each tells all that precedes it, and so always comes behind the same. */
class BlockChains {
  readonly #lines: TextLines;
  /** What each comes behind; -1 is nothing. */
  readonly #before = new Map<number, number>();

  constructor(lines: TextLines) {
    this.#lines = lines;
  }

  /** Those of the request in this line, which has so many. */
  read({ hash_ids }: Readonly<Record<string, unknown>>, count: number): number[] {
    const lines = this.#lines;
    if (!Array.isArray(hash_ids))
      return lines.fail(1, 'hash_ids is no list', 'expected one of numbers');
    if (hash_ids.length !== count) {
      return lines.fail(
        1,
        `hash_ids has ${hash_ids.length} blocks`,
        `expected ${count}, as the length of the prompt has it`,
      );
    }
    let before = -1;
    for (const each of hash_ids as unknown[]) {
      if (
        !Number.isSafeInteger(each) ||
        (each as number) < 0 ||
        (each as number) >= most_identity
      ) {
        return lines.fail(
          1,
          `hash_ids has ${JSON.stringify(each)}`,
          `expected whole numbers below ${most_identity}`,
        );
      }
      this.#check(each as number, before);
      before = each as number;
    }
    return hash_ids as number[];
  }

  #check(identity: number, before: number): void {
    const known = this.#before.get(identity);
    if (known === undefined) this.#before.set(identity, before);
    else if (known !== before) {
      const where = (other: number) => (other === -1 ? 'at the beginning' : `behind ${other}`);
      this.#lines.fail(
        1,
        `block ${identity} stands ${where(before)} here`,
        `expected it ${where(known)}, as in a line above: a block tells all that precedes it`,
      );
    }
  }
}
