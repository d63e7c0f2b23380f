import assert from 'node:assert/strict';
import fc from 'fast-check';
import { MalformedFile } from '../../sim/fabric/malformed-file.ts';
import { readMisses, readPages, readRecorded } from '../../sim/workload/read-recorded.ts';
import {
  type RecordedDescription,
  recordedSchema,
} from '../../sim/workload/recorded-description.ts';

const header =
  'page_idx,region,first_touch_instr,loads,stores,ifetches,llc_miss_read,llc_miss_write,llc_writebacks';
const rows = ['0,other,1,0,0,68,2,0,0', '1,stack,2,9,8,0,1,2,1', '2,mmap,2,5,0,0,1,0,0'];
const csv = `${header}\n${rows.join('\n')}\n`;
/** Page 0 twice by fetches, page 1 by a load and two stores, page 2 by a load. */
const records = [0b0010, 0b0010, 0b0100, 0b0101, 0b0101, 0b1000];

const description: RecordedDescription = recordedSchema.parse({
  kind: 'recorded',
  description: 'three pages',
  source: 'made up for tests',
  caveat: 'none',
  pages: 'three.pages.csv',
  misses: 'three.miss.gz',
  sha256: { pages: '0'.repeat(64), misses: '0'.repeat(64) },
  instructions: 100,
  instructions_per_ns: 2,
});

function bytesOf(words: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(4 * words.length);
  const view = new DataView(bytes.buffer);
  words.forEach((word, index) => {
    view.setUint32(4 * index, word, true);
  });
  return bytes;
}

const read = (pages_csv: string, miss_bytes: Uint8Array, changed = {}) =>
  readRecorded({
    name: 'three',
    description: { ...description, ...changed },
    pages_csv,
    miss_bytes,
  });

/** The line with which the files are refused. */
function refusal(pages_csv: string, miss_bytes: Uint8Array, changed = {}): string {
  try {
    read(pages_csv, miss_bytes, changed);
  } catch (error) {
    assert.ok(error instanceof MalformedFile, String(error));
    assert.ok(!error.message.includes('\n'));
    return error.message;
  }
  return assert.fail('the files were accepted');
}

const withRow = (row: string) => `${header}\n${[...rows.slice(0, 2), row].join('\n')}\n`;

describe('recorded trace', () => {
  it('is its pages in first-touch order and its misses as they stand', () => {
    const trace = read(csv, bytesOf(records));
    assert.deepEqual([...trace.misses], records);
    assert.deepEqual(trace.pages.region_names, ['other', 'stack', 'mmap']);
    assert.deepEqual([...trace.pages.region], [0, 1, 2]);
    assert.deepEqual([...trace.pages.loads], [0, 9, 5]);
    assert.deepEqual([...trace.pages.stores], [0, 8, 0]);
    assert.deepEqual([...trace.pages.instruction_fetches], [68, 0, 0]);
    assert.deepEqual([trace.pages.count, trace.instructions, trace.name], [3, 100, 'three']);
  });

  it('reads bytes that start anywhere in a buffer', () => {
    const padded = new Uint8Array([7, ...bytesOf(records)]).subarray(1);
    assert.deepEqual([...read(csv, padded).misses], records);
  });

  it('is refused when the misses are cut short, within a record or between two', () => {
    const bytes = bytesOf(records);
    assert.equal(
      refusal(csv, bytes.subarray(0, 22)),
      'three.miss.gz:byte 20: the file ends within a record, after 22 bytes; records of 4 bytes ' +
        'would be right',
    );
    assert.equal(
      refusal(csv, bytes.subarray(0, 20)),
      'three.pages.csv:4: llc_miss_read is 1, but three.miss.gz has 0 such records of that page; ' +
        'two files of the same recording, neither of them cut short, would be right',
    );
    assert.match(refusal(csv, bytes.subarray(0, 0)), /^three\.miss\.gz:byte 0: no record;/);
  });

  it('is refused for records of no page and of no kind, at their byte', () => {
    assert.equal(
      refusal(csv, bytesOf([...records, 12])),
      'three.miss.gz:byte 24: a miss on page 3; 0 to 2 would be right: the pages file has 3 pages',
    );
    assert.match(refusal(csv, bytesOf([0xffffffff])), /byte 0: a miss on page 1073741823;/);
    assert.match(refusal(csv, bytesOf([2, 7])), /byte 4: a miss on page 1 that fetches .* writes;/);
  });

  it('is refused for a pages file that is empty, cut short or ends lines otherwise', () => {
    const bytes = bytesOf(records);
    assert.match(
      refusal('', bytes),
      /^three\.pages\.csv:1: the header is missing; page_idx,region/,
    );
    assert.match(refusal(`${header}\n`, bytes), /^three\.pages\.csv:1: no page;/);
    assert.match(refusal(header, bytes), /^three\.pages\.csv:1: the last line has no end/);
    assert.match(
      refusal(csv.slice(0, -1), bytes),
      /^three\.pages\.csv:4: the last line has no end/,
    );
    assert.match(
      refusal(csv.replaceAll('\n', '\r\n'), bytes),
      /^three\.pages\.csv:1: the header is .*; lines that end in LF, not CRLF, would be right$/,
    );
    assert.match(refusal('\u0000\u0001garbage', bytes), /^three\.pages\.csv:1: the header is "/);
    assert.match(
      refusal(`page,region\n${rows[0]}\n`, bytes),
      /:1: the header is "page,region"; page_idx,/,
    );
  });

  it('is refused for a row that is wrong, at its line', () => {
    const bytes = bytesOf(records);
    const refused = (row: string) => refusal(withRow(row), bytes);
    assert.match(refused('2,mmap,2,5,0,0,1,0'), /^three\.pages\.csv:4: 8 cells in "2,mmap/);
    assert.match(refused(''), /^three\.pages\.csv:4: 1 cells in ""; 9, as in the header,/);
    assert.match(
      refused('3,mmap,2,5,0,0,1,0,0'),
      /:4: page_idx is 3; 2 would be right: rows count/,
    );
    assert.match(
      refused('2,mmap,1,5,0,0,1,0,0'),
      /:4: first_touch_instr is 1, before the row above/,
    );
    assert.match(
      refused('2,mmap,2,-5,0,0,1,0,0'),
      /:4: loads is "-5"; a whole number of at least 0/,
    );
    assert.match(refused('2,mmap,2,5,1e3,0,1,0,0'), /:4: stores is "1e3"/);
    assert.match(refused('2,mmap,2,5,0,,1,0,0'), /:4: ifetches is ""/);
    assert.match(refused('2,,2,5,0,0,1,0,0'), /:4: region is ""; a name of lower-case/);
    assert.match(refused('2,mmap,2,5,0,0,1,0,99999999999999999999'), /:4: llc_writebacks is "9999/);
    assert.match(
      refused('2,mmap,2,5,0,0,1,1,0'),
      /:4: llc_miss_write is 1, but three.miss.gz has 0/,
    );
    assert.match(
      refusal(csv, bytes, { instructions: 1 }),
      /^three\.pages\.csv:4: the last page is first touched at instruction 2, after the end; at most 1,/,
    );
  });

  it('survives any single wrong byte or refuses it with one line', () => {
    const bytes = bytesOf(records);
    const place = fc.nat({ max: 10_000 });
    const byte = fc.integer({ min: 0, max: 255 });
    fc.assert(
      fc.property(place, byte, fc.boolean(), (at, wrong, in_pages) => {
        const pages = new TextEncoder().encode(csv);
        const misses = bytes.slice();
        const damaged = in_pages ? pages : misses;
        damaged[at % damaged.length] = wrong;
        try {
          const trace = read(new TextDecoder().decode(pages), misses);
          assert.ok(trace.misses.every((miss) => miss >>> 2 < trace.pages.count));
        } catch (error) {
          assert.ok(error instanceof MalformedFile, String(error));
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('is read or refused, whatever stands in the files', () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.boolean(),
        fc.uint8Array(),
        fc.nat(8),
        (rest, headed, bytes, n) => {
          const text = headed ? `${header}\n${rest}` : rest;
          for (const attempt of [() => readPages(text, 'f'), () => readMisses(bytes, 'f', n)]) {
            try {
              attempt();
            } catch (error) {
              assert.ok(error instanceof MalformedFile, String(error));
            }
          }
        },
      ),
    );
  });

  it('returns any recording that two consistent files describe', () => {
    const miss = fc.record({ page: fc.nat(9), kind: fc.constantFrom(0, 1, 2) });
    fc.assert(
      fc.property(fc.array(miss, { minLength: 1, maxLength: 200 }), (misses) => {
        const words = misses.map(({ page, kind }) => page * 4 + kind);
        const lines = Array.from({ length: 10 }, (_, page) => {
          const of = (write: boolean) =>
            misses.filter((each) => each.page === page && (each.kind === 1) === write).length;
          return `${page},r,${page},1,${of(true)},0,${of(false)},${of(true)},0`;
        });
        const trace = read(`${header}\n${lines.join('\n')}\n`, bytesOf(words));
        assert.deepEqual([...trace.misses], words);
      }),
    );
  });
});

describe('description of a recorded trace', () => {
  it('refuses what it does not know, and numbers that cannot be', () => {
    const issues = (change: object) =>
      recordedSchema
        .safeParse({ ...description, ...change })
        .error?.issues.map((issue) => issue.path.join('.') || issue.code);
    assert.equal(issues({}), undefined);
    assert.deepEqual(issues({ speed: 1 }), ['unrecognized_keys']);
    assert.deepEqual(issues({ instructions: 0 }), ['instructions']);
    assert.deepEqual(issues({ instructions: 1.5 }), ['instructions']);
    assert.deepEqual(issues({ instructions_per_ns: 0 }), ['instructions_per_ns']);
    assert.deepEqual(issues({ sha256: { pages: 'x', misses: '0'.repeat(64) } }), ['sha256.pages']);
    assert.deepEqual(issues({ caveat: '' }), ['caveat']);
    assert.deepEqual(issues({ kind: 'profile' }), ['kind']);
  });
});
