import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { PolicyReference } from '../../sim/backend.ts';
import { checkPolicy } from '../../sim/experiment/check-policy.ts';
import { installed } from '../../sim/experiment/installed.ts';
import { policyName, readPolicy } from '../../sim/experiment/read-policy.ts';
import { InputError } from '../../sim/input/input-error.ts';
import { valuesOf } from '../../sim/parameters.ts';
import { hole, migrate_now, migrate_on_write, place } from '../../sim/placements.ts';
import { smallLayout } from '../arbitraries.ts';
import { scratchFolder } from './scratch-folder.ts';

/** Reads `text` as a policy file and asks it about all pages, as loading an experiment does. */
async function read(text: string, name = 'mine.ts', more: Record<string, string> = {}) {
  const path = join(scratchFolder({ [name]: text, ...more }), name);
  const policy = await readPolicy(path, name);
  const reference: PolicyReference = { name: policyName(path), path };
  checkPolicy({ policy, reference, shown: name }, valuesOf(policy.parameters ?? {}), 8);
  return policy;
}

async function complaint(text: string, name?: string): Promise<string> {
  try {
    await read(text, name);
  } catch (error) {
    assert.ok(error instanceof InputError, String(error));
    return error.message;
  }
  assert.fail(`accepted ${text}`);
}

const body = "description: 'x', place: () => 'migrate-now'";

describe('a policy file', () => {
  it('is TypeScript or JavaScript, below a package of modules or not', async () => {
    const typed = `interface A { readonly b: number }
enum Kind { now = 'migrate-now' }
const a: A = { b: 1 };
export default { description: 'x', place: () => (a.b === 1 ? Kind.now : 'migrate-on-write') };
`;
    const module_package = { 'package.json': '{"type": "module"}' };
    const common_package = { 'package.json': '{"type": "commonjs"}' };
    for (const [text, name, more] of [
      [typed, 'mine.ts', {}],
      [typed, 'mine.ts', module_package],
      [typed, 'mine.ts', common_package],
      [`export default { ${body} };`, 'mine.mjs', {}],
      [`export default { ${body} };`, 'mine.js', module_package],
      [`export default { ${body} };`, 'mine.js', {}],
      [`module.exports = { ${body} };`, 'mine.js', {}],
    ] as const) {
      assert.equal((await read(text, name, more)).description, 'x');
    }
  });

  it('may lie in a folder of any name', async () => {
    const folder = scratchFolder({ 'a b#c%20é%/mine.ts': `export default { ${body} };` });
    const policy = await readPolicy(join(folder, 'a b#c%20é%/mine.ts'), 'mine.ts');
    assert.equal(policy.description, 'x');
  });

  it('may not lie in a folder with a question mark, which the loader would misread', async () => {
    const path = join(
      scratchFolder({ 'a?b/mine.ts': `export default { ${body} };` }),
      'a?b/mine.ts',
    );
    await assert.rejects(readPolicy(path, 'mine.ts'), {
      message: 'mine.ts: a policy cannot lie in a path with ?; rename what has it',
    });
  });

  it('may use what lies beside it', async () => {
    const policy = await read(
      "import { answer } from './answer.ts';\nexport default { description: 'x', place: () => answer };",
      'mine.ts',
      { 'answer.ts': "export const answer = 'migrate-on-access';" },
    );
    assert.equal(policy.place({} as never, {}), 'migrate-on-access');
  });

  it('is refused at the place in what lies beside it, if that throws', async () => {
    for (const name of ['mine.ts', 'mine.mjs']) {
      const text = `import './parts/answer.mjs';\nexport default { ${body} };`;
      const more = { 'parts/answer.mjs': "const a = 1;\nthrow new Error('boom' + a);\n" };
      await assert.rejects(read(text, name, more), {
        message:
          'parts/answer.mjs:2:7: throws when imported: boom1; expected a file that only exports a policy',
      });
    }
  });

  it('answers for every page within a limit', async () => {
    const text =
      "export default { description: 'x', place(page) { if (page.dirty) for (;;); return 'migrate-now'; } };";
    const path = join(scratchFolder({ 'mine.ts': text }), 'mine.ts');
    const policy = await readPolicy(path, 'mine.ts');
    const checked = { policy, reference: { name: 'mine', path }, shown: 'mine.ts' };
    assert.throws(() => checkPolicy(checked, {}, 8, 300), {
      message:
        'mine.ts: place for the page {"accessed":false,"dirty":true,"hot":false,' +
        '"writable":false,"kind":"anonymous","region":"heap"} does not answer within 0.3 s; ' +
        'expected an answer for every page',
    });
  });

  it('is sound if it is built in', async () => {
    for (const [name, path] of installed.policies) {
      const policy = await readPolicy(path, path);
      const checked = { policy, reference: { name, path }, shown: path };
      checkPolicy(checked, valuesOf(policy.parameters ?? {}), 8);
    }
  });
});

const page = '\\{"accessed":(true|false),.*\\}';

/** What is wrong, the text, and the complaint. */
const wrong: readonly (readonly [string, string, string | RegExp])[] = [
  [
    'does not compile',
    'export default {\n  place(page) { return "x"\n};\n',
    'mine.ts:3:2: does not compile: Expected "}" but found ";"; expected TypeScript',
  ],
  [
    'throws when imported',
    "const a: number = 1;\n\nthrow new Error('boom\\n' + a);\n",
    'mine.ts:3:7: throws when imported: boom; expected a file that only exports a policy',
  ],
  [
    'throws something odd when imported',
    'throw 5;\nexport {};',
    'mine.ts: throws when imported: 5; expected a file that only exports a policy',
  ],
  [
    'imports what is not there',
    "import { a } from './nope.ts';\nexport default { a };\n",
    /^mine\.ts: imports \S*nope\.ts, which is not there; install it beside the file$/,
  ],
  [
    'imports a package that is not there',
    "import { a } from 'left-of-pad';\nexport default { a };\n",
    /^mine\.ts: imports left-of-pad, which is not there; install it beside the file$/,
  ],
  [
    'imports what cxlsim does not offer',
    "import { page_bytes } from 'cxlsim/units';\nexport default { page_bytes };\n",
    /^mine\.ts: imports cxlsim\S*, which is not there; expected cxlsim\/policy, cxlsim\/keep-alive or cxlsim\/routing$/,
  ],
  [
    'has no default export',
    "export const place = () => 'migrate-now';\n",
    'mine.ts: there is no default export; expected export default definePolicy({ description, place })',
  ],
  [
    'exports a function',
    "export default () => 'migrate-now';\n",
    'mine.ts: the default export is a function; expected export default definePolicy({ description, place })',
  ],
  [
    'exports a word',
    "export default 'hybrid';\n",
    'mine.ts: the default export is "hybrid"; expected export default definePolicy({ description, place })',
  ],
  [
    'has no place',
    "export default { description: 'x' };\n",
    'mine.ts: place is missing; expected place(page) { … }',
  ],
  [
    'has no description',
    "export default { place: () => 'migrate-now' };\n",
    'mine.ts: description is missing; expected one sentence',
  ],
  [
    'has an unknown part',
    `export default { ${body}, tik() {} };\n`,
    'mine.ts: tik is no part of a policy; did you mean tick?',
  ],
  [
    'has a tick that is no function',
    `export default { ${body}, tick: 3 };\n`,
    'mine.ts: tick is 3; expected tick(view, budget_pages) { … }',
  ],
  [
    'has a parameter without source',
    `export default { ${body}, parameters: { a: { default: 1, unit: 'ns', description: 'x' } } };\n`,
    'mine.ts: parameters.a.source is missing; expected { default, unit, description, source }',
  ],
  [
    'has a parameter that is a number',
    `export default { ${body}, parameters: { a: 1 } };\n`,
    'mine.ts: parameters.a is 1; expected { default, unit, description, source }',
  ],
  [
    'has a parameter of another case',
    `export default { ${body}, parameters: { dirtyPrefetch: {} } };\n`,
    'mine.ts: parameters.dirtyPrefetch is no name; expected snake_case',
  ],
  ...(
    [
      ['default: Number.NaN', 'default is NaN; expected a number, flag or word'],
      ["default: 1, minimum: 'a'", 'minimum is "a"; expected a number'],
      ['default: 1, maximum: 0', 'default is 1; expected at most 0'],
      ['default: 5, minimum: 1, maximum: 3', 'default is 5; expected 1 to 3'],
      [
        'default: 5, minimum: 6, maximum: 3',
        'minimum is 6, and parameters.x.maximum is 3; expected a minimum that is not above the maximum',
      ],
      ['default: 5, min: 6', 'min is no part of a parameter; did you mean minimum?'],
      ['default: 5, max: 6', 'max is no part of a parameter; did you mean maximum?'],
      ['default: 5, choises: [5]', 'choises is no part of a parameter; did you mean choices?'],
      ['default: 5, choices: []', 'choices is an empty list; expected one at least'],
      ['default: 1, choices: 5', 'choices is 5; expected a list of words or numbers'],
      ['default: 5, minimum: 6', 'default is 5; expected at least 6'],
      [
        "default: '5', minimum: 1",
        'minimum is 1, but the default is "5"; expected bounds of numbers only',
      ],
      [
        'default: true, maximum: 3',
        'maximum is 3, but the default is true; expected bounds of numbers only',
      ],
      ['default: 1n', 'default is 1n; expected a number, flag or word'],
      ["default: 'a', choices: ['b', 'c']", 'default is "a"; expected "b" or "c"'],
    ] as const
  ).map(([given, told]): [string, string, string] => [
    `has a parameter with ${given}`,
    `export default { ${body}, parameters: { x: { ${given}, unit: 'ns', description: 'x', source: 'x' } } };\n`,
    `mine.ts: parameters.x.${told}`,
  ]),
  ...(
    [
      ['new Map([["a", { default: 1 }]])', 'a Map'],
      ['[]', 'a list'],
      ['new Set()', 'a Set'],
      ['new (class Mine { a = { default: 1 } })()', 'an object'],
      ['() => ({})', 'a function'],
    ] as const
  ).map(([given, told]): [string, string, string] => [
    `has parameters that are ${given}`,
    `export default { ${body}, parameters: ${given} };\n`,
    `mine.ts: parameters is ${told}; expected an object of names and { default, unit, description, source }`,
  ]),
  [
    'answers with a slip',
    "export default { description: 'x', place: () => 'migrate-on-acess' };\n",
    /^mine\.ts: place answers "migrate-on-acess" for the page .*; did you mean migrate-on-access\?$/,
  ],
  [
    'reads the clock',
    "export default {\n  description: 'x',\n  place: () => (Date.now() % 2 ? 'migrate-now' : 'migrate-on-write'),\n};\n",
    new RegExp(
      `^mine\\.ts:3:22: place throws for the page ${page}: asks Date\\.now\\(\\), but the same question must always get the same answer; `,
    ),
  ],
  [
    'changes the page it is asked about',
    "export default {\n  description: 'x',\n  place(page) {\n    'use strict';\n    page.dirty = true;\n    return 'migrate-now';\n  },\n};\n",
    'mine.ts:5:10: page.dirty is written; expected that it is only read',
  ],
  [
    'answers something else',
    "export default { description: 'x', place: () => 'migrate-later' };\n",
    new RegExp(
      `^mine\\.ts: place answers "migrate-later" for the page ${page}; expected migrate-now or migrate-on-access or migrate-on-write$`,
    ),
  ],
  [
    'answers nothing for some pages',
    "export default { description: 'x', place: (page) => { if (!page.dirty) return 'migrate-now'; } };\n",
    /^mine\.ts: place answers nothing for the page \{.*"dirty":true.*\}; expected migrate-now or /,
  ],
  [
    'answers a promise',
    "export default { description: 'x', place: async () => 'migrate-now' };\n",
    /^mine\.ts: place answers a promise for the page /,
  ],
  [
    'throws for some pages',
    "export default {\n  description: 'x',\n  place(page) {\n    if (page.hot) throw new Error('no hot ones');\n    return 'migrate-now';\n  },\n};\n",
    /^mine\.ts:4:25: place throws for the page \{.*"hot":true.*\}: no hot ones; expected migrate-now or /,
  ],
  [
    'answers differently for the same page',
    "let n = 0;\nexport default { description: 'x', place: () => (n++ % 2 ? 'migrate-now' : 'migrate-on-write') };\n",
    /^mine\.ts: place answers migrate-on-write, then "migrate-now" for the page \{.*\}; expected the same answer for the same page$/,
  ],
];

/** A policy whose `place` ends with `statement`, and one whose `tick` does. */
const placing = (statement: string) =>
  `export default {\n  description: 'x',\n  place(page, values) {\n    ${statement}\n    return 'migrate-now';\n  },\n};\n`;
const ticking = (statement: string) =>
  `export default {\n  description: 'x',\n  place: () => 'migrate-now',\n  tick(view, budget_pages, values) {\n    ${statement}\n    return { promote: [], demote: [] };\n  },\n};\n`;
const declared = (text: string) =>
  text.replace(
    "  description: 'x',\n",
    "  description: 'x', parameters: { fast_share: { default: 1, unit: 'share', description: 'x', source: 'x' } },\n",
  );

const unknown: readonly (readonly [string, string, string | RegExp])[] = [
  [
    'a property of the page',
    placing('if (page.acessed) return "migrate-on-access";'),
    'mine.ts:4:14: page.acessed does not exist; did you mean accessed?',
  ],
  [
    'a property of the page’s leaf',
    placing('if (page.leaf.dirt > 3) return "migrate-on-access";'),
    /^mine\.ts:4:19: page\.leaf\.dirt does not exist; did you mean dirty\?$/,
  ],
  [
    'a property by the name that it once had',
    placing('if (page.hinted) return "migrate-on-access";'),
    'mine.ts:4:14: page.hinted does not exist; did you mean hot?',
  ],
  [
    'a property that is nothing like any',
    placing('if (page.temperature > 3) return "migrate-on-access";'),
    'mine.ts:4:14: page.temperature does not exist; expected accessed, dirty, hot, writable, kind, region, leaf',
  ],
  [
    'a property by taking the page apart',
    "export default {\n  description: 'x',\n  place: ({ acessed }) => (acessed ? 'migrate-now' : 'migrate-on-write'),\n};\n",
    /^mine\.ts:3:\d+: page\.acessed does not exist; did you mean accessed\?$/,
  ],
  [
    'what only clairvoyants are told',
    placing('if (page.coming?.best) return page.coming.best;'),
    'mine.ts:4:14: page.coming does not exist; expected a policy that says clairvoyant: true',
  ],
  [
    'a parameter',
    declared(placing('if (values.fast_shar > 3) return "migrate-on-access";')),
    'mine.ts:4:16: parameters.fast_shar does not exist; did you mean fast_share?',
  ],
  [
    'a parameter where none is declared',
    placing('if (values.fast) return "migrate-on-access";'),
    'mine.ts:4:16: parameters.fast does not exist; there are none',
  ],
  [
    'something of the view',
    ticking('if (view.link_usd > 0.5) return { promote: [0], demote: [] };'),
    'mine.ts:5:14: view.link_usd does not exist; did you mean link_used?',
  ],
  [
    'something of a page of the view',
    ticking(
      'for (const page of view.pages) if (page.acessed_count) return { promote: [0], demote: [] };',
    ),
    /^mine\.ts:5:\d+: the page of view\.pages\.acessed_count does not exist; did you mean accessed_count\?$/,
  ],
  [
    'the view’s pages as if they were a list',
    ticking('const used = view.pages.filter((page) => page.local);'),
    'mine.ts:5:29: view.pages.filter does not exist; expected [...view.pages]',
  ],
  [
    'a parameter in its tick',
    declared(ticking('if (values.fast) return { promote: [0], demote: [] };')),
    'mine.ts:5:16: parameters.fast does not exist; expected fast_share',
  ],
];

describe('a policy file is refused with place and nearest name where it reads what is not there:', () => {
  for (const [what, text, message] of unknown) {
    it(what, async () => {
      const said = await complaint(text);
      if (typeof message === 'string') assert.equal(said, message);
      else assert.match(said, message);
    });
  }

  it('all of it at once, each once', async () => {
    const said = await complaint(
      placing('if (page.acessed || page.diry || page.acessed) throw 1;'),
    );
    assert.deepEqual(said.split('\n'), [
      'mine.ts:4:14: page.acessed does not exist; did you mean accessed?',
      'mine.ts:4:30: page.diry does not exist; did you mean dirty?',
    ]);
  });

  it('but not where it asks whether something is there, or what the language itself asks', async () => {
    const statements = [
      "if ('acessed' in page || Object.hasOwn(page, 'acessed')) throw new Error();",
      "if (JSON.stringify(page) + String(page) + String({ ...page }) === '') throw new Error();",
      "if (page.hasOwnProperty('acessed') || Object.keys(page).length !== 7) throw new Error();",
    ];
    for (const statement of statements) await read(placing(statement));
  });

  it('and neither trials nor messages see the watch', async () => {
    const policy = await read(placing('if (page.dirty) return "migrate-on-write";'));
    const placed = place('mine', policy, {}, smallLayout(1, 2, 1));
    const codes = [...placed.filter((code) => code !== hole)];
    assert.deepEqual(codes, [migrate_now, migrate_on_write, migrate_now]);
  });
});

const odd: readonly (readonly [string, string])[] = [
  ['null', 'null'],
  ['undefined', 'nothing'],
  ['5', '5'],
  ['10n', '10n'],
  ['Symbol("s")', 'Symbol(s)'],
  ['"a word"', '"a word"'],
  ['Object.create(null)', 'an object'],
  ['() => 1', 'a function'],
  ['[1]', 'a list'],
  [
    '{ get message() { throw 1; }, get code() { throw 2; }, get stack() { throw 3; } }',
    'an object',
  ],
  ['new Proxy({}, { get() { throw 1; }, getPrototypeOf() { throw 2; } })', 'an object'],
  ['Object.assign(new Error("x"), { message: { a: 1 } })', 'an error'],
  ['Object.assign(new Error("x"), { message: "two\\nlines" })', 'two'],
  ['Promise.resolve(1)', 'a promise'],
];

describe('a policy file is refused where it writes to what it is shown, strict or not:', () => {
  for (const [what, statement, path] of [
    ['a bit of the page', 'page.accessed = true;', 'page.accessed is written'],
    ['a note on the page', 'page.note = 5;', 'page.note is written'],
    ['a count of the leaf', 'page.leaf.dirty += 1;', 'page.leaf.dirty is written'],
    ['the leaf', 'page.leaf = {};', 'page.leaf is written'],
    ['a parameter', 'values.fast_share = 2;', 'parameters.fast_share is written'],
    ['less of a page', 'delete page.kind;', 'page.kind is deleted'],
    [
      'by definition',
      "Reflect.defineProperty(page, 'dirty', { value: 1 });",
      'page.dirty is written',
    ],
    ['by a neighbour', 'Object.create(page).dirty = 1;', 'page.dirty is written'],
    ['the view', 'view.link_used = 0;', 'view.link_used is written'],
    ['the view’s pages', 'view.pages[0] = 1;', 'view.pages.0 is written'],
    [
      'a page of the view',
      'for (const page of view.pages) page.local = true;',
      'the page of view.pages.local is written',
    ],
  ] as const) {
    it(what, async () => {
      const text = declared(what.includes('view') ? ticking(statement) : placing(statement));
      const line = what.includes('view') ? 5 : 4;
      for (const [name, sloppy] of [
        ['mine.ts', text],
        ['mine.js', text.replace('export default', 'module.exports =')],
      ] as const) {
        const [where, rest] = (await complaint(sloppy, name)).split(': ') as [string, string];
        assert.match(where, new RegExp(`^${name}:${line}:\\d+$`));
        assert.equal(rest, `${path}; expected that it is only read`);
      }
    });
  }

  it('but not where it changes what it made, or nothing', async () => {
    for (const statement of [
      'Object.freeze(page); Object.freeze(values); delete page.nope;',
      'const mine = { ...page }; mine.dirty = 5; delete mine.kind;',
      'const mine = Object.create(page); mine.note = 5;',
    ]) {
      await read(placing(statement).replace('export default', 'module.exports ='), 'mine.js');
    }
    await read(
      ticking(
        'const pages = [...view.pages]; pages.sort((a, b) => b.index - a.index); pages.pop();',
      ),
    );
  });
});

describe('whatever a policy file throws', () => {
  for (const [thrown, told] of odd) {
    it(`is told in one line with the file: ${thrown}`, async () => {
      for (const [text, part] of [
        [`throw ${thrown};\nexport {};\n`, 'throws when imported'],
        [placing(`throw ${thrown};`), 'place throws for the page'],
        [ticking(`throw ${thrown};`), 'tick throws for'],
      ] as const) {
        const said = await complaint(text);
        assert.ok(said.startsWith('mine.ts'), said);
        // Node itself asks such a proxy on import, and fails with the answer.
        const heard = thrown.startsWith('new Proxy') && part.includes('imported') ? '1' : told;
        assert.ok(said.includes(part) && said.includes(`: ${heard}; expected `), said);
        assert.doesNotMatch(said, /\n/);
      }
    });
  }

  it('is cut where it is very long, and so is what it answers', async () => {
    const long = "'x'.repeat(5e7)";
    for (const text of [
      `throw new Error(${long});\nexport {};\n`,
      placing(`throw new Error(${long});`),
      placing(`return ${long};`),
      placing(`return page[${long}];`),
      ticking(`return ${long};`),
      `export default { ${body}, [${long}]: 1 };\n`,
      `export default { ${body}, parameters: { [${long}]: {} } };\n`,
    ]) {
      const said = await complaint(text);
      assert.ok(said.length < 700, `${said.length} characters`);
      assert.ok(said.startsWith('mine.ts'));
    }
  });
});

describe('a tick is tried before the first trial, and refused', () => {
  for (const [what, statement, message] of [
    [
      'where it answers something else',
      'return { promote: view.pages, demote: [] };',
      /^mine\.ts: tick answered promote an object for 2 pages with .*; expected a list of page indices from 0 to 1$/,
    ],
    [
      'where it answers with a promise',
      'return Promise.resolve({ promote: [], demote: [] });',
      /^mine\.ts: tick answered a promise for 2 pages with .*; expected lists promote and demote of page indices from 0 to 1$/,
    ],
    [
      'where it answers with one list',
      'return [0];',
      /^mine\.ts: tick answered a list for 2 pages with .*; expected lists promote and demote of /,
    ],
    [
      'where it demotes what is no clean copy',
      'return { promote: [], demote: [...view.pages].map((page) => page.index) };',
      /^mine\.ts: tick demotes page 0, which is no clean local copy, for 2 pages with .*; expected only pages with local and clean set$/,
    ],
    [
      'where it throws',
      "if (view.link_used === 1) throw new Error('too much');",
      /^mine\.ts:5:37: tick throws for 2 pages with local_memory_used 0\.01 and link_used 1: too much; expected \{ promote, demote \}$/,
    ],
    [
      'where it reads the clock',
      'Date.now();',
      /^mine\.ts:5:\d+: tick throws for .*: asks Date\.now\(\), but /,
    ],
  ] as const) {
    it(what, async () => assert.match(await complaint(ticking(statement)), message));
  }

  it('where it keeps something from call to call', async () => {
    const said = await complaint(
      `let n = 0;\n${ticking('if (n++ % 2) return { promote: [0], demote: [] };')}`,
    );
    assert.equal(
      said,
      'mine.ts: tick answers [[],[]], then [[0],[]] to the same view; ' +
        'expected the same answer to the same view: trials share the file, in any order',
    );
  });

  it('where it does not answer', async function () {
    this.timeout(20_000);
    const path = join(scratchFolder({ 'mine.ts': ticking('for (;;);') }), 'mine.ts');
    const policy = await readPolicy(path, 'mine.ts');
    const checked = { policy, reference: { name: 'mine', path }, shown: 'mine.ts' };
    assert.throws(() => checkPolicy(checked, {}, 8, 300), {
      message: 'mine.ts: tick does not answer within 0.3 s; expected an answer',
    });
  });
});

describe('importing a policy file has a limit', () => {
  for (const [what, text] of [
    ['that loops', 'for (;;);\nexport {};\n'],
    ['that loops and catches', 'for (;;) try { for (;;); } catch {} finally {}\nexport {};\n'],
    ['that imports what loops', "import './loop.mjs';\nexport default {};\n"],
    [
      'that awaits what never comes',
      'setInterval(() => {}, 1000).unref();\nawait new Promise(() => {});\n',
    ],
  ] as const) {
    it(`for one ${what}, which is then given up by its name`, async () => {
      const folder = scratchFolder({ 'mine.mjs': text, 'loop.mjs': 'for (;;);\n' });
      await assert.rejects(readPolicy(join(folder, 'mine.mjs'), 'mine.mjs', 100), {
        name: 'InputError',
        message:
          'mine.mjs: is not imported within 0.1 s; expected a file that only exports a policy',
      });
    });
  }
});

describe('a policy file without a default export is refused as one:', () => {
  const missing = 'there is no default export';
  const right = 'expected export default definePolicy({ description, place })';
  const by_name = `export const policy = { ${body} };\n`;
  for (const [what, text, told] of [
    ['with a policy that has a name', by_name, missing],
    ['with a policy taken apart', "export const description = 'x', place = () => 1;\n", missing],
    ['with nothing in it', '', /^there is no default export/],
    [
      'with a name in CommonJS',
      `exports.policy = { ${body} };\n`,
      /^there is no default export, or/,
    ],
  ] as const) {
    it(what, async () => {
      for (const [name, type] of [
        ['mine.ts', 'none'],
        ['mine.ts', 'commonjs'],
        ['mine.ts', 'module'],
        ['mine.js', 'none'],
        ['mine.js', 'commonjs'],
      ] as const) {
        if (type === 'module' && text.startsWith('exports')) continue;
        const more: Record<string, string> =
          type === 'none' ? {} : { 'package.json': `{"type": "${type}"}` };
        await assert.rejects(read(text, name, more), (error: InputError) => {
          if (typeof told === 'string') assert.equal(error.what, told);
          else assert.match(error.what, told);
          assert.equal(error.expected, right);
          return true;
        });
      }
    });
  }
});

describe('a policy file stops the run with one line if it', () => {
  for (const [what, text, message] of wrong) {
    it(what, async () => {
      const said = await complaint(text);
      if (typeof message === 'string') assert.equal(said, message);
      else assert.match(said, message);
    });
  }

  it('does not compile as JavaScript', async () => {
    const text = 'export default {\n  place(page) { return "x"\n};\n';
    assert.match(await complaint(text, 'mine.mjs'), /^mine\.mjs(:\d+:\d+)?: does not compile: /);
  });
});
