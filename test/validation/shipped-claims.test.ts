/** The claims that ship: each is answered or says why not, and what is stored and printed of them is what comes out. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { validationPage } from '../../experiments/validation/page.ts';
import { InputError } from '../../sim/input/input-error.ts';
import { validationFigure } from '../../sim/report/validation-figure.ts';
import { hows } from '../../sim/validation/hows/registry.ts';
import { checkLedger, readLedger } from '../../sim/validation/ledger.ts';
import {
  printVerdicts,
  readVerdicts,
  verdicts_file,
} from '../../sim/validation/stored-verdicts.ts';
import { readShipped, type SourceAnswers, validate } from '../../sim/validation/validate.ts';

describe('the claims that ship', function () {
  this.timeout(600_000);
  let sources: SourceAnswers[];
  before(async () => {
    sources = (await validate(await readShipped(), { jobs: () => 2 }))!;
  });
  const answers = () => sources.flatMap((source) => source.answers);

  it('are eighty at least, each with a name of its own', () => {
    const ids = answers().map(({ claim }) => claim.id);
    assert.ok(ids.length >= 80, `${ids.length}`);
    assert.equal(new Set(ids).size, ids.length);
  });

  it('are each answered by a number, or say why they are not', () => {
    for (const { claim, verdict, modelled, reason } of answers()) {
      if (verdict === 'cannot run') assert.ok(reason!.length > 10, claim.id);
      else assert.ok(Number.isFinite(modelled), claim.id);
    }
  });

  it('use every way of answering, for the model or for a null model', () => {
    const used = answers().flatMap(({ claim: { model, null_model } }) =>
      [model, null_model].map((asked) => asked?.how.name),
    );
    assert.deepEqual(
      [...hows.keys()].filter((name) => !used.includes(name)),
      [],
    );
  });

  it('have the verdicts that are stored', () => {
    assert.equal(
      readFileSync(verdicts_file, 'utf8'),
      printVerdicts(answers()),
      'npm run validation writes them anew',
    );
  });

  it('miss only with a reason in the ledger, which has no other', () => {
    const ledger = readLedger();
    checkLedger(ledger, answers());
    const without = () => checkLedger(ledger.slice(1), answers());
    assert.throws(
      without,
      (error) =>
        error instanceof InputError && /misses, and the ledger has no reason/.test(error.message),
    );
    const holds = answers().find(({ verdict }) => verdict === 'holds')!.claim.id;
    const needless = { claims: [holds], reason: 'none', places: ['ledger.yaml:1:1'] };
    assert.throws(
      () => checkLedger([...ledger, needless], answers()),
      /ledger\.yaml:1:1: no claim named .* misses/,
    );
  });

  it('stand in docs/validation.md as they come out', () => {
    const page = readFileSync('docs/validation.md', 'utf8');
    assert.equal(page, validationPage(sources, readLedger()), 'npm run validation writes it anew');
  });

  it('are drawn without a warning', async () => {
    const { warnings, png } = await validationFigure(sources);
    assert.deepEqual(warnings, []);
    assert.ok(png.length > 10_000);
  });

  it('come out the same with one job and with two', async () => {
    const files = (await readShipped()).filter(({ name }) =>
      ['mitosis', 'closed-forms'].includes(name),
    );
    const alone = (await validate(files, { jobs: () => 1 }))!;
    const numbers = (all: readonly SourceAnswers[]) =>
      all.flatMap((source) =>
        source.answers.map(({ claim, ...answer }) => ({ id: claim.id, ...answer })),
      );
    assert.deepEqual(
      numbers(alone),
      numbers(sources.filter(({ name }) => ['mitosis', 'closed-forms'].includes(name))),
    );
  });

  it('are stored by name: the verdicts of no claim that is gone', () => {
    assert.deepEqual(
      Object.keys(readVerdicts()),
      answers().map(({ claim }) => claim.id),
    );
  });
});
