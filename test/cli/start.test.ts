/** How the command starts: compiled where that is of today's sources, else from the sources. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  cpSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { cxlsim } from './cxlsim.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const { tooOld } = createRequire(import.meta.url)('../../sim/cli/node-version.cjs') as {
  tooOld(running: string, engines: string): string | undefined;
};

describe('the version of Node', () => {
  it('that is too old is told with the one that is needed', () => {
    assert.equal(tooOld('18.20.4', '>=20.19'), 'this is Node.js 18.20.4; expected 20.19 or later');
  });

  it('is too old exactly if it comes before the needed one', () => {
    const part = fc.nat(40);
    fc.assert(
      fc.property(part, part, part, part, part, (major, minor, patch, needed, of_needed) => {
        const before = major < needed || (major === needed && minor < of_needed);
        const complaint = tooOld(`${major}.${minor}.${patch}`, `>=${needed}.${of_needed}`);
        assert.equal(complaint !== undefined, before);
      }),
    );
  });

  it('is looked at in a file that has no syntax after ECMAScript 5', () => {
    for (const name of ['cxlsim.cjs', 'node-version.cjs']) {
      const text = readFileSync(join(root, 'sim/cli', name), 'utf8').replace(/\/\*.*?\*\//gs, '');
      assert.doesNotMatch(text, /=>|`|\b(const|let|class|import|async)\b|\?\.|\?\?/, name);
    }
  });
});

describe('the command', function () {
  this.timeout(180_000);
  let copy: string;
  before(() => {
    copy = realpathSync(mkdtempSync(join(tmpdir(), 'cxlsim-start-')));
    for (const name of ['sim', 'policies', 'kernel-module/testbed', 'package.json']) {
      cpSync(join(root, name), join(copy, name), { recursive: true });
    }
    for (const name of ['package-lock.json', 'tsconfig.json', 'traces', 'experiments/figures']) {
      cpSync(join(root, name), join(copy, name), { recursive: true });
    }
    symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
    writeFileSync(join(copy, 'x.yaml'), experiment);
    writeFileSync(join(copy, 'mine.ts'), policy);
    execFileSync(process.execPath, [join(copy, 'sim/build/build.mjs')]);
  });
  after(() => {
    rmSync(copy, { recursive: true, force: true });
  });

  const start = async (...words: string[]) => {
    const command = join(copy, 'sim/cli/cxlsim.cjs');
    const { code, out, err } = await cxlsim(words, { cwd: copy, command });
    assert.equal(code, 0, err);
    return out;
  };
  const text = (name: string) => readFileSync(join(copy, name), 'utf8');

  /** Runs `during` while the file has other text. */
  const changed = async (name: string, change: (text: string) => string, during: () => unknown) => {
    const before = text(name);
    assert.notEqual(change(before), before, `${name} is not as the test assumes`);
    writeFileSync(join(copy, name), change(before));
    try {
      await during();
    } finally {
      writeFileSync(join(copy, name), before);
    }
  };

  it('is what was compiled, as long as the sources are those it was compiled from', async () => {
    await changed(
      'dist/entry.mjs',
      () => "console.log('compiled');\n",
      async () => {
        assert.equal(await start('list'), 'compiled\n');
        const name = 'sim/metrics/processes.ts';
        await changed(
          name,
          (source) => source.replace('freezing the', 'freezing all of the'),
          async () => {
            assert.match(await start('list', 'metrics'), /freezing all of the/);
          },
        );
        assert.equal(await start('list'), 'compiled\n');
      },
    );
  });

  it('measures and draws the same bytes, under one configuration hash, compiled or not', async () => {
    await start('run', 'x.yaml', '--out', 'compiled');
    await start('run', 'x.yaml', '--out', 'in-workers', '--jobs', '2');
    await changed(
      'dist/stamp.json',
      () => '{}',
      () => start('run', 'x.yaml', '--out', 'translated'),
    );
    const hashOf = (folder: string) =>
      JSON.parse(text(`${folder}/manifest.json`)).configuration_hash;
    assert.match(hashOf('compiled'), /^[0-9a-f]{64}$/);
    for (const other of ['in-workers', 'translated']) {
      assert.equal(hashOf(other), hashOf('compiled'));
      for (const file of ['measurements.csv', 'figures/phases-and-memory.svg', 'report.md']) {
        assert.equal(text(`${other}/${file}`), text(`compiled/${file}`), `${other}/${file}`);
      }
    }
  });

  it('has another configuration hash when the model is another', async () => {
    const name = 'sim/memory/address-space.ts';
    await changed(
      name,
      (source) => `${source}// Changed.\n`,
      () => start('run', 'x.yaml', '--out', 'edited'),
    );
    const [hash, before] = ['edited', 'compiled'].map(
      (folder) => JSON.parse(text(`${folder}/manifest.json`)).configuration_hash,
    );
    assert.notEqual(hash, before);
  });
});

const experiment = `question: Is it the same?
backends: [simulated]
mechanisms: [local-fork, cxlfork]
policies: [hybrid, ./mine.ts]
workloads: [float]
fabric: cxlfork-testbed
figures: [phases-and-memory]
`;

const policy = `import { definePolicy, type Placement } from 'cxlsim/policy';

const used: Placement = 'migrate-on-access';
export default definePolicy({
  description: 'used pages are copied when touched',
  place: ({ accessed }) => (accessed ? used : 'migrate-on-write'),
});
`;
