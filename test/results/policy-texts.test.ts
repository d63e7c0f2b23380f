/** Laws of policies' texts: what ran is kept beside its results, and an edited policy's results are not those of the new one. */

import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expand } from '../../sim/experiment/expand.ts';
import { loadExperiment } from '../../sim/experiment/load.ts';
import { readResults } from '../../sim/results/read-results.ts';
import { runTrials } from '../../sim/results/run-trials.ts';
import { editedFiles } from '../../sim/results/seal.ts';
import { scratchFolder } from '../experiment/scratch-folder.ts';

const mine = `import { deep } from './lib/limit.ts';
export default { description: 'x', place: (page) => (deep(page) ? 'migrate-now' : 'migrate-on-write') };
`;
const file = `question: x?
backends: [fake]
mechanisms: [criu, cxlfork]
policies: [hybrid, ./p/mine.ts]
workloads: [float, json]
fabric: cxlfork-testbed
repetitions: 2
`;
const files = {
  'x.yaml': file,
  'p/mine.ts': mine,
  'p/lib/limit.ts': "export { deep } from '../../deep.ts';\n",
  'deep.ts': 'export const deep = (page) => page.accessed;\n',
};

async function run(folder: string, options: { fresh?: boolean; seed?: string } = {}) {
  const { fresh = false, ...overrides } = options;
  const experiment = await loadExperiment(join(folder, 'x.yaml'), overrides);
  const trials = expand(experiment);
  return runTrials({ experiment, trials, directory: join(folder, 'out'), jobs: 1, fresh });
}

const below = (folder: string) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();

describe('texts of policies', () => {
  let folder: string;
  beforeEach(() => {
    folder = scratchFolder(files);
  });

  it('lie beside the results, with all that they import, and the manifest vouches for them', async () => {
    await run(folder);
    const out = join(folder, 'out');
    assert.deepEqual(below(join(out, 'policies')), [
      'hybrid/hybrid.ts',
      'mine/deep.ts',
      'mine/p/lib/limit.ts',
      'mine/p/mine.ts',
    ]);
    const stored = join(out, 'policies/mine');
    assert.equal(readFileSync(join(stored, 'p/mine.ts'), 'utf8'), mine);
    assert.equal(readFileSync(join(stored, 'deep.ts'), 'utf8'), files['deep.ts']);
    assert.deepEqual(editedFiles(out), {});
    writeFileSync(join(stored, 'deep.ts'), '');
    assert.deepEqual(Object.keys(editedFiles(out)), ['policies/mine/deep.ts']);
  });

  for (const [what, path, text] of [
    ['its own file', 'p/mine.ts', mine.replace('page)', 'page )')],
    ['a file that it imports', 'deep.ts', 'export const deep = (page) => page.dirty;\n'],
  ] as const) {
    it(`that were edited, in ${what}, void its own trials and no others`, async () => {
      const first = await run(folder);
      assert.deepEqual([first.total, first.done, first.edited_policies], [12, 12, {}]);
      writeFileSync(join(folder, path), text);
      const { kept, done, edited_policies } = await run(folder);
      const mine = { trials: 4, files: [path] };
      assert.deepEqual([kept, done, edited_policies], [8, 12, { mine }]);
      const copy = join(folder, 'out/policies/mine', path);
      assert.equal(readFileSync(copy, 'utf8'), text);
      assert.doesNotThrow(() => readResults(join(folder, 'out')));
      const again = await run(folder);
      assert.deepEqual([again.kept, again.edited_policies], [12, {}]);
    });
  }

  it('that are edited back void the trials of the text between', async () => {
    await run(folder);
    writeFileSync(join(folder, 'deep.ts'), 'export const deep = (page) => page.dirty;\n');
    await run(folder);
    writeFileSync(join(folder, 'deep.ts'), files['deep.ts']);
    assert.equal((await run(folder)).edited_policies['mine']?.trials, 4);
  });

  it('void nothing where they only lie elsewhere', async () => {
    await run(folder);
    const moved = scratchFolder(files);
    const experiment = await loadExperiment(join(moved, 'x.yaml'));
    const trials = expand(experiment);
    const { kept } = await runTrials({
      ...{ experiment, trials, directory: join(folder, 'out'), jobs: 1 },
    });
    assert.equal(kept, 12);
  });

  it('leave no copy of a file that they no longer import, unless somebody changed it', async () => {
    await run(folder);
    const copy = join(folder, 'out/policies/mine/deep.ts');
    const alone = mine.replace(/import.*\n/, '').replace('deep(page)', 'page.accessed');
    writeFileSync(join(folder, 'p/mine.ts'), alone);
    await run(folder);
    assert.deepEqual(below(join(folder, 'out/policies/mine')), ['mine.ts']);
    assert.ok(!existsSync(copy));
  });

  it('replace nothing that no run wrote, and lead out of no folder', async () => {
    await run(folder);
    const out = join(folder, 'out');
    rmSync(join(out, 'policies'), { recursive: true });
    symlinkSync(folder, join(out, 'policies'));
    await assert.rejects(run(folder), /out\/policies: this is a symbolic link; /);
  });

  it('that change while trials run are told, for nobody knows which text ran', async () => {
    const experiment = await loadExperiment(join(folder, 'x.yaml'));
    const trials = expand(experiment);
    const options = { experiment, trials, directory: join(folder, 'out'), jobs: 1 };
    const edit = () => writeFileSync(join(folder, 'deep.ts'), 'export const deep = () => true;\n');
    const { unsettled_policies } = await runTrials({ ...options, onProgress: edit });
    assert.deepEqual(unsettled_policies, ['mine']);
    assert.equal((await run(folder)).edited_policies['mine']?.trials, 4);
  });
});

describe('a run in the folder of another configuration', () => {
  const changes: readonly (readonly [from: string | RegExp, to: string, told: string])[] = [
    ['repetitions: 2', 'repetitions: 3', 'repetitions was 2 and is 3'],
    [
      'fabric: cxlfork-testbed',
      'fabric: {preset: cxlfork-testbed, cxl: {latency_ns: 200}}',
      'fabric.cxl.latency_ns was 391 and is 200',
    ],
    [
      '[float, json]',
      '[float]',
      'workloads was ["float","json"] and is ["float"], workload json is gone',
    ],
    ['[criu, cxlfork]', '[cxlfork]', 'mechanisms was ["criu","cxlfork"] and is ["cxlfork"]'],
    [/$/, 'sweep: {fabric.coherence: [software]}\n', 'sweep of fabric.coherence is new'],
    [/$/, 'workload: {warm_ms: 7}\n', 'workload float has changed, workload json has changed'],
    [/$/, 'parameters: {criu: {dump_page_ns: 3}}\n', 'parameters.criu.dump_page_ns is new'],
  ];
  for (const [from, to, told] of changes) {
    it(`is refused with what has changed: ${told}`, async () => {
      const folder = scratchFolder(files);
      await run(folder);
      writeFileSync(join(folder, 'x.yaml'), file.replace(from, to));
      await assert.rejects(run(folder), {
        name: 'InputError',
        message:
          `${join(folder, 'out/journal.jsonl')}: the directory holds results of another ` +
          `configuration: ${told}; choose another directory with --out, or begin anew in this one with --fresh`,
      });
    });
  }

  it('begins anew with --fresh, and measures what it would in an empty folder', async () => {
    const folder = scratchFolder(files);
    await run(folder);
    const { kept, done } = await run(folder, { fresh: true, seed: '2' });
    assert.deepEqual([kept, done], [0, 12]);
    const other = scratchFolder(files);
    await run(other, { seed: '2' });
    const csv = (of: string) => readFileSync(join(of, 'out/measurements.csv'), 'utf8');
    assert.equal(csv(folder), csv(other));
    assert.equal((await run(folder, { seed: '2' })).kept, 12);
  });

  it('begins anew with --fresh where the journal is damaged', async () => {
    const folder = scratchFolder(files);
    await run(folder);
    writeFileSync(join(folder, 'out/journal.jsonl'), 'damaged\n');
    await assert.rejects(run(folder), /no journal of this version/);
    assert.equal((await run(folder, { fresh: true })).done, 12);
  });
});
