import assert from 'node:assert/strict';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { moduleGraph } from '../../sim/files/module-graph.ts';
import { scratchFolder } from '../experiment/scratch-folder.ts';

describe('the graph of a module', () => {
  const graphOf = (files: Readonly<Record<string, string>>) => {
    const folder = scratchFolder(files);
    return moduleGraph(`${folder}/mine.ts`).map((path) => relative(folder, path));
  };

  it('holds what it imports in any form, and what that imports', () => {
    const files = {
      'mine.ts':
        "import { a } from './a.ts';\nexport * from './b.js';\nconst c = await import('./c');",
      'a.ts': "import data from './data.json' with { type: 'json' };",
      'b.ts': "const d = require('./d.cjs');",
      'c.mjs': '',
      'd.cjs': '',
      'data.json': '{}',
      'other.ts': '',
    };
    assert.deepEqual(graphOf(files).sort(), Object.keys(files).slice(0, -1).sort());
  });

  it('ends where files import one another around, or are not there, or are packages', () => {
    assert.deepEqual(
      graphOf({
        'mine.ts': "import './a.ts'; import './gone.ts'; import 'cxlsim/policy';",
        'a.ts': "import './mine.ts';",
      }),
      ['mine.ts', 'a.ts'],
    );
  });

  it('of the simulator holds every mechanism and what they stand on, and nothing that shows results', () => {
    const root = fileURLToPath(new URL('../..', import.meta.url));
    const graph = moduleGraph(`${root}/sim/backends/simulated.ts`).map((path) =>
      relative(root, path),
    );
    for (const part of ['mechanisms/mitosis', 'engine/server', 'fabric/shared-reads', 'random']) {
      assert.ok(graph.includes(`sim/${part}.ts`), part);
    }
    assert.deepEqual(
      graph.filter((path) => /^sim\/(report|cli|machine|recording|results)\//.test(path)),
      [],
    );
  });
});
