/** Laws of figures in an experiment: shipped ones by name, own ones by path; nothing else is one. */

import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { findFigure, readFigure } from '../../sim/experiment/figure-file.ts';
import { loadExperiment } from '../../sim/experiment/load.ts';
import { scratchFolder } from './scratch-folder.ts';
import { complaint, sound } from './sound-experiment.ts';

const spec = JSON.stringify({ mark: 'bar', data: { name: 'measurements' } });

/** The complaint about an experiment with these figures, beside which a figure of the user's lies. */
function about(figures: string): Promise<string> {
  const folder = scratchFolder({
    'x.yaml': `${sound}figures: ${figures}\n`,
    'mine.vl.json': spec,
    'other/mine.vl.json': spec,
    'broken.vl.json': '{',
    'tiering.vl.json': spec,
  });
  return complaint(join(folder, 'x.yaml'));
}

describe('figures of an experiment', () => {
  it('are shipped ones by name and own ones by path, each named after its file', async () => {
    const folder = scratchFolder({
      'e/x.yaml': `${sound}figures: [tiering, ../my figure (2).vl.json, own.vl.json]\n`,
      'my figure (2).vl.json': spec,
      'e/own.vl.json': spec,
    });
    const { figures, file } = await loadExperiment(join(folder, 'e/x.yaml'));
    assert.deepEqual(
      figures.map(({ name }) => name),
      ['tiering', 'my-figure-2', 'own'],
    );
    assert.equal(file.figures[1], join(folder, 'my figure (2).vl.json'));
    assert.deepEqual(readFigure(figures[2]!).needs, {});
  });

  for (const [figures, message] of [
    [
      '[../../../evil/mine]',
      /^x\.yaml:6:11: \S*evil\/mine is no figure; expected a name of cxlsim list figures, or a file that ends in \.vl\.json$/,
    ],
    [
      '[phases.and.memory]',
      /^x\.yaml:6:11: no figure named phases\.and\.memory; did you mean phases-and-memory\?$/,
    ],
    ['[mine]', /^x\.yaml:6:11: no figure named mine; found /],
    [
      '[./nowhere.vl.json]',
      /^x\.yaml:6:11: there is no file \S*nowhere\.vl\.json; name a Vega-Lite /,
    ],
    [
      '[tiering, tiering.vl.json]',
      /^x\.yaml:6:20: the name tiering is taken; expected another file name: results go by it$/,
    ],
    ['[mine.vl.json, other/mine.vl.json]', /^x\.yaml:6:25: the name mine is taken; /],
    ['[broken.vl.json]', /^\S*broken\.vl\.json:1:2: not JSON: the text ends within a value; /],
    ['[x.yaml/mine.vl.json]', /^x\.yaml:6:11: \S+ lies below something that is not a directory; /],
  ] as const) {
    it(`are not ${figures}`, async () => assert.match(await about(figures), message));
  }

  it('have names that are files of their own folder, whatever their file is called', () => {
    const name = fc.string({ unit: 'binary', minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(name, (word) => {
        const file = word.replace(/[/\0]/g, '');
        const folder = scratchFolder({ [`${file}.vl.json`]: spec });
        const [there] = readdirSync(folder);
        try {
          const figure = findFigure(join(folder, there!), 'x.yaml:1:1', [], []);
          assert.match(figure.name, /^[\p{L}\p{N}_-]+$/u);
        } catch (error) {
          assert.match(
            (error as Error).message,
            /^x\.yaml:1:1: .* has no name; expected another file/,
          );
        }
      }),
      { numRuns: 50 },
    );
  });
});

describe('mechanisms and backends of an experiment', () => {
  for (const [line, text, message] of [
    [
      /mechanisms.*/,
      'mechanisms: [l/cal-fork]',
      'x.yaml:2:14: no mechanism named l/cal-fork; did you mean local-fork?',
    ],
    [
      /mechanisms.*/,
      'mechanisms: [cxl.fork]',
      'x.yaml:2:14: no mechanism named cxl.fork; did you mean cxlfork?',
    ],
    [
      /policies.*/,
      'policies: [hybrid]\nbackends: [sim.ulated]',
      'x.yaml:4:12: no backend named sim.ulated; did you mean simulated?',
    ],
  ] as const) {
    it(`are not ${text.split('\n').at(-1)}`, async () => {
      const folder = scratchFolder({ 'x.yaml': sound.replace(line, text) });
      assert.equal(await complaint(join(folder, 'x.yaml')), message);
    });
  }

  it('are named on the command line as they were typed', async () => {
    const file = join(scratchFolder({ 'x.yaml': sound }), 'x.yaml');
    assert.equal(
      await complaint(file, { mechanisms: ['l/cal-fork'] }),
      '--mechanism l/cal-fork: no mechanism named l/cal-fork; did you mean local-fork?',
    );
    assert.equal(
      await complaint(file, { backends: ['../simulated'] }),
      '--backend ../simulated: no backend named ../simulated; did you mean simulated?',
    );
  });
});
