/** Laws of the configuration hash: it changes exactly with what decides the measurements. */

import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import type { Experiment } from '../../sim/experiment/experiment.ts';
import { shippedFigure } from '../../sim/experiment/figure-file.ts';
import { canonicalJson } from '../../sim/results/canonical-json.ts';
import { configurationHash } from '../../sim/results/configuration.ts';
import { experimentOf, fabric, trialsOf, workloadOf } from './experiment-of.ts';

describe('configuration hash', () => {
  let directory: string;
  before(() => {
    directory = mkdtempSync(join(tmpdir(), 'cxlsim-configuration-'));
  });
  after(() => rmSync(directory, { recursive: true }));

  const hash = (experiment: Experiment) => configurationHash(experiment, trialsOf(experiment));
  const policy = (name: string, text: string, folder = '.') => {
    mkdirSync(join(directory, folder), { recursive: true });
    const path = join(directory, folder, `${name}.ts`);
    writeFileSync(path, text);
    return { name, path };
  };

  it('is the same for equal experiments, and for other figures and words', () => {
    const one = hash(experimentOf({}));
    assert.equal(hash(experimentOf({})), one);
    assert.equal(
      hash(experimentOf({ figures: ['tiering'].map(shippedFigure), question: 'Why?' })),
      one,
    );
  });

  it('changes with seed, repetitions, mechanism, workload, fabric and parameter', () => {
    const changed: Partial<Experiment>[] = [
      {},
      { seed: 2 },
      { repetitions: 2 },
      { mechanisms: ['criu'] },
      { workloads: [workloadOf('bert')] },
      { workloads: [{ ...workloadOf('float'), touched_mb: 5.5 }] },
      { fabric: { ...fabric, cxl: { ...fabric.cxl, latency_ns: 401 } } },
      { sweep: [{ path: 'fabric.cxl.latency_ns', values: [400] }] },
    ];
    const hashes = changed.map((parts) => hash(experimentOf(parts)));
    hashes.push(configurationHash(experimentOf({}), trialsOf(experimentOf({}), { delay_ms: 0 })));
    assert.equal(new Set(hashes).size, changed.length + 1);
  });

  it('takes more trials than one string can hold', () => {
    const experiment = experimentOf({});
    const trial = { ...trialsOf(experiment)[0]!, mechanism: 'x'.repeat(2 ** 26) };
    assert.match(configurationHash(experiment, Array(8).fill(trial)), /^[0-9a-f]{64}$/);
  }).timeout(30_000);

  it('changes with the text of a policy file and not with its place', () => {
    const hashWith = (text: string, folder?: string) =>
      hash(experimentOf({ policies: [policy('mine', text, folder)] }));
    assert.equal(hashWith('export default 1;'), hashWith('export default 1;', 'elsewhere'));
    assert.notEqual(hashWith('export default 1;'), hashWith('export default 2;'));
  });

  it('changes with the text of a file that a policy imports, and with what that imports', () => {
    const hashWith = (text: string) => {
      const mine = policy('mine', "import { limit } from './limit.ts';\nexport default limit;");
      policy('limit', "export { limit } from './deeper.ts';");
      policy('deeper', text);
      return hash(experimentOf({ policies: [mine] }));
    };
    assert.equal(hashWith('export const limit = 1;'), hashWith('export const limit = 1;'));
    assert.notEqual(hashWith('export const limit = 1;'), hashWith('export const limit = 2;'));
  });

  it('is another for each backend, since each has sources of its own', () => {
    const hashes = ['simulated', 'vm', 'host', 'fake'].map((backend) =>
      hash(experimentOf({ backends: [backend] })),
    );
    assert.equal(new Set(hashes).size, 4);
  });

  it('changes with one line that a trace misses', () => {
    const missing = (lines: number[]) =>
      hash(
        experimentOf({
          workloads: [
            { ...workloadOf('float'), lines: Float64Array.from(lines) } as unknown as ReturnType<
              typeof workloadOf
            >,
          ],
        }),
      );
    assert.equal(missing([1, 2, 3]), missing([1, 2, 3]));
    assert.notEqual(missing([1, 2, 3]), missing([1, 2, 4]));
  });
});

describe('canonical JSON', () => {
  it('does not depend on the order of keys', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        const turned = Object.fromEntries(Object.entries(value).reverse());
        assert.equal(canonicalJson(turned), canonicalJson(value));
      }),
    );
  });

  it('tells numbers that JSON has no words for from null and from one another', () => {
    const texts = [NaN, Infinity, -Infinity, null].map((value) => canonicalJson([value]));
    assert.equal(new Set(texts).size, 4);
  });
});
