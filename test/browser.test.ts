/**
 * The law of the line: what stands above it runs in a page. It is bundled as for a browser, and runs a trial where
 * there is nothing but the language itself: no Node, no clock, no console.
 */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createContext, runInContext } from 'node:vm';
import { gzipSync } from 'node:zlib';
import { build, type Plugin } from 'esbuild';
import { parse } from 'yaml';
import hybrid from '../policies/hybrid.ts';
import { expand } from '../sim/experiment/expand.ts';
import { presetFabric } from '../sim/experiment/find-fabric.ts';
import { loadExperiment } from '../sim/experiment/load.ts';
import { valuesOf } from '../sim/parameters.ts';
import { measurementsOf, writeMeasurements } from '../sim/results/measurements-csv.ts';
import type { Outcome } from '../sim/results/outcome.ts';
import { runFork } from '../sim/scenarios/fork/fork.ts';
import { readProfile } from '../sim/workload/read-profile.ts';
import { trialOf } from './arbitraries.ts';
import { scratchFolder } from './experiment/scratch-folder.ts';
import { simulated } from './simulator.ts';

/**
 * What the random generator brings along that nobody needs here: it asks of its seed what kind of array it is, and so
 * knows arrays of complex numbers and of booleans; it can be written as JSON; and its messages, about seeds that are
 * none, are formatted.
 */
const unused: Readonly<Record<string, string>> = {
  '@stdlib/array-complex64': 'class {}',
  '@stdlib/array-complex128': 'class {}',
  '@stdlib/array-bool': 'class {}',
  '@stdlib/array-to-json': '() => undefined',
  '@stdlib/string-format': '(text) => text',
};
const withoutUnused: Plugin = {
  name: 'without what the random generator brings along',
  setup({ onLoad, onResolve }) {
    onResolve({ filter: /^@stdlib\// }, ({ path }) =>
      path in unused ? { path, namespace: 'unused' } : undefined,
    );
    onLoad({ filter: /./, namespace: 'unused' }, ({ path }) => ({
      contents: `module.exports = ${unused[path]};`,
    }));
  },
};

async function bundled(entry: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL(entry, import.meta.url))],
    bundle: true,
    minify: true,
    write: false,
    format: 'iife',
    globalName: 'cxlsim',
    platform: 'browser',
    target: 'es2023',
    plugins: [withoutUnused],
    logLevel: 'error',
  });
  return outputFiles[0]!.text;
}

const root = new URL('..', import.meta.url);
const readText = (path: string) => readFileSync(new URL(path, root), 'utf8');
const most_compressed_bytes = 62_000;

describe('the model with its readers of workloads, bundled for a browser', () => {
  let text: string;

  before(async () => {
    text = await bundled('browser-entry.ts');
  });

  it('is small', () => {
    const compressed = gzipSync(text, { level: 9 }).length;
    process.stdout.write(`    ${text.length} bytes minified, ${compressed} compressed\n`);
    assert.ok(compressed < most_compressed_bytes, `${compressed} bytes`);
  });

  it('runs BERT where nothing is but the language, and measures what it measures here', () => {
    const profile = parse(readText('traces/profiles/bert.yaml'));
    const fabric = presetFabric('cxlfork-testbed');
    const children = { count: 2, nodes: 1, interval_ms: 0 };
    const policy = { name: 'hybrid', path: 'hybrid' };
    const host = { name: 'hybrid', policy: hybrid, values: valuesOf(hybrid.parameters ?? {}) };
    for (const mechanism of ['cxlfork', 'mitosis']) {
      const asked = mechanism === 'cxlfork';
      const trial = trialOf({
        mechanism,
        fabric,
        children,
        workload: readProfile(profile, 'bert'),
        policy: asked ? policy : undefined,
      });
      const here = runFork(trial, asked ? { ...host, ask: (ask) => ask(hybrid) } : undefined);
      const page = createContext(Object.create(null));
      const given = JSON.stringify({ trial, profile, values: host.values, asked });
      runInContext(text, page);
      const there = runInContext(
        `(() => {
          const { trial, profile, values, asked } = JSON.parse(${JSON.stringify(given)});
          trial.workload = cxlsim.readProfile(profile, 'bert');
          const policy = cxlsim.hybrid;
          const host = { name: 'hybrid', policy, values, ask: (questions) => questions(policy) };
          return JSON.stringify(cxlsim.runFork(trial, asked ? host : undefined));
        })()`,
        page,
      );
      assert.deepEqual(JSON.parse(there), here);
    }
  });
});

const experiment = `question: Does a page measure what the command measures?
mechanisms: [local-fork, cxlfork]
policies: [hybrid]
workloads: [float]
fabric: { preset: cxlfork-testbed, cxl: { write_gb_per_s: 4 } }
children: 2
repetitions: 2
sweep: { fabric.cxl.latency_ns: [200, 391] }
ranges: { workload.accessed_share: [0.3, 0.6] }
`;
const faulty = experiment
  .replace('[hybrid]', '[hybird]')
  .replace('[float]', '[flota]')
  .replace('cxl: {', 'clx: {');

describe('experiments, their checks and their table, bundled for a browser', () => {
  const shelf = {
    fabrics: { 'cxlfork-testbed': presetFabric('cxlfork-testbed') },
    profiles: { float: parse(readText('traces/profiles/float.yaml')) },
  };
  let text: string;

  before(async () => {
    text = await bundled('browser-experiment-entry.ts');
  });

  /** What a page makes of an experiment's text: the table, or what is wrong. */
  function inPage(content: string): Promise<string> {
    const page = createContext(Object.create(null));
    runInContext(text, page);
    const given = ['x.yaml', content, shelf].map((each) => JSON.stringify(each)).join(', ');
    return runInContext(
      `cxlsim.tableOf(${given}).then((table) => table, (error) => String(error.message))`,
      page,
    );
  }

  /** The same by way of files. */
  async function here(content: string): Promise<string> {
    const file = join(scratchFolder({ 'x.yaml': content }), 'x.yaml');
    const loaded = await loadExperiment(file);
    const trials = expand(loaded);
    const outcomes = new Map<number, Outcome>();
    for (const trial of trials) {
      outcomes.set(trial.index, { status: 'done', ...(await simulated.run(trial)) });
    }
    const swept = loaded.sweep.map(({ path }) => path);
    return writeMeasurements(measurementsOf(trials, outcomes), swept);
  }

  it('give the same bytes where nothing is but the language', async () => {
    process.stdout.write(
      `    ${text.length} bytes minified, ${gzipSync(text, { level: 9 }).length} compressed\n`,
    );
    const table = await inPage(experiment);
    assert.equal(table, await here(experiment));
    assert.ok(table.split('\n').length > 100, table);
  });

  it('give the same bytes of many instances', async () => {
    const many = experiment.replace('children: 2', 'children: 40\nscenario: cluster');
    assert.equal(await inPage(many), await here(many));
  });

  it('are refused with the same lines', async () => {
    const folder = scratchFolder({ 'x.yaml': faulty });
    const refused = await loadExperiment(join(folder, 'x.yaml')).catch((error) => error.message);
    const bare = (lines: string) =>
      lines
        .split('\n')
        .map((line) => line.replace(`${folder}/`, '').replace(/; (found|did).*/, ''));
    assert.deepEqual(bare(await inPage(faulty)), bare(refused));
    assert.equal(bare(refused).length, 3);
  });
});
