/**
 * The law of the line: what stands above it runs in a page. It is bundled as for a browser, and runs a trial where
 * there is nothing but the language itself: no Node, no clock, no console.
 */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { createContext, runInContext } from 'node:vm';
import { gzipSync } from 'node:zlib';
import { build, type Plugin } from 'esbuild';
import { parse } from 'yaml';
import hybrid from '../policies/hybrid.ts';
import { presetFabric } from '../sim/experiment/find-fabric.ts';
import { valuesOf } from '../sim/parameters.ts';
import { runFork } from '../sim/scenarios/fork/fork.ts';
import { readProfile } from '../sim/workload/read-profile.ts';
import { trialOf } from './arbitraries.ts';

/**
 * The random generator asks of its seed what kind of array it is, and so knows arrays of complex numbers and of
 * booleans, a third of the bundle. Nobody has any here.
 */
const withoutOddArrays: Plugin = {
  name: 'without arrays of complex numbers and booleans',
  setup({ onLoad, onResolve }) {
    const filter = /^@stdlib\/array-(complex64|complex128|bool)$/;
    onResolve({ filter }, ({ path }) => ({ path, namespace: 'unused' }));
    onLoad({ filter, namespace: 'unused' }, () => ({ contents: 'module.exports = class {};' }));
  },
};

async function bundled(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('browser-entry.ts', import.meta.url))],
    bundle: true,
    minify: true,
    write: false,
    format: 'iife',
    globalName: 'cxlsim',
    platform: 'browser',
    target: 'es2023',
    plugins: [withoutOddArrays],
    logLevel: 'error',
  });
  return outputFiles[0]!.text;
}

const root = new URL('..', import.meta.url);
const readText = (path: string) => readFileSync(new URL(path, root), 'utf8');
const most_compressed_bytes = 60_000;

describe('the model with its readers of workloads, bundled for a browser', () => {
  let text: string;

  before(async () => {
    text = await bundled();
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
