/** What it takes to add a plug-in: it is added to a copy of the sources, and runs there. */

import assert from 'node:assert/strict';
import { cpSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cxlsim } from './cli/cxlsim.ts';
import { scratchFolder } from './experiment/scratch-folder.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const copied = [
  'package.json',
  'tsconfig.json',
  'sim',
  'policies',
  'traces',
  'experiments',
  'kernel-module',
];

interface Addition {
  /** New files, by path. */
  readonly files: Readonly<Record<string, string>>;
  /** Lines that are added to an existing file, each behind a line that is there. */
  readonly lines: readonly (readonly [file: string, behind: string, line: string])[];
}

const profile = readFileSync(join(root, 'traces/profiles/float.yaml'), 'utf8');
const fabric = readFileSync(join(root, 'traces/fabrics/cxlfork-testbed.yaml'), 'utf8');

const additions: Readonly<Record<string, Addition>> = {
  policy: {
    files: {
      'policies/toy-policy.ts': `import { definePolicy } from 'cxlsim/policy';
export default definePolicy({ description: 'toy', place: () => 'migrate-on-write' });
`,
    },
    lines: [],
  },
  'workload of a known kind': { files: { 'traces/profiles/toy-work.yaml': profile }, lines: [] },
  fabric: { files: { 'traces/fabrics/toy-fabric.yaml': fabric }, lines: [] },
  mechanism: {
    files: {
      'sim/mechanisms/toy.ts': `import coldStart from './cold-start.ts';
const { is_baseline: _, ...rest } = coldStart;
export default { ...rest, name: 'toy-fork', description: 'toy' };
`,
    },
    lines: [
      [
        'sim/mechanisms/registry.ts',
        "import mitosis from './mitosis.ts';",
        "import toy from './toy.ts';",
      ],
      ['sim/mechanisms/registry.ts', '  [coldStart, ', 'toy, '],
    ],
  },
  backend: {
    files: {
      'sim/backends/toy-definition.ts': `import { fake } from './fake-definition.ts';
export const toy = { ...fake, description: 'toy', origin: 'toy numbers', for_tests: undefined, parameters: {} };
`,
      'sim/backends/toy.ts': `export const open = () => ({
  name: 'toy',
  unsupported: () => undefined,
  run: async ({ mechanism }) => ({ measurements: { restore_ms: mechanism.length, toys: 2 } }),
  close: async () => {},
});
`,
    },
    lines: [
      [
        'sim/backends/registry.ts',
        "import { vm } from './vm-definition.ts';\n",
        "import { toy } from './toy-definition.ts';\n",
      ],
      ['sim/backends/registry.ts', '  simulated,\n', '  toy,\n'],
    ],
  },
  metric: {
    files: {},
    lines: [
      [
        'sim/metrics.ts',
        'export const metrics = {\n',
        "  toys: { kind: 'count', description: 'toys' },\n",
      ],
    ],
  },
  command: {
    files: {
      'sim/cli/commands/toy.ts': `export const toy = {
  usage: 'toy',
  describe: 'plays',
  options: {},
  complaint: { excess: 'expected none' },
  command: () => async () => {
    process.stdout.write('played\\n');
    return 0;
  },
};
`,
    },
    lines: [
      [
        'sim/cli/commands/registry.ts',
        "  ['list', async () => (await import('./list.ts')).list],\n",
        "  ['toy', async () => (await import('./toy.ts')).toy],\n",
      ],
    ],
  },
};

/** A list of an experiment: where trials hold it, what it is made of, how a file says it, and that it is read. */
const dimension: Addition = {
  files: {},
  lines: [
    ['sim/backend.ts', '  readonly repetition: number;\n', '  readonly flavour: string;\n'],
    [
      'sim/experiment/dimensions.ts',
      '  readonly backends: readonly string[];\n',
      '  readonly flavours: readonly string[];\n',
    ],
    [
      'sim/experiment/dimensions.ts',
      'export const dimensions = [\n',
      "{ name: 'flavour', list: 'flavours', of: ({ flavour }) => flavour, " +
        "parts: ({ flavours }) => flavours.map((flavour) => ({ flavour })), tells: 'surroundings' },\n",
    ],
    [
      'sim/experiment/experiment-file.ts',
      'export interface ExperimentFile {\n',
      '  readonly flavours: readonly string[];\n',
    ],
    [
      'sim/experiment/experiment-file.ts',
      '  return z.strictObject(\n    {\n',
      "      flavours: list(z.string(), 'a list of flavours').default(['plain']),\n",
    ],
    [
      'sim/experiment/read-experiment.ts',
      '    backends: content.backends,\n',
      '    flavours: content.flavours,\n',
    ],
  ],
};

const experiment = `question: Do toys run?
backends: [simulated, toy]
mechanisms: [cold-start, toy-fork, cxlfork]
policies: [toy-policy]
workloads: [toy-work]
fabric: toy-fabric
flavours: [sweet, sour]
`;

describe('a plug-in that is added', () => {
  let copy: string;

  before(() => {
    copy = scratchFolder({ 'toys.yaml': experiment });
    for (const each of copied) {
      cpSync(join(root, each), join(copy, each), {
        recursive: true,
        filter: (path) => !path.includes('/experiments/results'),
      });
    }
    symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
    for (const { files, lines } of [...Object.values(additions), dimension]) {
      for (const [path, text] of Object.entries(files)) writeFileSync(join(copy, path), text);
      for (const [path, behind, line] of lines) {
        const text = readFileSync(join(copy, path), 'utf8');
        assert.equal(text.split(behind).length, 2, `${path}: ${behind}`);
        writeFileSync(
          join(copy, path),
          text.replace(behind, () => `${behind}${line}`),
        );
      }
    }
  });

  const run = (...words: string[]) =>
    cxlsim(words, { cwd: copy, command: join(copy, 'sim/cli/cxlsim.cjs') });

  for (const [kind, { files, lines }] of Object.entries(additions)) {
    it(`as a ${kind} takes ${Object.keys(files).length} files, and a line in a registry at most`, () => {
      const edited = new Set(lines.map(([path]) => path));
      assert.ok(edited.size <= 1);
      const imports = lines.filter(([, , line]) => line.startsWith('import '));
      assert.ok(lines.length - imports.length <= 1);
    });
  }

  it('as a dimension takes six lines in four files', () => {
    const edited = new Set(dimension.lines.map(([path]) => path));
    assert.deepEqual([dimension.lines.length, edited.size], [6, 4]);
  });

  it('runs with all others, and its rows are named and told', async function () {
    this.timeout(120_000);
    const { code, out, err } = await run('run', 'toys.yaml', '--out', 'o', '--json');
    assert.equal(code, 0, err);
    const rows = readFileSync(join(copy, 'o/measurements.csv'), 'utf8').split('\n');
    assert.ok(rows.includes('toys,sour,toy,toy-fork,none,toy-work,0,toys,2'), rows.join('\n'));
    assert.ok(
      rows.some((row) => row.startsWith('toys,sweet,simulated,cxlfork,toy-policy,toy-work,0,')),
    );
    assert.ok(rows.some((row) => row.startsWith('toys,sour,simulated,toy-fork,none,toy-work,0,')));
    assert.match(JSON.parse(out).question, /toys/);
    assert.match(readFileSync(join(copy, 'o/report.md'), 'utf8'), /toy numbers/);
  });

  it('is listed, and commands are found', async function () {
    this.timeout(120_000);
    for (const [subject, name] of [
      ['policies', 'toy-policy'],
      ['workloads', 'toy-work'],
      ['fabrics', 'toy-fabric'],
      ['mechanisms', 'toy-fork'],
      ['backends', 'toy'],
      ['metrics', 'toys'],
    ] as const) {
      const { out, err } = await run('list', subject);
      assert.match(out, new RegExp(`\\b${name}\\b`), err);
    }
    assert.deepEqual(await run('toy'), { code: 0, out: 'played\n', err: '' });
  });
});
