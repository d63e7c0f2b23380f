/** Files of keep-alive and routing policies that answer anything, at once or late in a trial: a line that names them, or sound numbers. */

import assert from 'node:assert/strict';
import { join } from 'node:path';
import fc from 'fast-check';
import { expand } from '../../sim/experiment/expand.ts';
import { loadExperiment } from '../../sim/experiment/load.ts';
import { InputError } from '../../sim/input/input-error.ts';
import { PolicyError } from '../../sim/placements.ts';
import { checkMeasurements } from '../fuzz/sound-numbers.ts';
import { simulated } from '../simulator.ts';
import { scratchFolder } from './scratch-folder.ts';
import { complaint, sound } from './sound-experiment.ts';

const serving = `${sound.replace('cold-start, ', '')}scenario: service
keep_alive: [none]
routing: [locality]
arrivals: {rate_per_s: 100, duration_s: 8, warm_up_s: 1}
`;

type Key = 'keep_alive' | 'routing';

function withOwn(key: Key, text: string): string {
  const own = serving.replace(new RegExp(`${key}: .*`), `${key}: [./mine.ts]`);
  return join(scratchFolder({ 'x.yaml': own, 'mine.ts': text }), 'x.yaml');
}

/** What is said of it, before the first trial or in it; nothing where it runs, and then its numbers are sound. */
async function told(file: string): Promise<string | undefined> {
  try {
    const [trial] = expand(await loadExperiment(file));
    checkMeasurements((await simulated.run(trial!)).measurements);
    return undefined;
  } catch (error) {
    if (error instanceof InputError || error instanceof PolicyError) return error.message;
    throw error;
  }
}

const odd = [
  'undefined',
  'null',
  '10n',
  'NaN',
  '-1',
  '-Infinity',
  '"1"',
  'Symbol("x")',
  '[]',
  '{}',
  '(() => 1)',
  'Promise.resolve(1)',
  'new Date(NaN)',
  'new Proxy({}, {})',
  'Object.create(null)',
  '"x".repeat(1e6)',
  '[1, 2]',
  '({ keep_s: Symbol() })',
  '(() => { throw new Error("no\\nway"); })()',
  '(() => { throw null; })()',
  '(() => { throw 10n; })()',
  'Math.random()',
  'Date.now()',
  'process.chdir("/")',
];

/** The key, and a file that answers `answer` from the 401st question on, which is past all that is asked before trials. */
const parts: Readonly<Record<string, readonly [Key, (answer: string) => string]>> = {
  idle: ['keep_alive', (answer) => keeping(`idle: () => late() ? (${answer}) : { keep_s: 0.1 }`)],
  keep_s: [
    'keep_alive',
    (answer) => keeping(`idle: () => ({ keep_s: late() ? (${answer}) : 0.1 })`),
  ],
  ahead: [
    'keep_alive',
    (answer) =>
      keeping(`idle: () => ({ keep_s: 0, ahead: late() ? (${answer} ?? 1) : undefined })`),
  ],
  cap_s: [
    'keep_alive',
    (answer) => keeping(`idle: () => ({ keep_s: 5 }), cap_s: () => late() ? (${answer}) : 1`),
  ],
  scale: [
    'keep_alive',
    (answer) => keeping(`idle: () => ({ keep_s: 5 }), scale: () => late() ? (${answer}) : 1`),
  ],
  route: ['routing', (answer) => routing(`late() ? (${answer}) : nodes[0].index`)],
};

const late = 'const late = () => (asked += 1) > after;';

function keeping(run: string): string {
  return `export default { description: 'd', tick_s: 0.01, begin: () => { let asked = 0; ${late} return { ${run} }; } };`;
}

function routing(route: string): string {
  return `export default { description: 'd', begin: () => { let asked = 0; ${late} return { route: (of, nodes) => ${route} }; } };`;
}

describe('a hostile file of a keep-alive or routing policy', () => {
  it('is refused in a line by its name, or its trial fails by it, whatever it answers and however late', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...Object.keys(parts)),
        fc.constantFrom(...odd),
        fc.constantFrom(0, 400),
        async (part, answer, after) => {
          const [key, text] = parts[part]!;
          const said = await told(withOwn(key, `const after = ${after};\n${text(answer)}`));
          assert.match(said ?? 'nothing was said', /\bmine\b[^\n]*; [^\n]+$/);
          assert.doesNotMatch(said!, /\n/);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('runs where its answers are only unusual', async () => {
    for (const keep_s of ['Infinity', '1e300', '5e-324', '-0', '0']) {
      const text = keeping(`idle: () => ({ keep_s: late() ? ${keep_s} : 1 })`);
      const file = withOwn('keep_alive', `const after = 0;\n${text.replace('tick_s: 0.01, ', '')}`);
      assert.equal(await told(file), undefined);
    }
  });

  for (const [what, text, message] of [
    [
      'an answer that is not finite',
      'idle: () => ({ keep_s: NaN })',
      'mine.ts: answers { keep_s: NaN } to idle; expected { keep_s } of at least 0, and finite ahead: { after_s, keep_s }',
    ],
    [
      'a slip in an answer',
      'idle: () => ({ keep_s: 1, aheda: { after_s: 1, keep_s: 1 } })',
      'mine.ts: aheda is no part of keep; did you mean ahead?',
    ],
    [
      'a slip in what begin answers',
      'idle: () => ({ keep_s: 1 }), prioritee: () => 1',
      'mine.ts: prioritee is never asked; did you mean priority?',
    ],
    [
      'a part that is no function',
      'idle: () => ({ keep_s: 1 }), gone: 5',
      'mine.ts: answers { gone: 5 } to begin; expected gone to be a function',
    ],
    [
      'a limit that no tick would ask for',
      'idle: () => ({ keep_s: 1 }), cap_s: () => 5',
      'mine.ts: cap_s is never asked without tick_s; expected both',
    ],
    [
      'a number of instances that no tick would ask for',
      'idle: () => ({ keep_s: 1 }), scale: () => 5',
      'mine.ts: scale is never asked without tick_s; expected both',
    ],
    [
      'what it may not look at',
      'idle: () => ({ keep_s: process.chdir("/") ?? 1 })',
      'mine.ts:1:83: throws: asks process.chdir(), but the same question must always get the same answer; expected answers',
    ],
  ] as const) {
    it(`is refused with ${what}`, async () => {
      const file = `export default { description: 'd', begin: () => ({ ${text} }) };`;
      assert.equal(await complaint(withOwn('keep_alive', file)), message);
    });
  }

  it('is refused where requests wait for a scale that it lacks', async () => {
    const file =
      "export default { description: 'd', tick_s: 1, starts_by_scale: true, begin: () => ({ idle: () => ({ keep_s: 1 }) }) };";
    assert.equal(
      await complaint(withOwn('keep_alive', file)),
      'mine.ts: starts_by_scale is true, and begin answers without scale; expected both, or neither',
    );
  });

  it('cannot change what it is given: at first that is refused, late it fails or has no effect', async () => {
    const measured = async (act: string) => {
      const text = `const after = 400;\n${routing(`(late() && (${act}), nodes[0].index)`)}`;
      const [trial] = expand(await loadExperiment(withOwn('routing', text)));
      return simulated.run(trial!).then(
        ({ measurements }) => measurements,
        (error) => String(error),
      );
    };
    const untouched = await measured('0');
    for (const act of ['nodes.length = 0', 'nodes[0].index = 7', 'nodes[0].running = 1e9']) {
      assert.deepEqual(await measured(act), untouched, act);
    }
    for (const act of [
      'nodes.push(1)',
      'nodes.sort()',
      'Object.defineProperty(nodes[0], "index", { value: 7 })',
    ]) {
      assert.match(String(await measured(act)), /policy .*mine\.ts:2:\d+ throws: /, act);
    }
    for (const [key, begin, message] of [
      [
        'routing',
        '() => ({ route: (of, nodes) => (nodes.length = 0) })',
        'nodes.length is written',
      ],
      ['keep_alive', '(s) => { s.functions.length = 0; }', 'functions.length is written'],
    ] as const) {
      const text = `export default { description: 'd', begin: ${begin} };`;
      assert.match(
        await complaint(withOwn(key, text)),
        new RegExp(`^mine\\.ts:1:\\d+: ${message}; `),
      );
    }
  });

  it('is the one that is named, and not ours beside it', async () => {
    const text = `const after = 400;\n${keeping('idle: () => { if (late()) throw new Error("boom"); return { keep_s: 0 }; }').replace('tick_s: 0.01, ', '')}`;
    const file = withOwn('keep_alive', text);
    assert.match((await told(file))!, /^policy .*mine\.ts:2:\d+ throws: boom; expected answers$/);
  });
});
