import assert from 'node:assert/strict';
import fc from 'fast-check';
import { readRows } from '../../../sim/fabric/read-curves.ts';
import { readMlc } from '../../../sim/fabric/read-mlc.ts';
import { parseDocument } from '../../../sim/input/document.ts';
import { InputError } from '../../../sim/input/input-error.ts';
import { arrivalsImporters } from '../../../sim/recording/import/arrivals/registry.ts';
import { MemoryMap } from '../../../sim/recording/import/memory-map.ts';
import { importers } from '../../../sim/recording/import/registry.ts';
import { fixture, linesOf, shipped, textSource } from './text-source.ts';

/** Events of a damaged file that are looked at: a digit more may make a region of millions of pages. */
const most_events = 200_000;

type Damage = (bytes: Uint8Array) => Uint8Array;

const place = fc.double({ min: 0, max: 0.999, noNaN: true });
const at = (bytes: Uint8Array, where: number) => Math.floor(bytes.length * where);

const spliced = (bytes: Uint8Array, from: number, to: number, put: Uint8Array) =>
  new Uint8Array([...bytes.subarray(0, from), ...put, ...bytes.subarray(to)]);

const telling = [
  '-',
  '\n',
  '\r\n',
  ',',
  '9'.repeat(30),
  '\0',
  ' ',
  ':',
  '"',
  'x'.repeat(3000),
  '[',
  '.',
];

/** What happens to files: cut short, bytes changed, pieces lost or doubled, marks put in. */
const damage: fc.Arbitrary<Damage> = fc.oneof(
  place.map(
    (where): Damage =>
      (bytes) =>
        bytes.subarray(0, at(bytes, where)),
  ),
  fc.tuple(place, fc.integer({ min: 0, max: 255 })).map(
    ([where, byte]): Damage =>
      (bytes) => {
        const changed = bytes.slice();
        if (changed.length > 0) changed[at(bytes, where)] = byte;
        return changed;
      },
  ),
  fc.tuple(place, fc.integer({ min: 1, max: 200 })).map(
    ([where, length]): Damage =>
      (bytes) => {
        const from = at(bytes, where);
        return spliced(bytes, from, Math.min(from + length, bytes.length), new Uint8Array());
      },
  ),
  fc.tuple(place, fc.integer({ min: 1, max: 200 })).map(
    ([where, length]): Damage =>
      (bytes) => {
        const from = at(bytes, where);
        return spliced(bytes, from, from, bytes.subarray(from, from + length));
      },
  ),
  fc.tuple(place, fc.constantFrom(...telling)).map(
    ([where, put]): Damage =>
      (bytes) => {
        const from = at(bytes, where);
        return spliced(bytes, from, from, new TextEncoder().encode(put));
      },
  ),
);

function* limited<T>(events: Iterable<T>): Generator<T, void, void> {
  let count = 0;
  for (const event of events) {
    if (count === most_events) return;
    count += 1;
    yield event;
  }
}

/** The rest of a table goes the same way as its first rows. */
const beginning = (text: string) => text.slice(0, 6000);

const parsers: Readonly<Record<string, [text: string, read: (bytes: Uint8Array) => void]>> = {
  ...Object.fromEntries(
    (
      [
        ['lackey', 'lackey.log', {}],
        ['damon', 'damo-report-raw.txt', { whole: true }],
        ['damon', 'damon-aggregated.txt', { whole: true }],
        ['damon', 'field/damo-data-source.txt', { whole: true }],
        ['damon', 'field/damon-other-events.txt', { whole: true }],
        ['perf', 'perf-mem.txt', { whole: true, llc_mb: 32 }],
        ['perf', 'field/perf-arm-spe.txt', { whole: true }],
        ['csv', 'pages.csv', {}],
        ['kernel-scans', 'rforkctl-scans.txt', {}],
      ] as const
    ).map(([format, name, options]) => [
      `${format}, ${name}`,
      [
        fixture(name).slice(0, 20_000),
        (bytes: Uint8Array) => {
          const { events, notes } = importers[format]!.import(textSource(bytes), options);
          for (const _ of limited(events));
          notes();
        },
      ],
    ]),
  ),
  ...Object.fromEntries(
    (
      [
        ['azure-2019', 'azure-2019-invocations.csv'],
        ['azure-2021', 'azure-2021.csv'],
        ['ibm-app-configs', 'ibm-app-configs.csv'],
      ] as const
    ).map(([format, name]) => [
      format,
      [
        beginning(shipped(`arrivals/${name}`)),
        (bytes: Uint8Array) => {
          const { rows, facts } = arrivalsImporters[format]!.import(textSource(bytes), {});
          for (const _ of rows ?? []);
          facts();
        },
      ],
    ]),
  ),
  ...Object.fromEntries(
    (['durations', 'memory'] as const).map((table) => [
      `azure-2019 ${table}`,
      [
        beginning(shipped(`arrivals/azure-2019-${table}.csv`)),
        (bytes: Uint8Array) => {
          const invocations = shipped('arrivals/azure-2019-invocations.csv');
          const tables = { [table]: textSource(bytes) };
          arrivalsImporters['azure-2019']!.import(textSource(invocations), tables);
        },
      ],
    ]),
  ),
  'Intel MLC': [
    shipped('mlc/sapphirerapids.txt'),
    (bytes) => {
      readMlc(new TextDecoder().decode(bytes), 'x');
    },
  ],
  'Mess curves': [
    beginning(shipped('memory-curves/mess_cxl_expander.csv')),
    (bytes) => {
      readRows(new TextDecoder().decode(bytes), 'x');
    },
  ],
  '/proc/PID/maps': [
    '00400000-00402000 r-xp 00000000 08:02 173521 /usr/bin/a\n00e03000-00e24000 rw-p 0 0:0 0 [heap]\n',
    (bytes) => {
      new MemoryMap(linesOf(bytes));
    },
  ],
  'a fabric file': [
    'description: a\nsource: b\nnodes: 2\ncoherence: software\n',
    (bytes) => {
      parseDocument('x', new TextDecoder().decode(bytes), 'a fabric');
    },
  ],
};

describe('a damaged file', function () {
  this.timeout(60_000);

  for (const [name, [text, read]] of Object.entries(parsers)) {
    it(`of ${name} is read or refused with a line for each fault and its place, never more`, () => {
      const whole: Uint8Array = new TextEncoder().encode(text);
      fc.assert(
        fc.property(fc.array(damage, { minLength: 1, maxLength: 4 }), (damages) => {
          const bytes = damages.reduce<Uint8Array>((held, each) => each(held), whole);
          try {
            read(bytes);
          } catch (error) {
            assert.ok(error instanceof InputError, `${(error as Error).stack}`);
            const lines = error.message.split('\n');
            assert.ok(lines.length <= (name === 'a fabric file' ? 21 : 1), error.message);
            for (const line of lines) {
              assert.match(line, /^x(:\d+(:\d+)?)?: .+; .+$/);
              assert.doesNotMatch(line, /\r/);
              assert.ok(line.length < 500, line);
            }
          }
        }),
        { numRuns: 150 },
      );
    });
  }
});
