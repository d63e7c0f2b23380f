import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { PolicyReference } from '../../sim/backend.ts';
import { InputError } from '../../sim/experiment/input-error.ts';
import { installed } from '../../sim/experiment/installed.ts';
import { checkAnswers, policyName, readPolicy } from '../../sim/experiment/read-policy.ts';
import { valuesOf } from '../../sim/parameters.ts';
import { scratchFolder } from './scratch-folder.ts';

/** Reads `text` as a policy file and asks it about all pages, as loading an experiment does. */
async function read(text: string, name = 'mine.ts', more: Record<string, string> = {}) {
  const path = join(scratchFolder({ [name]: text, ...more }), name);
  const policy = await readPolicy(path, name);
  const reference: PolicyReference = { name: policyName(path), path };
  checkAnswers(policy, reference, name, valuesOf(policy.parameters ?? {}));
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

  it('answers for every page within a limit', async () => {
    const text =
      "export default { description: 'x', place(page) { if (page.dirty) for (;;); return 'migrate-now'; } };";
    const path = join(scratchFolder({ 'mine.ts': text }), 'mine.ts');
    const policy = await readPolicy(path, 'mine.ts');
    assert.throws(() => checkAnswers(policy, { name: 'mine', path }, 'mine.ts', {}, 30), {
      message:
        'mine.ts: place for the page {"accessed":false,"dirty":true,"hinted":false,' +
        '"writable":false,"kind":"anonymous","region":"heap"} does not answer within 0.03 s; ' +
        'an answer for every page would be right',
    });
  });

  it('is sound if it is built in', async () => {
    for (const [name, path] of installed.policies) {
      const policy = await readPolicy(path, path);
      checkAnswers(policy, { name, path }, path, valuesOf(policy.parameters ?? {}));
    }
  });
});

const page = '\\{"accessed":(true|false),.*\\}';

/** What is wrong, the text, and the complaint. */
const wrong: readonly (readonly [string, string, string | RegExp])[] = [
  [
    'does not compile',
    'export default {\n  place(page) { return "x"\n};\n',
    'mine.ts:3:2: does not compile: Expected "}" but found ";"; TypeScript would be right',
  ],
  [
    'throws when imported',
    "const a: number = 1;\n\nthrow new Error('boom\\n' + a);\n",
    'mine.ts:3:7: throws when imported: boom; a policy file only exports a policy',
  ],
  [
    'throws something odd when imported',
    'throw 5;\nexport {};',
    'mine.ts: throws 5; a policy file only exports a policy',
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
    /^mine\.ts: imports cxlsim\S*, which is not there; cxlsim\/policy would be right$/,
  ],
  [
    'has no default export',
    "export const place = () => 'migrate-now';\n",
    'mine.ts: there is no default export; export default definePolicy({ description, place }) would be right',
  ],
  [
    'exports a function',
    "export default () => 'migrate-now';\n",
    'mine.ts: the default export is a function; export default definePolicy({ description, place }) would be right',
  ],
  [
    'exports a word',
    "export default 'hybrid';\n",
    'mine.ts: the default export is "hybrid"; export default definePolicy({ description, place }) would be right',
  ],
  [
    'has no place',
    "export default { description: 'x' };\n",
    'mine.ts: place is missing; place(page) { … } would be right',
  ],
  [
    'has no description',
    "export default { place: () => 'migrate-now' };\n",
    'mine.ts: description is missing; one sentence would be right',
  ],
  [
    'has an unknown part',
    `export default { ${body}, tik() {} };\n`,
    'mine.ts: tik is no part of a policy; did you mean tick?',
  ],
  [
    'has a tick that is no function',
    `export default { ${body}, tick: 3 };\n`,
    'mine.ts: tick is 3; tick(view, budget_pages) { … } would be right',
  ],
  [
    'has a parameter without source',
    `export default { ${body}, parameters: { a: { default: 1, unit: 'ns', description: 'x' } } };\n`,
    'mine.ts: parameters.a.source is missing; { default, unit, description, source } would be right',
  ],
  [
    'has a parameter that is a number',
    `export default { ${body}, parameters: { a: 1 } };\n`,
    'mine.ts: parameters.a is 1; { default, unit, description, source } would be right',
  ],
  [
    'has a parameter of another case',
    `export default { ${body}, parameters: { dirtyPrefetch: {} } };\n`,
    'mine.ts: parameters.dirtyPrefetch is no name; snake_case would be right',
  ],
  ...(
    [
      ['default: Number.NaN', 'default is NaN; a number, flag or word'],
      ["default: 1, minimum: 'a'", 'minimum is "a"; a number'],
      ['default: 1, maximum: 0', 'default is 1; a value that is allowed'],
      ['default: 1, choices: 5', 'choices is 5; a list of words or numbers'],
      ["default: 'a', choices: ['b']", 'default is "a"; a value that is allowed'],
    ] as const
  ).map(([given, told]): [string, string, string] => [
    `has a parameter with ${given}`,
    `export default { ${body}, parameters: { x: { ${given}, unit: 'ns', description: 'x', source: 'x' } } };\n`,
    `mine.ts: parameters.x.${told} would be right`,
  ]),
  [
    'reads the clock',
    "export default {\n  description: 'x',\n  place: () => (Date.now() % 2 ? 'migrate-now' : 'migrate-on-write'),\n};\n",
    new RegExp(
      `^mine\\.ts:3:22: place throws for the page ${page}: asks Date\\.now\\(\\), but the same page must always get the same answer; `,
    ),
  ],
  [
    'changes the page it is asked about',
    "export default {\n  description: 'x',\n  place(page) {\n    'use strict';\n    page.dirty = true;\n    return 'migrate-now';\n  },\n};\n",
    /^mine\.ts:5:10: place throws for the page .*: Cannot assign to read only property 'dirty'/,
  ],
  [
    'answers something else',
    "export default { description: 'x', place: () => 'migrate-later' };\n",
    new RegExp(
      `^mine\\.ts: place answers "migrate-later" for the page ${page}; migrate-now or migrate-on-access or migrate-on-write would be right$`,
    ),
  ],
  [
    'answers nothing for some pages',
    "export default { description: 'x', place: (page) => { if (!page.dirty) return 'migrate-now'; } };\n",
    /^mine\.ts: place answers nothing for the page \{.*"dirty":true.*\}; migrate-now or /,
  ],
  [
    'answers a promise',
    "export default { description: 'x', place: async () => 'migrate-now' };\n",
    /^mine\.ts: place answers a promise for the page /,
  ],
  [
    'throws for some pages',
    "export default {\n  description: 'x',\n  place(page) {\n    if (page.hinted) throw new Error('no hints');\n    return 'migrate-now';\n  },\n};\n",
    /^mine\.ts:4:28: place throws for the page \{.*"hinted":true.*\}: no hints; migrate-now or /,
  ],
  [
    'answers differently for the same page',
    "let n = 0;\nexport default { description: 'x', place: () => (n++ % 2 ? 'migrate-now' : 'migrate-on-write') };\n",
    /^mine\.ts: place answers migrate-on-write, then "migrate-now" for the page \{.*\}; the same answer for the same page would be right$/,
  ],
];

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
