/** Laws of comma-separated values. */

import assert from 'node:assert/strict';
import fc from 'fast-check';
import { readCsv, writeCsv } from '../../sim/input/csv.ts';

describe('csv', () => {
  it('quotes a field only where a comma, a quote or a line end makes it necessary', () => {
    assert.equal(
      writeCsv([
        ['plain', 'two words', ''],
        ['a,b', 'say "a"', 'line\nend'],
      ]),
      'plain,two words,\n"a,b","say ""a""","line\nend"\n',
    );
  });

  it('reads both line ends, a missing last one and a byte order mark', () => {
    const records = [
      ['a', 'b'],
      ['1', ''],
    ];
    for (const text of ['a,b\n1,\n', 'a,b\r\n1,\r\n', 'a,b\n1,', '\uFEFFa,b\r\n"1",""']) {
      assert.deepEqual(readCsv(text), records, JSON.stringify(text));
    }
  });

  it('reads nothing from nothing', () => {
    assert.deepEqual(readCsv(''), []);
  });

  for (const [text, line, what] of [
    ['a,b\n1\n', 2, '1 fields where the first line has 2'],
    ['a,b\n1,2,3\n', 2, '3 fields where the first line has 2'],
    ['a\n"x\ny"\n1,2\n', 4, '2 fields where the first line has 1'],
    ['a\n"never', 2, 'a quoted field is never closed'],
    ['a\nx"y\n', 2, 'a quote inside an unquoted field'],
    ['a\n"x"y\n', 2, 'a closing quote must be followed by a comma or the end of the line'],
  ] as const) {
    it(`refuses ${JSON.stringify(text)} and names line ${line}`, () => {
      const source = { file: 'x.csv', expected: 'write it anew' };
      const message = `x.csv:${line}: ${what}; write it anew`;
      assert.throws(() => readCsv(text, source), { name: 'InputError', message });
    });
  }

  it('reads back what it wrote, whatever the fields hold', () => {
    const field = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: fc.constantFrom('a', ',', '"', '\n', '\r', ' ') }),
    );
    const table = fc
      .integer({ min: 1, max: 5 })
      .chain((width) => fc.array(fc.array(field, { minLength: width, maxLength: width })));
    fc.assert(
      fc.property(table, (records) => {
        // A byte order mark at the very start is read as such.
        fc.pre(!records[0]?.[0]?.startsWith('\uFEFF'));
        assert.deepEqual(readCsv(writeCsv(records)), records);
      }),
    );
  });
});
