import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { backends as backendsByName } from '../sim/backends/registry.ts';
import { installed } from '../sim/experiment/installed.ts';
import { allMechanisms } from '../sim/mechanisms/all.ts';
import { placements } from '../sim/policy.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

/**
 * Lowest first; what stands on one line may import one another, so that a folder has its line for itself: no circle
 * goes through two folders.
 */
const layers: readonly (readonly string[])[] = [
  ['sim/input/'],
  [
    'sim/units.ts',
    'sim/gathered.ts',
    'sim/grown.ts',
    'sim/normal-quantile.ts',
    'sim/random.ts',
    'sim/quantile.ts',
    'sim/stages.ts',
    'sim/metrics.ts',
    'sim/metrics/',
    'sim/series.ts',
    'sim/parameters.ts',
  ],
  ['sim/engine/'],
  ['sim/fabric/'],
  ['sim/memory/'],
  ['sim/policy.ts', 'sim/keep-alive.ts', 'sim/routing.ts', 'sim/page-view.ts', 'sim/placements.ts'],
  ['policies/'],
  ['sim/workload/'],
  ['sim/properties.ts', 'sim/sandbox.ts', 'sim/mechanism.ts', 'sim/staged-mechanism.ts'],
  ['sim/mechanisms/'],
  ['sim/backend.ts'],
  ['sim/scenarios/'],
  ['sim/plugins.ts', 'sim/user-files.ts'],
  ['sim/files/'],
  ['sim/backends/', 'sim/load-typescript.mjs'],
  ['sim/experiment/'],
  ['sim/recording/'],
  ['sim/results/'],
  ['sim/validation/'],
  ['sim/sensitivity/'],
  ['sim/machine/'],
  ['sim/report/'],
  ['sim/cli/'],
  ['sim/build/'],
];

/** What stands below the backends also runs in a browser page. */
const backends = layers.findIndex((names) => names.includes('sim/files/'));
/** What stands below the trial is the model itself. */
const model_end = layers.findIndex((names) => names.includes('sim/backend.ts'));

function layerOf(file: string): number {
  return layers.findIndex((names) =>
    names.some((name) => file === name || (name.endsWith('/') && file.startsWith(name))),
  );
}

function sources(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && /\.(ts|mjs)$/.test(entry.name))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .sort();
}

/** The text without comments; strings stay. */
function code(file: string): string {
  return readFileSync(join(root, file), 'utf8')
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/(^|\s)\/\/.*$/gm, '');
}

/** Every module that a text names: static, dynamic, type-only, and as a worker's URL. */
function imports(text: string): string[] {
  const forms = [
    /\bfrom\s*['"]([^'"]+)['"]/g,
    /\bimport\s*\(?\s*['"]([^'"]+)['"]/g,
    /\bnew URL\(\s*['"]([^'"]+\.(?:ts|mjs))['"]/g,
  ];
  return forms.flatMap((form) => [...text.matchAll(form)].map((match) => match[1]!));
}

const files = [...sources('sim'), ...sources('policies')];
const graph = files.map((file) => ({ file, imports: imports(code(file)) }));

/** The project's file that `specifier` names in `file`; `undefined` for packages. */
function target(file: string, specifier: string): string | undefined {
  if (specifier.startsWith('cxlsim/')) return `sim/${specifier.slice('cxlsim/'.length)}.ts`;
  if (!specifier.startsWith('.')) return undefined;
  return join(dirname(file), specifier);
}

/** Files that import one another around, each circle once, by walking depth first. */
function circles(): string[] {
  const above: string[] = [];
  const done = new Set<string>();
  const found: string[] = [];
  const visit = (file: string) => {
    const at = above.indexOf(file);
    if (at >= 0) found.push([...above.slice(at), file].join(' → '));
    if (at >= 0 || done.has(file)) return;
    above.push(file);
    for (const specifier of graph.find((each) => each.file === file)?.imports ?? []) {
      const imported = target(file, specifier);
      if (imported !== undefined) visit(imported);
    }
    above.pop();
    done.add(file);
  };
  for (const { file } of graph) visit(file);
  return found;
}

describe('layers', () => {
  it('hold every source file', () => {
    assert.deepEqual(
      files.filter((file) => layerOf(file) === -1),
      [],
    );
  });

  it('import only from themselves and from below, types included', () => {
    const upward = graph.flatMap(({ file, imports: names }) =>
      names.flatMap((specifier) => {
        const imported = target(file, specifier);
        if (imported === undefined) return [];
        return layerOf(imported) > layerOf(file) ? [`${file} imports ${imported}`] : [];
      }),
    );
    assert.deepEqual(upward, []);
  });

  it('hold no two folders on one line', () => {
    const shared = layers.filter((names) => names.filter((name) => name.endsWith('/')).length > 1);
    assert.deepEqual(shared, []);
  });

  it('have no circle of files, types included', () => {
    assert.deepEqual(circles(), []);
  });

  it('import nothing outside sim and policies, but backends and the machine the testbed', () => {
    const outside = graph.flatMap(({ file, imports: names }) =>
      names.flatMap((specifier) => {
        const imported = target(file, specifier);
        const testbed =
          /^sim\/(backends\/real|machine)\//.test(file) &&
          imported?.startsWith('kernel-module/testbed/') === true;
        return imported !== undefined && layerOf(imported) === -1 && !testbed
          ? [`${file} imports ${imported}`]
          : [];
      }),
    );
    assert.deepEqual(outside, []);
  });

  it('below the backends import nothing of Node, so that a browser can run them', () => {
    const bound = graph.flatMap(({ file, imports: names }) =>
      layerOf(file) < backends
        ? names.filter((name) => name.startsWith('node:')).map((name) => `${file} imports ${name}`)
        : [],
    );
    assert.deepEqual(bound, []);
    const globals = files.filter(
      (file) =>
        layerOf(file) < backends && /\b(process|Buffer|__dirname)\b\s*[.[(]/.test(code(file)),
    );
    assert.deepEqual(globals, []);
  });

  it('have neither clock nor chance of their own in the model', () => {
    const forbidden =
      /\bMath\.random\b|\bDate\b|\bperformance\s*\.|\bset(Timeout|Interval|Immediate)\b/;
    assert.deepEqual(
      files.filter((file) => layerOf(file) < backends && forbidden.test(code(file))),
      [],
    );
  });

  it('let simulated time pass only at a yield: the model has no promise', () => {
    assert.deepEqual(
      files.filter(
        (file) => layerOf(file) < model_end && /\basync\b|\bawait\b|\bPromise\b/.test(code(file)),
      ),
      [],
    );
  });

  it('see imports of every form, and none in comments', () => {
    const text = `
      import type { A } from './a.ts';
      import { b,
        c } from "./b.ts";
      import './c.ts';
      export * from './d.ts';
      const e = await import('./e.ts');
      new Worker(new URL('./f.mjs', import.meta.url));
      type G = import('./g.ts').G;`;
    assert.deepEqual(imports(text).sort(), [
      './a.ts',
      './b.ts',
      './c.ts',
      './d.ts',
      './e.ts',
      './f.mjs',
      './g.ts',
    ]);
  });
});

/** Where plug-ins of each kind are listed, and where each is implemented or declared. */
const plugins: readonly {
  readonly kind: string;
  readonly names: readonly string[];
  readonly own: RegExp;
}[] = [
  { kind: 'backend', names: Object.keys(backendsByName), own: /^sim\/backends\// },
  {
    kind: 'mechanism',
    names: Object.keys(allMechanisms),
    own: /^sim\/(mechanisms|backends\/real)\//,
  },
  {
    kind: 'policy',
    // The names of placements are words of every policy's answer.
    names: [...installed.policies.keys()].filter(
      (name) => !placements.some((placement) => placement === name),
    ),
    own: /^policies\//,
  },
];

/** What names a plug-in all the same, and why that is not the plug-in's affair. */
const named_for_a_reason: Readonly<Record<string, string>> = {
  'sim/experiment/read-policy.ts clairvoyant': 'a key of policies has that name, too',
  'sim/results/summarize.ts clairvoyant': 'regret is told from rows alone, which know no policies',
};

describe('a plug-in', () => {
  it('is named by its own files and its registry, and nowhere else', () => {
    const foreign = plugins.flatMap(({ kind, names, own }) =>
      names.flatMap((name) =>
        files
          .filter((file) => !own.test(file) && code(file).includes(`'${name}'`))
          .filter((file) => !(`${file} ${name}` in named_for_a_reason))
          .map((file) => `${file} names ${kind} ${name}`),
      ),
    );
    assert.deepEqual(foreign, []);
  });
});

describe('the project', () => {
  it('stands alone: no source, test or data names a folder beside or outside it', () => {
    const foreign = new RegExp(`\\.\\./${'shared'}\\b|/${'work'}/|/home/\\w|/${'tmp'}/brief`);
    const named = ['sim', 'policies', 'test', 'experiments', 'traces']
      .flatMap((folder) =>
        readdirSync(join(root, folder), { withFileTypes: true, recursive: true })
          .filter((entry) => entry.isFile() && /\.(ts|mjs|yaml|json|md|csv)$/.test(entry.name))
          .filter((entry) => !entry.parentPath.includes('/results'))
          .map((entry) => join(entry.parentPath, entry.name)),
      )
      .filter((path) => foreign.test(readFileSync(path, 'utf8')))
      .map((path) => relative(root, path));
    assert.deepEqual(named, []);
  });
});
