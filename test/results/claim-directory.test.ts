/** Laws of the folder that results go to: it is theirs, or new, or empty; what no run wrote stays as it is. */

import assert from 'node:assert/strict';
import {
  existsSync,
  lstatSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { InputError } from '../../sim/input/input-error.ts';
import { runTrials } from '../../sim/results/run-trials.ts';
import { scratchFolder } from '../experiment/scratch-folder.ts';
import { experimentOf, trialsOf } from './experiment-of.ts';

const backends = new URL('./arithmetic-backend.ts', import.meta.url).href;

function run(directory: string, repetitions = 2) {
  const experiment = experimentOf({ repetitions });
  return runTrials({ experiment, trials: trialsOf(experiment), directory, jobs: 1, backends });
}

async function refusal(directory: string): Promise<string> {
  try {
    await run(directory);
  } catch (error) {
    assert.ok(error instanceof InputError, String(error));
    assert.doesNotMatch(error.message, /\n/);
    return error.message.replaceAll(directory, 'out');
  }
  assert.fail('the folder was taken');
}

/** Everything below the folder, with contents. */
function contentsOf(folder: string): [string, string][] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .sort()
    .map((name) => {
      const status = lstatSync(join(folder, name));
      return [name, status.isFile() ? readFileSync(join(folder, name), 'utf8') : ''];
    });
}

describe('a folder for results', () => {
  it('is taken if it is new or empty, and again if a run wrote it', async () => {
    const folder = scratchFolder();
    for (const out of [folder, join(folder, 'a', 'b')]) assert.equal((await run(out)).done, 2);
    assert.equal((await run(join(folder, 'a', 'b'))).kept, 2);
  });

  it('is refused if it holds anything and no journal, and nothing in it changes', async () => {
    const name = fc.constantFrom(
      ...[
        'report.md',
        'measurements.csv',
        'manifest.json',
        'figures/mine.svg',
        'notes.txt',
        '.git',
      ],
      ...['src/a.ts', 'locks', 'journal.json', 'journal.jsonl.txt'],
    );
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(name, { minLength: 1 }), async (names) => {
        const out = scratchFolder(Object.fromEntries(names.map((each) => [each, 'mine'])));
        const before = contentsOf(out);
        assert.match(
          await refusal(out),
          /^out: the folder holds \S+, and no journal of a run, .*--out/,
        );
        assert.deepEqual(contentsOf(out), before);
      }),
      { numRuns: 30 },
    );
  });

  it('is taken with what a stopped run left, or another machine recorded', async () => {
    for (const left of ['recordings/f.json', 'logs/x.log', 'lock', 'journal.jsonl']) {
      assert.equal((await run(scratchFolder({ [left]: '' }))).done, 2);
    }
  });

  it('is refused where its journal is somebody else’s, with or without a line’s end', async () => {
    for (const text of ['mine', 'mine\n', '{"trial":0}\n']) {
      const out = scratchFolder({ 'journal.jsonl': text });
      assert.match(
        await refusal(out),
        /^out\/journal\.jsonl:1: this is no journal of this version/,
      );
      assert.equal(readFileSync(join(out, 'journal.jsonl'), 'utf8'), text);
    }
  });

  it('goes on from a journal whose first line was cut anywhere', async () => {
    const whole = scratchFolder();
    await run(whole);
    const line = readFileSync(join(whole, 'journal.jsonl'), 'utf8').split('\n')[0]!;
    for (const length of [0, 1, line.length - 1, line.length]) {
      const out = scratchFolder({ 'journal.jsonl': line.slice(0, length) });
      assert.equal((await run(out)).done, 2);
    }
  });

  it('is refused where a link would lead out of it, and where a folder is needed and a file stands', async () => {
    for (const name of ['figures', 'recordings', 'logs', 'journal.jsonl', 'report.md']) {
      const [out, elsewhere] = [scratchFolder(), scratchFolder({ file: 'mine' })];
      symlinkSync(name.includes('.') ? join(elsewhere, 'file') : elsewhere, join(out, name));
      assert.match(
        await refusal(out),
        new RegExp(`^out/${name}: this is a symbolic link; expected`),
      );
      assert.deepEqual(contentsOf(elsewhere), [['file', 'mine']]);
    }
    const out = scratchFolder({ figures: '' });
    assert.match(await refusal(out), /^out\/figures: this is no folder; expected a folder/);
  });

  it('keeps a report that no run wrote, also beside a journal', async () => {
    const out = scratchFolder();
    await run(out);
    for (const name of ['report.md', 'report.html']) {
      writeFileSync(join(out, name), 'mine');
      assert.match(await refusal(out), new RegExp(`^out/${name}: no run wrote this file, and `));
      assert.equal(readFileSync(join(out, name), 'utf8'), 'mine');
      rmSync(join(out, name));
    }
    assert.equal((await run(out)).kept, 2);
  });

  it('is taken by a run that was killed before its measurements were whole', async () => {
    const out = scratchFolder();
    await run(out);
    rmSync(join(out, 'measurements.csv'));
    assert.equal((await run(out)).kept, 2);
    assert.ok(existsSync(join(out, 'measurements.csv')));
  });
});
