/** Policy files that do more than answer: each is tried by the real command, in a process of its own. */

import { spawnSync } from 'node:child_process';
import { bin } from '../../cli/cxlsim.ts';
import { pick } from '../draw.ts';
import { bytesOf, Fault, type Kind, targetOf, textOf, withTarget } from '../input.ts';
import { checkRefusal } from '../refusal.ts';
import { small_function_file } from '../small-function.ts';
import { policy } from './policy.ts';

const file = 'x.yaml';
const experiment = bytesOf(`question: What does a policy do besides?
mechanisms: [cxlfork]
policies: [./mine.ts]
workloads: [./${small_function_file}]
fabric: cxlfork-testbed
`);

const acts = [
  'for (;;);',
  'await new Promise(() => {});',
  'setInterval(() => {}, 1000);',
  'setTimeout(() => { throw new Error("late"); }, 1);',
  'setTimeout(() => { throw 10n; }, 0);',
  'Promise.reject(new Error("nobody keeps it"));',
  'Promise.reject(10n);',
  'Promise.reject(undefined);',
  'process.exit(0);',
  'process.stdout.write("{}");',
  'console.log("here");',
  'process.on("exit", () => { throw new Error("at the end"); });',
  'process.on("uncaughtException", () => {}); throw new Error("kept");',
  'Object.freeze(Object.prototype);',
] as const;

/** Of processor time: the program starts in a second or two. */
const most_work_s = 20;
/** A busy machine lets it wait. */
const most_waiting_ms = 600_000;

export const wild_policy: Kind = {
  name: 'wild-policy',
  async corpus() {
    const inputs = await policy.corpus();
    return inputs.map((input) => ({ ...input, files: { ...input.files, [file]: experiment } }));
  },
  mutate(input, random) {
    const text = textOf(targetOf(input));
    const act = pick(random, acts);
    const inside = `place() { ${act.replace('await', 'void')} return 'migrate-now'; },`;
    const changed = pick(random, [
      `${act}\n${text}`,
      text.replace(/place[:(][\s\S]*?\n {2}?\}?,\n/, `${inside}\n`),
    ]);
    return withTarget(input, bytesOf(changed));
  },
  async judge(input, box) {
    box.fill(input);
    const words = ['check', file, '--json'];
    const command = `ulimit -t ${most_work_s}; exec "$0" "$@"`;
    const ended = spawnSync('sh', ['-c', command, bin, ...words], {
      timeout: most_waiting_ms,
      killSignal: 'SIGKILL',
      encoding: 'utf8',
      env: { ...process.env, NODE_OPTIONS: '' },
    });
    box.checkFiles();
    const { status, signal, stdout, stderr } = ended;
    const told = `${status ?? signal}\n${stdout}\n${stderr}`;
    if (status === null || status > 128) throw new Fault(`does not end by itself: ${told}`);
    if (status === 0) {
      if (!isJson(stdout)) throw new Fault(`its output is no JSON: ${told}`);
      return 'accepted';
    }
    if (!stderr.includes('mine')) throw new Fault(`the policy is not named: ${told}`);
    if (/^ {4}at /m.test(stderr)) throw new Fault(`a stack trace: ${told}`);
    // What the policy says comes before.
    checkRefusal(stderr.trimEnd().split('\n').at(-1)!, input);
    return 'refused';
  },
};

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
