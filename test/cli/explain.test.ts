import assert from 'node:assert/strict';
import { explain } from '../../sim/cli/explain.ts';
import { UsageError } from '../../sim/cli/usage-error.ts';
import { InputError } from '../../sim/input/input-error.ts';

describe('an error', () => {
  it('of input or usage is one line and exit code 2', () => {
    const malformed = new InputError({ file: 'a.csv', line: 3 }, 'this', 'that');
    for (const [error, text] of [
      [new InputError('x.yaml:1:2', 'this', 'that'), 'x.yaml:1:2: this; that'],
      [new UsageError('this; that'), 'cxlsim: this; that'],
      [malformed, 'a.csv:3: this; that'],
    ] as const) {
      assert.deepEqual(explain(error, true), { text, code: 2 });
    }
  });

  it('of ours is one line and exit code 1, and its stack on request', () => {
    const error = new TypeError('a is undefined\nand more');
    assert.deepEqual(explain(error, false), {
      text: 'cxlsim: internal error: a is undefined; CXLSIM_DEBUG=1 shows where',
      code: 1,
    });
    assert.deepEqual(explain(error, true), { text: error.stack, code: 1 });
  });

  it('that is no error at all is told as well', () => {
    for (const debug of [false, true]) {
      assert.deepEqual(explain('odd', debug), {
        text: 'cxlsim: internal error: "odd"; CXLSIM_DEBUG=1 shows where',
        code: 1,
      });
    }
  });

  it('stays one line whatever it quotes', () => {
    const error = new InputError('a\nb', 'c\r\n  d', 'e\u2028f\u001b[31m');
    assert.equal(error.message, 'a b: c d; e f\ufffd[31m');
  });
});
