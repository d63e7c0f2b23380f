import assert from 'node:assert/strict';
import { installed } from '../../sim/experiment/installed.ts';
import { answersTo, reproductionPage } from '../../sim/report/reproduction/reproduction-page.ts';
import { readStatements } from '../../sim/report/reproduction/statements.ts';
import type { Answer } from '../../sim/validation/answer.ts';
import { chooseClaims } from '../../sim/validation/choose-claims.ts';
import { cxlsim } from '../cli/cxlsim.ts';
import { scratchFolder } from '../experiment/scratch-folder.ts';

const statements = [...readStatements().values()];

/** All claims that statements rest on, answered with what is published, but for those named. */
async function answered(missed: readonly string[]): Promise<Answer[]> {
  const { files, asks } = await chooseClaims(statements.flatMap(({ numbers }) => numbers));
  return files
    .flatMap(({ claims }) => claims.filter(asks))
    .map((claim): Answer => {
      const published = 'value' in claim.published ? claim.published.value : 1;
      const is_missed = missed.includes(claim.id);
      const modelled = is_missed ? 2 * published : published;
      const verdict = is_missed ? 'misses' : 'holds';
      return { claim, verdict, modelled, error: is_missed ? 1 : 0 };
    });
}

function of(answers: readonly Answer[]) {
  return [{ title: 'A paper', answers }];
}

describe('what the paper claims', () => {
  it('rests on published numbers, and on figures that there are', async () => {
    const answers = await answered([]);
    assert.ok(statements.length >= 6);
    for (const statement of statements) {
      const families = new Set(
        answersTo(statement, answers).map(({ claim }) => `${claim.source}/${claim.family}`),
      );
      assert.deepEqual([...families].sort(), [...statement.numbers].sort(), statement.name);
      for (const figure of statement.figures) assert.ok(installed.print_figures.has(figure));
    }
  });

  it('stands on a page with each published number beside the run’s, and why it misses', async () => {
    const [float, linpack] = ['cxlfork/warm-hybrid/float', 'cxlfork/warm-hybrid/linpack'] as const;
    const answers = await answered([float, linpack]);
    const ledger = [{ claims: [float], reason: 'Floats are odd.', places: ['x:1'] }];
    const files = new Map([['fork-latency', ['a.pdf', 'a.svg']]]);
    const page = reproductionPage({ statements, sources: of(answers), ledger, files, all: false });
    assert.match(
      page,
      /\*\*float\*\* \| figure 8b \| ms \| 23\.15 \| 46\.3 \| \+100\.0 % \| 10 % \| misses \|/,
    );
    assert.match(
      page,
      /- `cxlfork\/warm-hybrid\/float` \(misses, \+100\.0 %\): Floats are odd\.\n/,
    );
    assert.match(
      page,
      /- `cxlfork\/warm-hybrid\/linpack` \(misses, \+100\.0 %\): no reason is known\n/,
    );
    assert.equal(page.match(/^- /gm)?.length, 2);
    assert.match(page, /!\[fork-latency\]\(a\.svg\)/);
    const fine = { statements, sources: of(await answered([])), ledger: [], files, all: false };
    assert.match(reproductionPage(fine), /## Deviations\n\nNone\./);
    assert.doesNotMatch(page, /All other/);
  });

  it('stands with all else that is published and drawn where all is asked for, each once', async () => {
    const answers = await answered([]);
    const [first] = statements;
    const files = new Map([
      [first!.figures[0]!, ['a.svg']],
      ['process-size', ['b.svg']],
    ]);
    const some = { statements: [first!], sources: of(answers), ledger: [], files, all: true };
    const page = reproductionPage(some);
    const at = page.indexOf('## All other published numbers');
    assert.ok(at > 0);
    assert.match(page.slice(at), /### A paper\n[\s\S]*\*\*float\*\* \| figure 8b /);
    assert.equal(page.match(/!\[[^\]]*\]\(a\.svg\)/g)?.length, 1);
    assert.match(page.slice(at), /!\[process-size\]\(b\.svg\)/);
    assert.equal(page.match(/\| (holds|misses|input|fitted) \|/g)?.length, answers.length);
  });

  it('is asked for by name or all at once, not both', async () => {
    const cwd = scratchFolder();
    const { code, out, err } = await cxlsim(['reproduce', '--all', 'saves-memory'], { cwd });
    assert.deepEqual([code, out], [2, '']);
    assert.match(err, /reproduce: --all and saves-memory; expected one of both\n/);
  }).timeout(60_000);

  it('is asked for by name; another name is refused, and nothing is written', async () => {
    const cwd = scratchFolder();
    const { code, out, err } = await cxlsim(['reproduce', 'near-a-local-frok'], { cwd });
    assert.deepEqual([code, out], [2, '']);
    assert.match(err, /no claim named near-a-local-frok; did you mean near-a-local-fork\?\n/);
  }).timeout(60_000);
});
