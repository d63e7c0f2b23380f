/**
 * Reads a recorded page-access trace: a CSV with one row per touched page, in first-touch order, and
 * the cache misses in program order, as little-endian 32-bit words:
 *
 *     31                                   2   1   0
 *     ├── row of the page in the CSV ───────┤ fetch write
 *
 * The two files check one another: each page must be missed as often as its row says, so a file that
 * was cut short, even between two words, does not pass.
 */

import { MalformedFile } from '../fabric/malformed-file.ts';
import type { RecordedPages, RecordedTrace } from '../workload.ts';
import type { RecordedDescription } from './recorded-description.ts';

const columns = [
  'page_idx',
  'region',
  'first_touch_instr',
  'loads',
  'stores',
  'ifetches',
  'llc_miss_read',
  'llc_miss_write',
  'llc_writebacks',
] as const;

/** A page's row must fit the 30 bits of a record. */
const page_limit = 2 ** 30;

export interface RecordedSource {
  readonly name: string;
  readonly description: RecordedDescription;
  readonly pages_csv: string;
  /** The misses, no longer compressed. */
  readonly miss_bytes: Uint8Array;
}

export function readRecorded(source: RecordedSource): RecordedTrace {
  const { name, description, pages_csv, miss_bytes } = source;
  const table = readPages(pages_csv, description.pages);
  const misses = readMisses(miss_bytes, description.misses, table.pages.count);
  checkCounts(table, misses, description);
  if (description.instructions < table.last_first_touch) {
    throw new MalformedFile(
      description.pages,
      { line: table.pages.count + 1 },
      `the last page is first touched at instruction ${table.last_first_touch}, after the end`,
      `at most ${description.instructions}, the instructions of the run, would be right`,
    );
  }
  return {
    kind: 'recorded',
    name,
    description: description.description,
    source: description.source,
    caveat: description.caveat,
    assumed: description.assumed as RecordedTrace['assumed'],
    pages: table.pages,
    misses,
    instructions: description.instructions,
    instructions_per_ns: description.instructions_per_ns,
  };
}

interface PageTable {
  readonly pages: RecordedPages;
  /** Misses of each page by loads and fetches, and by stores. */
  readonly read_misses: Float64Array;
  readonly write_misses: Float64Array;
  readonly last_first_touch: number;
}

export function readPages(csv: string, file: string): PageTable {
  const lines = csv.split('\n');
  const header = columns.join(',');
  if (lines[0] !== header) {
    throw new MalformedFile(
      file,
      { line: 1 },
      `the header is ${csv === '' ? 'missing' : JSON.stringify(shortened(lines[0]!))}`,
      lines[0]?.endsWith('\r')
        ? 'lines that end in LF, not CRLF, would be right'
        : `${header} would be right`,
    );
  }
  if (lines.pop() !== '') {
    throw new MalformedFile(
      file,
      { line: lines.length + 1 },
      'the last line has no end, so the file may be cut short',
      'a line feed at its end would be right',
    );
  }
  const count = lines.length - 1;
  if (count === 0) {
    throw new MalformedFile(file, { line: 1 }, 'no page', 'one row a page would be right');
  }
  const region_names: string[] = [];
  const region = new Uint8Array(count);
  const numbers = new Float64Array(columns.length);
  const loads = new Float64Array(count);
  const stores = new Float64Array(count);
  const instruction_fetches = new Float64Array(count);
  const read_misses = new Float64Array(count);
  const write_misses = new Float64Array(count);
  let last_first_touch = 0;

  for (let page = 0; page < count; page += 1) {
    const line = page + 2;
    const cells = lines[page + 1]!.split(',');
    if (cells.length !== columns.length) {
      throw new MalformedFile(
        file,
        { line },
        `${cells.length} cells in ${JSON.stringify(shortened(lines[page + 1]!))}`,
        `${columns.length}, as in the header, would be right`,
      );
    }
    for (let column = 0; column < columns.length; column += 1) {
      if (columns[column] !== 'region') numbers[column] = countOf(cells, column, file, line);
    }
    if (numbers[0] !== page) {
      throw new MalformedFile(
        file,
        { line },
        `page_idx is ${cells[0]}`,
        `${page} would be right: rows count up from 0`,
      );
    }
    if (numbers[2]! < last_first_touch) {
      throw new MalformedFile(
        file,
        { line },
        `first_touch_instr is ${cells[2]}, before the row above`,
        `${last_first_touch} or more would be right: pages stand in first-touch order`,
      );
    }
    last_first_touch = numbers[2]!;
    region[page] = regionIndex(region_names, cells[1]!, file, line);
    loads[page] = numbers[3]!;
    stores[page] = numbers[4]!;
    instruction_fetches[page] = numbers[5]!;
    read_misses[page] = numbers[6]!;
    write_misses[page] = numbers[7]!;
  }
  return {
    pages: { count, region, region_names, loads, stores, instruction_fetches },
    read_misses,
    write_misses,
    last_first_touch,
  };
}

function countOf(cells: readonly string[], column: number, file: string, line: number): number {
  const cell = cells[column]!;
  const value = Number(cell);
  if (/^\d+$/.test(cell) && Number.isSafeInteger(value)) return value;
  throw new MalformedFile(
    file,
    { line },
    `${columns[column]} is ${JSON.stringify(shortened(cell))}`,
    'a whole number of at least 0 would be right',
  );
}

function regionIndex(names: string[], name: string, file: string, line: number): number {
  const known = names.indexOf(name);
  if (known >= 0) return known;
  if (!/^[a-z][a-z0-9_]*$/.test(name)) {
    throw new MalformedFile(
      file,
      { line },
      `region is ${JSON.stringify(shortened(name))}`,
      'a name of lower-case letters, digits and _ would be right',
    );
  }
  if (names.length === 256) {
    throw new MalformedFile(
      file,
      { line },
      `${name} is the 257th region`,
      'at most 256 would be right',
    );
  }
  return names.push(name) - 1;
}

export function readMisses(bytes: Uint8Array, file: string, page_count: number): Uint32Array {
  if (bytes.length % 4 !== 0) {
    throw new MalformedFile(
      file,
      { byte: bytes.length - (bytes.length % 4) },
      `the file ends within a record, after ${bytes.length} bytes`,
      'records of 4 bytes would be right',
    );
  }
  if (bytes.length === 0) {
    throw new MalformedFile(file, { byte: 0 }, 'no record', 'one record a miss would be right');
  }
  const misses = wordsOf(bytes);
  const limit = Math.min(page_count, page_limit) * 4;
  for (let index = 0; index < misses.length; index += 1) {
    const record = misses[index]!;
    if (record < limit && (record & 3) !== 3) continue;
    throw new MalformedFile(
      file,
      { byte: 4 * index },
      record >= limit
        ? `a miss on page ${record >>> 2}`
        : `a miss on page ${record >>> 2} that fetches an instruction and writes`,
      record >= limit
        ? `0 to ${page_count - 1} would be right: the pages file has ${page_count} pages`
        : 'one of the two would be right',
    );
  }
  return misses;
}

/** Little-endian words, on a machine of either byte order. */
function wordsOf(bytes: Uint8Array): Uint32Array {
  const words = new Uint32Array(bytes.length / 4);
  if (new Uint8Array(new Uint32Array([1]).buffer)[0] === 1) {
    new Uint8Array(words.buffer).set(bytes);
    return words;
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let index = 0; index < words.length; index += 1)
    words[index] = view.getUint32(4 * index, true);
  return words;
}

function checkCounts(table: PageTable, misses: Uint32Array, files: RecordedDescription): void {
  const { count } = table.pages;
  // By page and write bit: reads at even places, writes at odd ones.
  const found = new Uint32Array(2 * count);
  for (const record of misses) {
    const place = ((record >>> 2) << 1) | (record & 1);
    found[place] = found[place]! + 1;
  }
  for (let page = 0; page < count; page += 1) {
    for (const [write, name, expected] of [
      [0, 'llc_miss_read', table.read_misses[page]!],
      [1, 'llc_miss_write', table.write_misses[page]!],
    ] as const) {
      if (found[2 * page + write] === expected) continue;
      throw new MalformedFile(
        files.pages,
        { line: page + 2 },
        `${name} is ${expected}, but ${files.misses} has ${found[2 * page + write]} such records ` +
          'of that page',
        'two files of the same recording, neither of them cut short, would be right',
      );
    }
  }
}

function shortened(text: string): string {
  return text.length <= 40 ? text : `${text.slice(0, 40)}…`;
}
