/**
 * Everything that is random, over and over with new seeds, until the time is over: `npm run soak -- --minutes 60`.
 * A round is the self-tests on one node, then the scenarios on both. The first complaint of a kernel, and the first
 * module that cannot be unloaded, ends it with the seed that repeats it.
 */
import { parseArgs } from 'node:util';
import { type KernelName, kernelNames } from './kernel.ts';
import { prepareHost } from './requirements.ts';
import { startRegion } from './rfork.ts';
import { loadScenario } from './scenario-files.ts';
import { startTestbed } from './scenario-testbed.ts';
import type { Testbed } from './testbed.ts';

const cases = [
  'mutated-requests-harm-nothing',
  'mutated-regions-harm-nothing',
  'operations-on-memory-leave-the-image',
  'children-killed-at-any-moment-leave-nothing',
  'killed-checkpoints-leave-nothing',
  'processes-that-end-while-asked-harm-nothing',
];
const scenarios = ['fuzzed-image', 'node-killed', 'node-paused'];

interface Round {
  readonly seed: number;
  readonly seconds: number;
}

async function runCase({ nodes, memory }: Testbed, name: string, { seed, seconds }: Round) {
  const [node] = nodes;
  await startRegion({ nodes: [node!], memory });
  const { code, stdout, stderr } = await node!.exec(
    `RFORK_SEED=${seed} RFORK_SECONDS=${seconds} /rfork/rfork-selftest ${name}`,
    { timeout_ms: 3_600_000 },
  );
  if (code !== 0) throw new Error(`exit code ${code}\n${stdout}${stderr}`);
}

async function runScenario(testbed: Testbed, name: string, { seed }: Round) {
  process.env['CXLSIM_SEED'] = String(seed);
  await (await loadScenario(name)).run(testbed);
}

/** Nothing is in the way of unloading, and no kernel has complained. */
async function assertNothingLeft({ nodes }: Testbed): Promise<void> {
  for (const node of nodes) {
    await node.check('[ ! -d /sys/module/rfork ] || rmmod rfork');
    const complaints = await node.kernelComplaints();
    if (complaints.length > 0) throw new Error(`${node.node}: ${complaints.join('\n')}`);
  }
}

async function availableMemory_MiB({ nodes }: Testbed): Promise<string> {
  const each = nodes.map((node) =>
    node.check("awk '/MemAvailable/ { print int($2 / 1024) }' /proc/meminfo"),
  );
  return (await Promise.all(each)).map((text) => text.trim()).join(' and ');
}

async function soak(kernel: KernelName, minutes: number, first: Round) {
  await prepareHost('machines');
  const testbed = await startTestbed(kernel, { nodes: 2 });
  // Not from when the module was being built and the machines booted.
  const end_ms = Date.now() + minutes * 60_000;
  let done = 0;
  try {
    for (let { seed } = first; Date.now() < end_ms; seed++) {
      for (const name of [...cases, ...scenarios]) {
        if (Date.now() >= end_ms) break;
        const run = cases.includes(name) ? runCase : runScenario;
        try {
          await run(testbed, name, { ...first, seed });
          await assertNothingLeft(testbed);
        } catch (error) {
          const message = error instanceof Error ? error.message : String(error);
          console.log(await testbed.endOfLogs());
          throw new Error(`${name} with seed ${seed} on Linux ${kernel}: ${message}`);
        }
        await testbed.reset();
        done += 1;
      }
      console.log(`seed ${seed}: ${await availableMemory_MiB(testbed)} MiB available`);
    }
  } finally {
    await testbed.stop();
  }
  console.log(`${done} runs on Linux ${kernel} in ${minutes} minutes: no complaint, nothing left`);
}

function whole(option: string, text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) {
    throw new Error(`${option} ${text}: expected a whole number from 1`);
  }
  return Number(text);
}

try {
  const { values } = parseArgs({
    options: {
      kernel: { type: 'string', default: '6.12' },
      minutes: { type: 'string', default: '60' },
      seed: { type: 'string', default: '1' },
      seconds: { type: 'string', default: '20' },
    },
  });
  const kernel = kernelNames.find((known) => known === values.kernel);
  if (kernel === undefined) {
    throw new Error(`--kernel ${values.kernel}: expected one of ${kernelNames.join(', ')}`);
  }
  await soak(kernel, whole('--minutes', values.minutes), {
    seed: whole('--seed', values.seed),
    seconds: whole('--seconds', values.seconds),
  });
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
