/** Laws of reading results back: what somebody edited is refused with its place, what a run wrote never is. */

import assert from 'node:assert/strict';
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { InputError } from '../../sim/input/input-error.ts';
import { readResults } from '../../sim/results/read-results.ts';
import { runTrials } from '../../sim/results/run-trials.ts';
import { scratchFolder } from '../experiment/scratch-folder.ts';
import { experimentOf, trialsOf } from './experiment-of.ts';

const backends = new URL('./arithmetic-backend.ts', import.meta.url).href;

/** The complaint about a folder, in which the folder is called `out`. */
function complaint(directory: string): string {
  try {
    readResults(directory);
  } catch (error) {
    assert.ok(error instanceof InputError, String(error));
    assert.doesNotMatch(error.message, /\n|NaN|Infinity/);
    return error.message.replaceAll(directory, 'out');
  }
  assert.fail('edited results were read');
}

describe('results', () => {
  let original: string;
  before(async () => {
    original = scratchFolder();
    const experiment = experimentOf({ mechanisms: ['cxlfork', 'criu'], repetitions: 3 });
    const trials = trialsOf(experiment, { skip: 'criu' });
    await runTrials({ experiment, trials, directory: original, jobs: 1, backends });
  });

  /** The results with one file changed. */
  function edited(name: string, change: (text: string) => string): string {
    const folder = scratchFolder();
    cpSync(original, folder, { recursive: true });
    writeFileSync(join(folder, name), change(readFileSync(join(folder, name), 'utf8')));
    return folder;
  }

  /** As an earlier version wrote them: no checksums. */
  function unsealed(folder: string): string {
    const path = join(folder, 'manifest.json');
    const { files: _, sha256: __, ...manifest } = JSON.parse(readFileSync(path, 'utf8'));
    writeFileSync(path, `${JSON.stringify(manifest, null, 2)}\n`);
    return folder;
  }

  it('are read as they were written, with the journal and without', () => {
    const { rows, vouched } = readResults(original);
    assert.deepEqual([rows.length, vouched], [6, true]);
    const alone = edited('journal.jsonl', String);
    rmSync(join(alone, 'journal.jsonl'));
    assert.equal(readResults(alone).vouched, true);
    assert.equal(readResults(unsealed(edited('journal.jsonl', String))).vouched, true);
    assert.equal(readResults(unsealed(alone)).vouched, false);
  });

  it('are refused with the line whose number was changed, whatever it was changed to', () => {
    const value = fc.oneof(
      fc.nat().map((n) => n + 10),
      fc.constantFrom(1e308, 1e-300, 0.25),
    );
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 6 }), value, (line, number) => {
        const change = (text: string) => {
          const lines = text.split('\n');
          lines[line] = lines[line]!.replace(/[^,]*$/, String(number));
          return lines.join('\n');
        };
        for (const folder of [
          edited('measurements.csv', change),
          unsealed(edited('measurements.csv', change)),
        ]) {
          const place = new RegExp(
            `^out/measurements\\.csv:${line + 1}: from here on the table is not what the run measured; expected `,
          );
          assert.match(complaint(folder), place);
        }
      }),
      { numRuns: 20 },
    );
  });

  it('are refused where a row is missing, or one too many', () => {
    const without = (line: number) => (text: string) =>
      text.split('\n').toSpliced(line, 1).join('\n');
    for (const line of [1, 4, 6]) {
      const place = new RegExp(`^out/measurements\\.csv:${line + 1}: from here on the table`);
      assert.match(complaint(edited('measurements.csv', without(line))), place);
      assert.match(complaint(unsealed(edited('measurements.csv', without(line)))), place);
    }
    const more = (text: string) => `${text}example,arithmetic,cxlfork,none,float,2,warm_ms,1\n`;
    assert.match(
      complaint(edited('measurements.csv', more)),
      /^out\/measurements\.csv:8: from here/,
    );
    const alone = unsealed(edited('measurements.csv', without(5)));
    rmSync(join(alone, 'journal.jsonl'));
    // A trial of which a row is left still counts: nothing else can tell.
    assert.equal(readResults(alone).vouched, false);
  });

  it('are refused where a name was changed', () => {
    const rename = (text: string) => text.replaceAll('float', 'bert');
    assert.match(
      complaint(edited('measurements.csv', rename)),
      /^out\/measurements\.csv: the table was changed after the run; expected the file as it was/,
    );
  });

  for (const [what, from, to, message] of [
    ['a count', '"missing": 0', '"missing": 1e300', /:\d+: trials\.missing: /],
    ['a sum', '"missing": 0', '"missing": 4', /:\d+: trials: 3 \+ 3 \+ 0 \+ 4 are not 6; /],
    [
      'a swap',
      '"done": 3,\n    "skipped": 3',
      '"done": 4,\n    "skipped": 2',
      /:\d+: done is 4, and the journal holds 3; /,
    ],
    ['a negative', '"seed": 1', '"seed": -1', /:4: seed: /],
    ['a setting', '"latency_ns": 400', '"latency_ns": 40', /:\d+: it is not as the run wrote it; /],
    ['a question', 'What does', 'What would', /:\d+: it is not as the run wrote it; /],
  ] as const) {
    it(`are refused where the manifest was edited: ${what}, with the line`, () => {
      const change = (text: string) => {
        assert.ok(text.includes(from));
        return text.replace(from, to);
      };
      const told = complaint(edited('manifest.json', change));
      assert.match(told, /^out\/manifest\.json:\d+: /);
      assert.match(told, message);
    });
  }

  it('are refused where only the checksum was taken out', () => {
    const change = (text: string) => text.replace(/,\n {2}"sha256".*\n/, '\n');
    assert.match(complaint(edited('manifest.json', change)), /it is not as the run wrote it/);
  });

  it('are read from a manifest that was only laid out anew', () => {
    const folder = edited('manifest.json', (text) => JSON.stringify(JSON.parse(text)));
    assert.equal(readResults(folder).rows.length, 6);
  });
});
