/** Laws of text widths in the shipped font. */

import assert from 'node:assert/strict';
import fc from 'fast-check';
import { textWidth, wrapText } from '../../sim/report/font-metrics.ts';

describe('font metrics', () => {
  // Adobe's font metrics file of Helvetica, in thousandths of the size; Arimo keeps these widths.
  const helvetica = {
    ' ': 278,
    '%': 889,
    '0': 556,
    A: 667,
    M: 833,
    W: 944,
    a: 556,
    f: 278,
    i: 222,
    m: 833,
    '~': 584,
    é: 556,
    '²': 333,
    '×': 584,
    '–': 556,
  };
  for (const [character, width] of Object.entries(helvetica)) {
    it(`give ${JSON.stringify(character)} the width that Helvetica has`, () => {
      assert.ok(Math.abs(textWidth(character, 1000) - width) < 1);
    });
  }

  it('add up along a line and grow with its size', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.integer({ min: 1, max: 40 }), (a, b, size) => {
        const both = textWidth(a + b, size);
        assert.ok(Math.abs(both - textWidth(a, size) - textWidth(b, size)) < 1e-6);
        assert.ok(Math.abs(both - size * textWidth(a + b, 1)) < 1e-6);
      }),
    );
  });

  it('give a character that the font lacks the width of its box, not nothing', () => {
    assert.ok(textWidth('\u{1F600}', 10) > 0);
  });
});

describe('wrapped text', () => {
  const words = fc.array(fc.string({ unit: fc.constantFrom('a', 'b', 'W', 'i'), minLength: 1 }), {
    minLength: 1,
  });

  it('keeps every word in order, and no line is wider than allowed unless it is one word', () => {
    fc.assert(
      fc.property(words, fc.integer({ min: 10, max: 200 }), (each, width) => {
        const lines = wrapText(each.join(' '), 11, width);
        assert.equal(lines.join(' '), each.join(' '));
        for (const line of lines) {
          assert.ok(textWidth(line, 11) <= width || !line.includes(' '), line);
        }
      }),
    );
  });

  it('breaks no earlier than it must', () => {
    fc.assert(
      fc.property(words, fc.integer({ min: 10, max: 200 }), (each, width) => {
        const lines = wrapText(each.join(' '), 11, width);
        lines.slice(1).forEach((line, i) => {
          assert.ok(textWidth(`${lines[i]} ${line.split(' ')[0]}`, 11) > width);
        });
      }),
    );
  });
});
