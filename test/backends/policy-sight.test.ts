import assert from 'node:assert/strict';
import { join } from 'node:path';
import { loadPolicy } from '../../sim/backends/load-policy.ts';
import { Unseen } from '../../sim/backends/policy-sight.ts';
import { checkPolicy } from '../../sim/experiment/check-policy.ts';
import { readPolicy } from '../../sim/experiment/read-policy.ts';
import { scratchFolder } from '../experiment/scratch-folder.ts';

const exported = "{ description: 'x', place: () => 'migrate-now' }";

/** What a file asks, and how the message calls it. */
const sights: readonly (readonly [asked: string, called: string, imports?: string])[] = [
  ['Math.random()', 'Math.random()'],
  ['[0].map(Math.random)', 'Math.random()'],
  ['Date.now()', 'Date.now()'],
  ['new Date()', 'new Date()'],
  ['Date()', 'Date()'],
  ['performance.now()', 'performance.now()'],
  ['process.hrtime()', 'process.hrtime()'],
  ['process.hrtime.bigint()', 'process.hrtime.bigint()'],
  ['process.uptime()', 'process.uptime()'],
  ['crypto.randomUUID()', 'crypto.randomUUID()'],
  ['crypto.getRandomValues(new Uint8Array(1))', 'crypto.getRandomValues()'],
  ['randomInt(9)', 'crypto.randomInt()', "import { randomInt } from 'node:crypto';"],
  ['c.randomBytes(9)', 'crypto.randomBytes()', "import * as c from 'node:crypto';"],
  ['c.randomUUID()', 'crypto.randomUUID()', "import c from 'crypto';"],
  ['p.now()', 'performance.now()', "import { performance as p } from 'node:perf_hooks';"],
  ['hrtime()', 'process.hrtime()', "import { hrtime } from 'node:process';"],
];

function fileOf(text: string, name: string, more: Record<string, string> = {}): string {
  return join(scratchFolder({ [name]: text, ...more }), name);
}

describe('a policy file sees neither clock nor chance when it is imported:', () => {
  for (const [asked, called, imports = ''] of sights) {
    it(`${asked} is refused where it stands, in a module and in CommonJS`, async () => {
      const text = `${imports}\nconst a = 1;\nexport const seen = ${asked};\nexport default ${exported};\n`;
      for (const name of ['mine.ts', 'mine.mjs']) {
        await assert.rejects(readPolicy(fileOf(text, name), name), (error: Error) => {
          const [where, rest] = error.message.split(': ', 2) as [string, string];
          assert.match(where, new RegExp(`^${name}:3:\\d+$`));
          const right = 'expected the same policy at each import, without clock and chance';
          assert.equal(rest, `asks ${called} when imported; ${right}`);
          return true;
        });
      }
    });
  }

  it('nor does what it imports', async () => {
    const text = `import './beside.ts';\nexport default ${exported};\n`;
    const path = fileOf(text, 'mine.ts', { 'beside.ts': 'export const a = Date.now();\n' });
    await assert.rejects(
      readPolicy(path, 'mine.ts'),
      /^InputError: beside\.ts:1:23: asks Date\.now\(\) when/,
    );
  });

  it('nor later by what it kept', async () => {
    for (const [kept, call] of [
      ['Math.random', 'kept()'],
      ['Date', 'kept.now()'],
      ['Date.now', 'kept()'],
    ] as const) {
      const text = `const kept = ${kept};\nexport default {\n  description: 'x',\n  place: () => (${call} > 0 ? 'migrate-now' : 'migrate-on-write'),\n};\n`;
      const path = fileOf(text, 'mine.ts');
      const policy = await readPolicy(path, 'mine.ts');
      const checked = { policy, reference: { name: 'mine', path }, shown: 'mine.ts' };
      assert.throws(
        () => checkPolicy(checked, {}, 8),
        /^InputError: mine\.ts:4:\d+: place throws .*: asks /,
      );
    }
  });

  it('nor in a trial, which imports it anew', async () => {
    const path = fileOf(`Math.random();\nexport default ${exported};\n`, 'mine.ts');
    await assert.rejects(loadPolicy({ path }), Unseen);
  });

  it('but dates that it says, and all else, are as ever', async () => {
    const text = `const day = new Date(Date.UTC(2024, 1, 29));
if (!(day instanceof Date) || day.toISOString() !== '2024-02-29T00:00:00.000Z') throw new Error();
if (Date.parse('1970-01-01') !== 0 || Math.max(1, 2) !== 2) throw new Error();
export default ${exported};\n`;
    for (const name of ['mine.ts', 'mine.mjs']) await readPolicy(fileOf(text, name), name);
  });

  it('and afterwards all others see them again, whether the import went well or not', async () => {
    const before = [Date, Date.now, Math.random, performance.now, crypto.randomUUID];
    for (const text of [
      `export default ${exported};\n`,
      'throw new Error();\nexport {};\n',
      'Math.random();\nexport {};\n',
      'setInterval(() => {}, 1000).unref();\nawait new Promise(() => {});\n',
    ]) {
      await readPolicy(fileOf(text, 'mine.mjs'), 'mine.mjs', 300).catch(() => {});
      const after = [Date, Date.now, Math.random, performance.now, crypto.randomUUID];
      assert.ok(
        before.every((value, index) => value === after[index]),
        text,
      );
    }
    const { randomInt } = await import('node:crypto');
    assert.equal(randomInt(1), 0);
  });
});
