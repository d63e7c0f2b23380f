/** That the fuzzer sees what it is there to see. */

import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '../../sim/input/input-error.ts';
import { attempt } from './attempt.ts';
import { Box } from './box.ts';
import { inputOf } from './case.ts';
import { bytesOf, type Input } from './input.ts';
import { kinds } from './kinds/registry.ts';
import { checkRefusal } from './refusal.ts';
import { checkShown } from './shown-again.ts';
import { checkMeasurements } from './sound-numbers.ts';

const input: Input = {
  name: 'two lines',
  files: { 'x.yaml': bytesOf('a: 1\nb: 2\n') },
  target: 'x.yaml',
};
const fault = { name: 'Fault' };

describe('the fuzzer', function () {
  // A busy machine makes waiting longer.
  this.timeout(600_000);

  let box: Box;
  const home = process.cwd();

  beforeEach(() => {
    box = new Box();
    box.fill(input);
  });

  afterEach(() => {
    box.remove();
    process.chdir(home);
  });

  it('takes a refusal only with a place that is there, in one line', () => {
    for (const right of [
      'x.yaml:2:4: b is 2; expected 3',
      'x.yaml: the file is empty; expected text',
    ]) {
      checkRefusal(right, input);
    }
    for (const wrong of [
      'b is 2',
      'x.yaml:9:1: b is 2; expected 3',
      'x.yaml:2:40: b is 2; expected 3',
      'x.yaml:2:4: b is [object Object]; expected 3',
      'x.yaml:2:4: b is NaN; expected 3',
      `x.yaml:2:4: b is ${'2'.repeat(2000)}; expected 3`,
      'x.yaml:2:4: b is 2; expected 3\n    at main.ts:3',
    ]) {
      assert.throws(() => checkRefusal(wrong, input), fault, wrong);
    }
  });

  it('tells refusals from answers and from errors of ours', async () => {
    const refuse = () => {
      throw new InputError('x.yaml:1:1', 'is wrong', 'expected better');
    };
    const fail = () => {
      throw new TypeError('x is not a function');
    };
    assert.deepEqual(await attempt(input, () => 3), { answer: 3 });
    assert.equal(await attempt(input, refuse), undefined);
    await assert.rejects(attempt(input, fail), fault);
  });

  it('misses no file that is written, changed or removed where none may be', () => {
    const outside = join(box.folder, '../../../evil');
    const writing = (path: string) => () => {
      mkdirSync(join(path, '..'), { recursive: true });
      writeFileSync(path, 'x');
    };
    for (const act of [
      writing(join(box.folder, 'y')),
      writing(join(box.folder, 'x.yaml')),
      writing(join(outside, 'mine.svg')),
      () => rmSync(join(outside, 'mine.vl.json')),
    ]) {
      box.fill(input);
      box.checkFiles();
      act();
      assert.throws(() => box.checkFiles('out'), fault);
    }
    box.fill(input);
    writing(join(box.folder, 'out/y'))();
    box.checkFiles('out');
  });

  it('finds what an input says and the program does not', () => {
    checkShown({ a: { b: [1, 'x '] } }, { a: { b: [1, 'x'], c: 2 } });
    for (const printed of [{}, { a: {} }, { a: { b: [1] } }, { a: { b: [1, 'y'] } }, { a: 1 }]) {
      assert.throws(() => checkShown({ a: { b: [1, 'x'] } }, printed), fault);
    }
  });

  it('believes no time below 0, no half page, no sum that is not one', () => {
    checkMeasurements({
      restore_ms: 1,
      faults_ms: 0,
      execution_ms: 2,
      end_to_end_ms: 3,
      pages_copied: 4,
    });
    for (const measured of [
      { restore_ms: -1 },
      { restore_ms: Number.NaN },
      { restore_ms: Number.POSITIVE_INFINITY },
      { pages_copied: 0.5 },
      { execution_ms: 0 },
      { restore_ms: 1, faults_ms: 1, execution_ms: 2, end_to_end_ms: 3 },
    ]) {
      assert.throws(() => checkMeasurements(measured), fault);
    }
  });

  it('draws the same inputs from the same seed, and leaves sound ones as they are', async () => {
    for (const kind of Object.values(kinds)) {
      if (kind.name === 'import' || kind.name === 'results') continue;
      const corpus = await kind.corpus();
      const before = structuredClone(corpus);
      const drawn = (seed: number) =>
        [0, 1, 2, 3].map((number) => inputOf({ kind: kind.name, seed, number }, kind, corpus));
      assert.deepEqual(drawn(1), drawn(1));
      assert.notDeepEqual(drawn(1), drawn(2));
      assert.deepEqual(corpus, before);
    }
  });
});
