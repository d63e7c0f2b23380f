import assert from 'node:assert/strict';
import type { Trial } from '../../sim/backend.ts';
import { fake } from '../../sim/backends/fake.ts';
import { OpenBackends } from '../../sim/backends/open-backends.ts';
import { backends } from '../../sim/backends/registry.ts';
import { randomStream } from '../../sim/random.ts';
import { two_nodes } from '../arbitraries.ts';

const trial = {
  index: 0,
  experiment: 'x',
  backend: 'fake',
  mechanism: 'criu',
  policy: undefined,
  workload: { kind: 'profile', name: 'float' },
  repetition: 0,
  swept: {},
  seed: 7,
  fabric: two_nodes,
  parameters: {},
} as unknown as Trial;

const hybrid = { name: 'hybrid', path: 'hybrid.ts' };

describe('the fake backend', () => {
  it('measures what its description says', async () => {
    const u = randomStream(7, 'fake').uniform();
    const restore_ms = (1 + u) * 3;
    assert.deepEqual((await fake.run(trial)).measurements, {
      restore_ms,
      faults_ms: 0,
      execution_ms: 3.91,
      end_to_end_ms: restore_ms + 3.91,
      local_memory_mb: 5,
    });
    const { measurements: other } = await fake.run({
      ...trial,
      mechanism: 'cxlfork',
      policy: hybrid,
    });
    assert.equal(other.restore_ms, (1 + u) * 5);
    assert.equal(other.faults_ms, 0.1 * 6);
  });

  it('fails where it is told to, and nowhere else', async () => {
    const parameters = { fake: { fails: 'criu' } };
    await assert.rejects(fake.run({ ...trial, parameters }), /^Error: criu fails because/);
    await fake.run({ ...trial, parameters, mechanism: 'mitosis' });
  });

  it('skips policies for mechanisms that take none, and says why', () => {
    assert.match(
      String(fake.unsupported({ ...trial, policy: hybrid })),
      /^criu takes no policy: .*; leave out the policy$/,
    );
    assert.equal(fake.unsupported(trial), undefined);
    assert.equal(fake.unsupported({ ...trial, mechanism: 'cxlfork', policy: hybrid }), undefined);
  });
});

describe('the registry of backends', () => {
  it('opens each under its name', async () => {
    const opened = new OpenBackends({ directory: '.' });
    for (const name of Object.keys(backends)) assert.equal((await opened.get(name)).name, name);
    await opened.close();
  });

  it('says of each whether it records live functions: what runs on kernels does', async () => {
    const opened = new OpenBackends({ directory: '.' });
    for (const [name, { runs }] of Object.entries(backends)) {
      const { record } = await opened.get(name);
      assert.equal(record !== undefined, runs === 'kernels', name);
    }
    await opened.close();
  });
});
