/** Laws of reading JSON: as the language reads it, and a fault is told where it stands. */

import assert from 'node:assert/strict';
import fc from 'fast-check';
import { expected } from '../../sim/input/expected.ts';
import { InputError } from '../../sim/input/input-error.ts';
import { parseJson } from '../../sim/input/parse-json.ts';

describe('JSON', () => {
  for (const [text, place, what] of [
    ['not JSON', '1:1', '"not" does not belong here'],
    ['', '1:1', 'nothing stands here'],
    ['{\n  "a": 1,\n}', '3:1', '"}" does not belong here'],
    ['{"a": 1', '1:8', 'the text ends within a value'],
    ['{"a" 1}', '1:6', '"1" does not belong here'],
    ['[1, 2,]', '1:7', '"]" does not belong here'],
    ['[1 2]', '1:4', '"2" does not belong here'],
    ['{a: 1}', '1:2', '"a" does not belong here'],
    ['[01]', '1:3', '"1" does not belong here'],
    ['{"a": NaN}', '1:7', '"NaN" does not belong here'],
    ['1 2', '1:3', '"2" does not belong here'],
    ['[1}', '1:3', '"}" does not belong here'],
  ] as const) {
    it(`is not ${JSON.stringify(text)}, which goes wrong at ${place}`, () => {
      assert.throws(() => parseJson('x.json', text, 'expected JSON'), {
        name: 'InputError',
        message: `x.json:${place}: not JSON: ${what}; expected JSON`,
      });
    });
  }

  it('is read as it was written, and cut anywhere it is refused in one line with a place', () => {
    fc.assert(
      fc.property(fc.json(), fc.nat(), (text, cut) => {
        assert.deepEqual(parseJson('x', text, ''), JSON.parse(text));
        const part = `[${text}`.slice(0, 1 + (cut % (text.length + 1)));
        assert.throws(
          () => parseJson('x', part, 'expected JSON'),
          (error) => error instanceof InputError && /^x:\d+:\d+: not JSON: .*/.test(error.message),
        );
      }),
    );
  });
});

describe('what is expected', () => {
  for (const [what, words] of [
    ['array', 'expected a list'],
    ['object', 'expected a mapping'],
    ['int', 'expected a whole number'],
    ['boolean', 'expected true or false'],
    ['string', 'expected a text'],
    ['option', 'expected an option'],
    ['a list of policies', 'expected a list of policies'],
    ['JSON', 'expected JSON'],
  ] as const) {
    it(`of ${what} reads: ${words}`, () => assert.equal(expected(what), words));
  }
});
