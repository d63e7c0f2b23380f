/**
 * `npm run build`, and `npm ci` by itself: compiles the command into `dist/`.
 *
 *     sim/cli/entry.ts ───┐                 dist/entry.mjs         what every command needs
 *     worker threads ─────┤ esbuild ──────► dist/trial-worker.mjs  …
 *     sim/policy.ts, … ───┘                 dist/*-HASH.mjs        what is loaded when it is needed
 *     sim/policy.ts, … ───── tsc ─────────► dist/types/            declarations, for policies' authors
 *
 * Packages are compiled in, since hundreds of small files take Node longer to load than to run; what
 * is native, translates users' files, or comes without the text of its licence, stays outside.
 */

import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { writeStamp } from '../cli/build-stamp.cjs';
import { noticesOf } from './notices.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const outside = ['@resvg/resvg-js', 'pdfkit', 'tsx'];

/** Entries by the name of the file in `dist/`. */
const entries = {
  entry: 'sim/cli/entry.ts',
  ...Object.fromEntries(
    Object.keys(exports)
      .map((name) => name.slice('./'.length))
      .filter((name) => !name.includes('.'))
      .map((name) => [name, `sim/${name}.ts`]),
  ),
  ...workers(),
};

/** Entries of worker threads: beside each `.mjs` that starts one from sources lies its `.ts`. */
function workers() {
  const started = /\bnew Worker\(new URL\('(\.[^']*)\.mjs', import\.meta\.url\)/g;
  const found = readdirSync(join(root, 'sim'), { recursive: true })
    .filter((name) => name.endsWith('.ts'))
    .flatMap((name) => {
      const text = readFileSync(join(root, 'sim', name), 'utf8');
      return [...text.matchAll(started)].map(([, entry]) => join('sim', dirname(name), entry));
    });
  return Object.fromEntries(found.map((entry) => [basename(entry), `${entry}.ts`]));
}

/**
 * Modules go on seeing the place of their source, where their data lies. A worker's entry alone is
 * meant in `dist/`, where all that is compiled lies in one folder.
 */
const placed = {
  name: 'place of the source',
  setup({ onLoad, onResolve }) {
    onLoad({ filter: /\/(sim|policies|kernel-module)\/.*\.ts$/, namespace: 'file' }, ({ path }) => {
      const there = JSON.stringify(`../${relative(root, path)}`);
      const url = `new URL(${there}, import.meta.url)`;
      const contents = readFileSync(path, 'utf8')
        .replace(/(?<!new Worker\(new URL\('[^']*', )\bimport\.meta\.url\b/g, `${url}.href`)
        .replace(/\bimport\.meta\.filename\b/g, `decodeURIComponent(${url}.pathname)`)
        .replace(/\bimport\.meta\.dirname\b/g, `decodeURIComponent(new URL('.', ${url}).pathname)`);
      return { contents, loader: 'ts' };
    });
    onResolve({ filter: /\/load-typescript\.mjs$/ }, () => ({
      path: '../sim/load-typescript.mjs',
      external: true,
    }));
  },
};

/** Before anything else an entry says how files of users become loadable: from sources, they are. */
const prepared = {
  name: 'files of users',
  setup({ onLoad, onResolve }) {
    onResolve({ filter: /^(entry|prelude):/ }, ({ path }) => ({ path, namespace: 'compiled' }));
    onLoad({ filter: /^entry:/, namespace: 'compiled' }, ({ path }) => ({
      contents: `import 'prelude:'; export * from './${path.slice('entry:'.length)}';`,
      resolveDir: root,
    }));
    onLoad({ filter: /^prelude:/, namespace: 'compiled' }, () => ({
      contents: `
        import { prepareUserFiles } from './sim/user-files.ts';
        prepareUserFiles(() => import('./sim/load-typescript.mjs'));`,
      resolveDir: root,
    }));
  },
};

const dist = join(root, 'dist');
rmSync(dist, { recursive: true, force: true });
const { metafile } = await build({
  absWorkingDir: root,
  entryPoints: Object.fromEntries(
    Object.entries(entries).map(([name, source]) => [name, `entry:${source}`]),
  ),
  outdir: dist,
  outExtension: { '.js': '.mjs' },
  chunkNames: '[name]-[hash]',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  sourcemap: true,
  sourcesContent: false,
  metafile: true,
  external: outside,
  plugins: [placed, prepared],
  // CommonJS packages ask for Node's own modules this way.
  banner: {
    js: "import { createRequire as cxlsimRequire } from 'node:module'; const require = cxlsimRequire(import.meta.url);",
  },
  logLevel: 'warning',
});
writeFileSync(join(dist, 'notices.txt'), noticesOf(metafile, root));
declare(join(dist, 'types'));
writeStamp(root);

/** Declarations name their neighbours as `.ts`, which the TypeScript of a user refuses to follow. */
function declare(folder) {
  const compiler = join(root, 'node_modules/typescript/bin/tsc');
  if (!existsSync(compiler)) {
    // `npm ci --omit=dev`: the command needs none.
    console.error('dist/types is left out: TypeScript is not installed');
    return;
  }
  const words = [compiler, '--project', 'sim/build/tsconfig.json'];
  execFileSync(process.execPath, words, { cwd: root, stdio: 'inherit' });
  for (const name of readdirSync(folder, { recursive: true })) {
    if (!name.endsWith('.d.ts')) continue;
    const path = join(folder, name);
    const text = readFileSync(path, 'utf8');
    writeFileSync(path, text.replace(/(?<=['"]\.{1,2}\/[^'"]*)\.ts(?=['"])/g, '.js'));
  }
}
