/** Laws of the report as a whole: what it writes, what it says is missing, and that it repeats itself. */

import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Experiment } from '../../sim/experiment/experiment.ts';
import { shippedFigure } from '../../sim/experiment/figure-file.ts';
import type { MetricName } from '../../sim/metrics.ts';
import { report } from '../../sim/report/report.ts';
import { manifestOf } from '../../sim/results/manifest.ts';
import { writeMeasurements } from '../../sim/results/measurements-csv.ts';
import type { Outcome } from '../../sim/results/outcome.ts';
import { type FileSums, sealed } from '../../sim/results/seal.ts';
import { experimentOf, trialsOf, workloadOf } from '../results/experiment-of.ts';
import { type StubShape, stubMeasurements, systems } from './stub-measurements.ts';

describe('report', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'cxlsim-report-'));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  const experiment = (parts: Partial<Experiment>) =>
    experimentOf({ backends: ['simulated'], repetitions: 3, ...parts });

  /** Stores stub measurements as if the experiment had been run. */
  function store(
    about: Experiment,
    shape: Partial<StubShape> = {},
    outcomes: ReadonlyMap<number, Outcome> = new Map(),
    folder = directory,
    made: FileSums = {},
  ) {
    const rows = stubMeasurements({ systems, workloads: ['bert'], ...shape });
    const run = { configuration_hash: 'abc', jobs: 1, fitted: [] };
    const manifest = manifestOf(about, trialsOf(about), outcomes, run);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'measurements.csv'), writeMeasurements(rows, []));
    writeFileSync(join(folder, 'manifest.json'), sealed(manifest, made));
  }

  const files = (folder: string): string[] =>
    readdirSync(folder, { withFileTypes: true, recursive: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
      .sort();

  it('writes table, figures and page, and returns the paths of the figures', async () => {
    const about = experiment({ figures: ['phases-and-memory'].map(shippedFigure) });
    store(about);
    const { figures, text, summary } = await report({ experiment: about, directory });
    assert.deepEqual(files(directory), [
      'figures/phases-and-memory.png',
      'figures/phases-and-memory.svg',
      'manifest.json',
      'measurements.csv',
      'report.html',
      'report.md',
    ]);
    assert.deepEqual(
      figures,
      ['svg', 'png'].map((ending) => join(directory, `figures/phases-and-memory.${ending}`)),
    );
    assert.ok(text.startsWith(`${about.question}\nexample: simulated by the model, fabric test`));
    assert.equal(summary.length, systems.length);
  });

  it('has the same bytes when made again, in another directory', async () => {
    const about = experiment({ figures: ['phases-and-memory', 'tiering'].map(shippedFigure) });
    const contents = [];
    for (const name of ['a', 'b']) {
      const folder = join(directory, name);
      store(about, {}, new Map(), folder);
      await report({ experiment: about, directory: folder });
      contents.push(
        files(folder).map((file) => [file, readFileSync(join(folder, file), 'base64')]),
      );
    }
    assert.deepEqual(contents[0], contents[1]);
  });

  it('leaves out a figure that the measurements cannot fill, says why, and removes its old files', async () => {
    const about = experiment({ figures: ['functions', 'phases-and-memory'].map(shippedFigure) });
    const metrics: MetricName[] = ['restore_ms', 'faults_ms', 'execution_ms', 'end_to_end_ms'];
    store(about);
    assert.equal((await report({ experiment: about, directory })).figures.length, 2);
    const drawn = join(directory, 'figures');
    assert.deepEqual(readdirSync(drawn), ['phases-and-memory.png', 'phases-and-memory.svg']);
    writeFileSync(join(drawn, 'functions.svg'), "the user's");
    writeFileSync(join(drawn, 'mine.svg'), "the user's");
    const { files: made } = JSON.parse(readFileSync(join(directory, 'manifest.json'), 'utf8'));
    store(about, { metrics }, undefined, undefined, made);
    const { text, figures } = await report({ experiment: about, directory });
    assert.deepEqual(figures, []);
    assert.deepEqual(readdirSync(drawn), ['functions.svg', 'mine.svg']);
    for (const { name } of about.figures) {
      const line = `Figure ${name} is left out: the measurements have no local_memory_mb.`;
      assert.ok(text.includes(line), text);
    }
  });

  it('sums up over functions where there are several, and removes the sums where there is one', async () => {
    const two = experiment({
      mechanisms: systems.map(([mechanism]) => mechanism),
      policies: [{ name: 'hybrid', path: '/dev/null' }],
      workloads: ['bert', 'float'].map(workloadOf),
    });
    store(two, { workloads: ['bert', 'float'] });
    const { text, over_workloads } = await report({ experiment: two, directory });
    assert.match(
      text,
      /^geometric mean over functions, relative to local-fork\n.*cold-start +2 /ms,
    );
    assert.equal(over_workloads.baseline?.mechanism, 'local-fork');
    assert.ok(files(directory).includes('summary.csv'));
    for (const place of ['report.md', 'report.html']) {
      assert.match(readFileSync(join(directory, place), 'utf8'), /geometric mean over functions/);
    }
    const criu = (await report({ experiment: two, directory, baseline: 'criu' })).text;
    assert.match(criu, /× criu/);
    assert.match(criu, /^geometric mean over functions, relative to criu$/m);
    const without = { ...two, mechanisms: ['criu', 'cxlfork'] };
    assert.match(
      (await report({ experiment: without, directory })).text,
      /No means over functions: local-fork is not listed; --baseline names another mechanism\./,
    );
    assert.ok(!files(directory).includes('summary.csv'));
  });

  it('replaces no file that no run wrote', async () => {
    const about = experiment({});
    store(about);
    writeFileSync(join(directory, 'report.md'), 'mine');
    await assert.rejects(report({ experiment: about, directory }), {
      name: 'InputError',
      message:
        /report\.md: no run wrote this file, and this one would replace it; expected another /,
    });
    assert.equal(readFileSync(join(directory, 'report.md'), 'utf8'), 'mine');
  });

  it('draws each figure once per backend where there are several', async () => {
    const about = experiment({
      backends: ['simulated', 'vm'],
      figures: ['tiering'].map(shippedFigure),
    });
    store(about);
    const { text, figures } = await report({ experiment: about, directory });
    assert.deepEqual(
      figures,
      ['svg', 'png'].map((ending) => join(directory, `figures/tiering-simulated.${ending}`)),
    );
    assert.ok(text.includes('Figure tiering-vm is left out: there are no measurements.'));
    assert.match(text, /simulated by the model and measured on two emulated kernels/);
  });

  it('tells each reason for skipped and failed trials once, with its count', async () => {
    const about = experiment({ mechanisms: ['criu'] });
    const reason = 'criu takes no policy';
    store(
      about,
      {},
      new Map<number, Outcome>([
        [0, { status: 'skipped', reason }],
        [1, { status: 'skipped', reason }],
        [2, { status: 'failed', reason: 'out of frames' }],
      ]),
    );
    const { text } = await report({ experiment: about, directory });
    for (const place of [text, readFileSync(join(directory, 'report.md'), 'utf8')]) {
      assert.equal(place.split('skipped 2 trials: criu takes no policy').length, 2);
      assert.equal(place.split('failed 1 trial: out of frames').length, 2);
    }
  });

  it('says that there are no measurements where every trial was skipped', async () => {
    const about = experiment({ figures: ['tiering'].map(shippedFigure) });
    store(about, { systems: [] });
    const { text } = await report({ experiment: about, directory });
    assert.match(text, /No trial has measurements\./);
  });

  it('fits the terminal and names what found no room', async () => {
    const about = experiment({});
    store(about);
    const { text } = await report({ experiment: about, directory, width: 80 });
    const table = text.split('\n\n').slice(1, 3).join('\n').split('\n');
    for (const line of table) assert.ok(line.length <= 80, line);
    assert.match(text, /No room here for: .*CXL memory.*; see .*report\.md\./);
  });

  it('says of numbers of the test backend that they are fake', async () => {
    const about = experiment({ backends: ['fake'] });
    store(about);
    assert.match((await report({ experiment: about, directory })).text, /FAKE numbers/);
  });

  it('says what was drawn where parameters are uncertain', async () => {
    const range = { path: 'workload.accessed_share', low: 0.2, high: 0.9, whole: false };
    const about = experiment({ ranges: [range] });
    store(about);
    assert.match(
      (await report({ experiment: about, directory })).text,
      /workload\.accessed_share in \[0\.2, 0\.9\), drawn by Latin hypercube/,
    );
  });

  it('says how many failed trials its figures leave out', async () => {
    const about = experiment({ figures: ['phases-and-memory'].map(shippedFigure) });
    const failed: Outcome = { status: 'failed', reason: 'out of frames' };
    store(about, {}, new Map([[2, failed]]));
    const { notes } = await report({ experiment: about, directory });
    assert.ok(notes.includes('1 failed trial is not drawn in figures.'));
    store(about, {}, new Map(), join(directory, 'b'));
    const whole = await report({ experiment: about, directory: join(directory, 'b') });
    assert.doesNotMatch(whole.notes.join(), /not drawn/);
  });

  it('repeats the caveat of recorded workloads once', async () => {
    const recorded = (name: string) =>
      ({ ...workloadOf(name), kind: 'trace', caveat: 'A caveat.' }) as never;
    const about = experiment({ workloads: [recorded('a'), recorded('b')] });
    store(about);
    const { text } = await report({ experiment: about, directory });
    assert.ok(text.includes('a, b: A caveat.'));
  });

  it('is one page that loads nothing and that names cannot break', async () => {
    const about = experiment({
      question: 'Is 1 < 2 & "x" > <script>?',
      figures: ['phases-and-memory'].map(shippedFigure),
    });
    store(about, { systems: [...systems, ['cxlfork', '<b>&']] });
    await report({ experiment: about, directory });
    const page = readFileSync(join(directory, 'report.html'), 'utf8');
    assert.doesNotMatch(page, /<script|<link|<img|<b>|@import|src=|href="http/);
    assert.ok(page.includes('Is 1 &lt; 2 &amp; &quot;x&quot; &gt; &lt;script&gt;?'));
    assert.ok(page.includes('What is not modelled'));
    assert.ok(page.includes('<svg'));
    const ids = [...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
    assert.equal(new Set(ids).size, ids.length);
  });

  for (const [what, file, content] of [
    ['cut short', 'measurements.csv', 'experiment,back'],
    ['not JSON', 'manifest.json', '{'],
  ] as const) {
    it(`refuses results whose ${file} is ${what}, in one line`, async () => {
      const about = experiment({});
      store(about);
      writeFileSync(join(directory, file), content);
      await assert.rejects(report({ experiment: about, directory }), {
        name: 'InputError',
        message: /measurements\.csv: cannot be read: .*; remove the directory and run .* again$/,
      });
    });
  }
});
