/** The package as others install it: packed, and unpacked among the packages of their own project. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cxlsim } from './cxlsim.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const { isFresh } = createRequire(import.meta.url)('../../sim/cli/build-stamp.cjs') as {
  isFresh(root: string): boolean;
};

describe('the package', function () {
  this.timeout(300_000);
  let project: string;
  let command: string;
  let shipped: string[];
  before(() => {
    project = realpathSync(mkdtempSync(join(tmpdir(), 'cxlsim-package-')));
    const packages = join(project, 'node_modules');
    mkdirSync(packages);
    if (!isFresh(root)) execFileSync(process.execPath, ['sim/build/build.mjs'], { cwd: root });
    const words = ['pack', '--ignore-scripts', '--json', '--pack-destination', project];
    const [{ filename, files }] = JSON.parse(
      execFileSync('npm', words, {
        cwd: root,
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'pipe'],
      }),
    );
    shipped = files.map(({ path }: { path: string }) => path);
    execFileSync('tar', ['-xzf', filename], { cwd: project });
    execFileSync('mv', ['package', 'node_modules/cxlsim'], { cwd: project });
    // As npm would from a registry: only what the package itself asks for, and that asks for in turn.
    for (const name of dependencies(join(packages, 'cxlsim'))) {
      mkdirSync(dirname(join(packages, name)), { recursive: true });
      symlinkSync(join(root, 'node_modules', name), join(packages, name));
    }
    command = join(packages, 'cxlsim/sim/cli/cxlsim.cjs');
    writeFileSync(join(project, 'package.json'), '{ "name": "theirs", "version": "7.8.9" }\n');
  });
  after(() => {
    rmSync(project, { recursive: true, force: true });
  });

  const run = async (...words: string[]) => {
    const { code, out, err } = await cxlsim(words, { cwd: project, command });
    assert.equal(code, 0, err);
    return out;
  };
  const rows = (folder: string) => readFileSync(join(project, folder, 'measurements.csv'), 'utf8');
  const hash = (folder: string) =>
    JSON.parse(readFileSync(join(project, folder, 'manifest.json'), 'utf8')).configuration_hash;

  it('has neither tests nor results nor anything of whoever packed it', () => {
    const foreign = shipped.filter((path) =>
      /(^|\/)(node_modules|compile-cache|\.git|\.ci|\.cache)\/|^test\/|^experiments\/.*results\//.test(
        path,
      ),
    );
    assert.deepEqual(foreign, []);
    for (const path of ['dist/entry.mjs', 'dist/stamp.json', 'dist/types/sim/policy.d.ts']) {
      assert.ok(shipped.includes(path), path);
    }
  });

  it('names the licence of every package that is compiled in', () => {
    const text = readFileSync(join(root, 'dist/notices.txt'), 'utf8');
    const heads = [...text.matchAll(/^=== (\S+) \S+ \((.*)\) ===\n\n(?!===)./gm)];
    const names = heads.map(([, name]) => name);
    for (const name of ['vega', 'yaml', 'yargs', 'zod']) assert.ok(names.includes(name), name);
    assert.equal(heads.length, text.match(/^=== /gm)?.length);
    for (const [, name, licence] of heads) assert.match(licence!, /MIT|ISC|BSD|Apache/, name);
  });

  it('runs as compiled, and says its own version', async () => {
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    assert.equal(await run('--version'), `${version}\n`);
    const entry = join(project, 'node_modules/cxlsim/dist/entry.mjs');
    const text = readFileSync(entry, 'utf8');
    writeFileSync(entry, "console.log('compiled');\n");
    assert.equal(await run('list'), 'compiled\n');
    writeFileSync(entry, text);
  });

  it('runs what it ships by name; results lie in the folder where that was typed', async () => {
    const small = ['--workload', 'float', '--mechanism', 'cxlfork', '--policy', 'hybrid'];
    assert.match(await run('run', 'bert', ...small), /results in results\/bert\n$/);
    assert.ok(existsSync(join(project, 'results/bert/figures/phases-and-memory.svg')));
    assert.ok(!existsSync(join(project, 'node_modules/cxlsim/experiments/results')));
    const here = ['run', 'bert', ...small, '--out', join(project, 'checkout')];
    const { code, err } = await cxlsim(here, { cwd: project });
    assert.equal(code, 0, err);
    assert.equal(rows('results/bert'), rows('checkout'));
    assert.match(hash('checkout'), /^[0-9a-f]{64}$/);
    assert.equal(hash('results/bert'), hash('checkout'));
  });

  it('helps to start: init writes what type-checks and runs', async () => {
    await run('init', 'first');
    const folder = join(project, 'first');
    assert.doesNotMatch(readFileSync(join(folder, 'tsconfig.json'), 'utf8'), /paths/);
    compile(folder);
    await run('run', 'first/mine.yaml', '--workload', 'float', '--repetitions', '1');
    assert.match(rows('first/results/mine'), /cxlfork,mine,float/);
  });

  it('declares what policies import, for TypeScript as others set it up', () => {
    const folder = join(project, 'typed');
    mkdirSync(folder);
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
    writeFileSync(join(folder, 'right.ts'), typed("'migrate-on-access'"));
    for (const module of ['nodenext', 'preserve']) {
      const compilerOptions = { module, target: 'es2023', strict: true, noEmit: true, types: [] };
      writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions }));
      compile(folder);
    }
    writeFileSync(join(folder, 'wrong.ts'), typed("'migrate-on-acess'"));
    assert.throws(() => compile(folder), /wrong\.ts.*TS2322.*migrate-on-acess/s);
  });

  function compile(folder: string): void {
    try {
      execFileSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc')], {
        cwd: folder,
        encoding: 'utf8',
      });
    } catch (error) {
      throw new Error((error as { stdout: string }).stdout);
    }
  }
});

function typed(placement: string): string {
  return `import type { Mechanism } from 'cxlsim/mechanism';
import { metricNames } from 'cxlsim/metrics';
import { definePolicy, type Page } from 'cxlsim/policy';

export const names: readonly string[] = metricNames;
export type Name = Mechanism['name'];
export default definePolicy({
  description: 'x',
  parameters: { share: { default: 1, unit: 'share', description: 'x', source: 'x' } },
  place: (page: Page, { share }) => (page.accessed && share > 0 ? ${placement} : 'migrate-now'),
});
`;
}

/** Names of all packages that the package in `folder` needs, by the manifests here. */
function dependencies(folder: string, known = new Set<string>()): Set<string> {
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  for (const name of Object.keys({ ...manifest.dependencies, ...manifest.optionalDependencies })) {
    const path = join(root, 'node_modules', name);
    if (known.has(name) || !existsSync(path) || readdirSync(path).length === 0) continue;
    known.add(name);
    dependencies(path, known);
  }
  return known;
}
