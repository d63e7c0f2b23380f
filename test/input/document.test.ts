import assert from 'node:assert/strict';
import fc from 'fast-check';
import { stringify } from 'yaml';
import { parseDocument } from '../../sim/input/document.ts';
import { InputError } from '../../sim/input/input-error.ts';

const parse = (text: string) => parseDocument('x.yaml', text, 'an experiment file');

function refusal(text: string): string {
  try {
    parse(text);
  } catch (error) {
    assert.ok(error instanceof InputError, String(error));
    return error.message;
  }
  assert.fail(`accepted ${JSON.stringify(text)}`);
}

describe('YAML documents', () => {
  it('hold what the file says', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 2 }), { minKeys: 1, maxKeys: 4 }),
        (value) => {
          const text = stringify(value);
          // YAML, like JavaScript objects, has one zero.
          assert.equal(
            JSON.stringify(parse(text).value),
            JSON.stringify(JSON.parse(JSON.stringify(value))),
          );
        },
      ),
    );
  });

  it('have parts that are documents of their own, whose values stand where they stood', () => {
    const document = parse('a: 1\nb:\n  c: [x, {d: y}]\n');
    const part = document.part(['b', 'c', 1]);
    assert.deepEqual(part.value, { d: 'y' });
    assert.equal(part.where([]), document.where(['b', 'c', 1]));
    assert.equal(part.where(['d'], 'key'), document.where(['b', 'c', 1, 'd'], 'key'));
    part.set(['d'], 'z', 'x.yaml:9:9');
    assert.deepEqual(document.value['b'], { c: ['x', { d: 'y' }] });
    assert.throws(() => document.part(['a']), /x\.yaml:1:4: a is no mapping; expected a mapping/);
    assert.throws(() => document.part(['b', 'e']), /e is missing; expected a mapping/);
  });

  it('know where each key and value stands', () => {
    const document = parse('a: 1\nb:\n  c: [x, {d: y}]\n');
    assert.equal(document.where(['a'], 'key'), 'x.yaml:1:1');
    assert.equal(document.where(['a']), 'x.yaml:1:4');
    assert.equal(document.where(['b', 'c', 0]), 'x.yaml:3:7');
    assert.equal(document.where(['b', 'c', 1, 'd'], 'key'), 'x.yaml:3:11');
  });

  it('name the key that should hold what is missing, or where the file begins', () => {
    const document = parse('a: 1\nb:\n  c: 2\n');
    assert.equal(document.where(['b', 'z', 'y']), 'x.yaml:2:1');
    assert.equal(document.where(['z']), 'x.yaml:1:1');
    assert.equal(parse('# about\n\n  a: 1\n').where(['z']), 'x.yaml:3:3');
  });

  it('have decimal numbers: others are refused where they stand, in any depth', () => {
    const wrong = 'a: 10\nb: {c: [0x10, 1]}\nd: 0o17\n"0x10": "0x10"\n';
    assert.throws(
      () => parse(wrong),
      /^InputError: x\.yaml:2:9: 0x10 is a hexadecimal number; expected a decimal one, as 16\nx\.yaml:3:4: 0o17 is an octal number; expected a decimal one, as 15$/,
    );
  });

  it('follow anchors', () => {
    const document = parse('a: &a [1, 2]\nb: *a\n');
    assert.deepEqual(document.value, { a: [1, 2], b: [1, 2] });
    assert.equal(document.where(['b', 1]), 'x.yaml:1:11');
  });

  it('name the option that set a value, and forget where it stood', () => {
    const document = parse('fabric:\n  cxl: {latency_ns: 391}\n');
    document.set(['fabric', 'cxl'], { latency_ns: 1 }, '--a');
    assert.equal(document.where(['fabric', 'cxl', 'latency_ns']), '--a');
    document.set(['sweep', 'x.y'], [1], '--b');
    assert.equal(document.where(['sweep', 'x.y', 0]), '--b');
    assert.equal(document.where(['fabric'], 'key'), 'x.yaml:1:1');
    assert.deepEqual(document.value, {
      fabric: { cxl: { latency_ns: 1 } },
      sweep: { 'x.y': [1] },
    });
  });

  for (const [what, text, message] of [
    ['nothing', '', 'x.yaml: the file is empty; expected an experiment file'],
    ['a comment alone', '# x\n', 'x.yaml: the file is empty; expected an experiment file'],
    ['a null', '~\n', 'x.yaml: the file is empty; expected an experiment file'],
    ['a list', '- a\n', 'x.yaml:1:1: the file is a list; expected an experiment file'],
    [
      'a single value',
      '\n  hello',
      'x.yaml:2:3: the file is a single value; expected an experiment file',
    ],
    [
      'a key twice',
      'a: 1\nb: 2\na: 3\n',
      'x.yaml:3:1: a stands here a second time; expected each key once',
    ],
    [
      'a second document',
      'a: 1\n---\nb: 2\n',
      'x.yaml:2:1: a second document begins here; expected one document a file',
    ],
    ['a tab', 'a:\n\tb: 1\n', 'x.yaml:2:1: a tab is used as indentation; expected spaces'],
    [
      'an alias of nothing',
      'a: *b\n',
      'x.yaml:1:4: *b refers to no anchor before it; &b belongs before it',
    ],
    ['an alias of itself', 'a: &a [*a]\n', 'x.yaml:1:8: *a refers to itself; &a belongs before it'],
    [
      'a key that is a mapping',
      '? {a: 1}\n: 2\n',
      'x.yaml:1:3: a key is not a name; expected a word',
    ],
  ] as const) {
    it(`refuse ${what}`, () => assert.equal(refusal(text), message));
  }

  for (const text of ['a: [1, 2\nb: 3\n', 'a: "x\n', 'a: b: c\n', '{', 'a: !!nope 1\n', '&a']) {
    it(`refuse ${JSON.stringify(text)} with its place in one line`, () => {
      assert.match(refusal(text), /^x\.yaml(:\d+:\d+)?: [^\n]+; [^\n]+$/);
    });
  }

  it('refuse lists that lie too deeply within each other', () => {
    assert.match(
      refusal(`a: ${'['.repeat(20_000)}${']'.repeat(20_000)}`),
      /^x\.yaml:1:\d+: lists or mappings lie within each other too deeply; expected a flatter file$/,
    );
  });

  it('refuse aliases that grow without end', () => {
    const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]'];
    for (let i = 1; i < 10; i++) {
      const last = `*a${i - 1}`;
      lines.push(`a${i}: &a${i} [${Array(10).fill(last).join(', ')}]`);
    }
    assert.equal(
      refusal(lines.join('\n')),
      'x.yaml: there are more than 100000 values; expected fewer of them',
    );
  });

  it('answer any text with a value or one line', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => {
        try {
          parse(text);
        } catch (error) {
          assert.ok(error instanceof InputError, String(error));
          assert.doesNotMatch(error.message, /\n/);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('never touch what all objects share', () => {
    const document = parse('__proto__: {polluted: 1}\nconstructor: {prototype: {polluted: 1}}\n');
    document.set(['constructor', 'prototype', 'polluted'], 2, '--set');
    assert.equal(({} as Record<string, unknown>)['polluted'], undefined);
    assert.ok(Object.hasOwn(document.value, '__proto__'));
  });
});
