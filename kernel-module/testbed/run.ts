/** Runs one scenario from the command line: `npm run testbed -- <scenario> [--kernel 6.1]`. */
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type KernelName, kernelNames } from './kernel.ts';
import { prepareHost } from './requirements.ts';
import type { Scenario } from './scenario.ts';
import { startTestbed } from './scenario-testbed.ts';
import type { Testbed } from './testbed.ts';

const scenarioDirectory = join(import.meta.dirname, 'scenarios');

const usage = `usage: npm run testbed -- SCENARIO [--kernel ${kernelNames.join('|')}] [--out DIR]
       npm run testbed -- --list`;

function scenarioNames(): string[] {
  return readdirSync(scenarioDirectory)
    .filter((name) => name.endsWith('.ts'))
    .map((name) => name.replace(/\.ts$/, ''))
    .sort();
}

async function loadScenario(name: string): Promise<Scenario> {
  if (!scenarioNames().includes(name)) {
    throw new Error(`no scenario named ${name}; found ${scenarioNames().join(', ')}`);
  }
  const module = (await import(join(scenarioDirectory, `${name}.ts`))) as { default: Scenario };
  return module.default;
}

function kernelNamed(name: string): KernelName {
  const found = kernelNames.find((known) => known === name);
  if (found === undefined) {
    throw new Error(`--kernel ${name}: no such kernel; choose one of ${kernelNames.join(', ')}`);
  }
  return found;
}

async function saveLogs(testbed: Testbed, directory: string): Promise<void> {
  for (const node of testbed.nodes) {
    writeFileSync(join(directory, `${node.node}.console.log`), node.consoleLog());
    const log = await node.kernelLog().catch(() => node.consoleLog());
    writeFileSync(join(directory, `${node.node}.kernel.log`), log);
  }
}

async function runScenario(name: string, kernel: KernelName, out: string): Promise<void> {
  const scenario = await loadScenario(name);
  await prepareHost('machines');
  mkdirSync(out, { recursive: true });
  const testbed = await startTestbed(kernel, scenario.hardware);
  try {
    const counters = await scenario.run({
      nodes: testbed.nodes,
      memory: testbed.memory,
      kernel,
      restart: (index) => testbed.restart(index),
    });
    writeFileSync(join(out, 'counters.json'), `${JSON.stringify(counters, null, 2)}\n`);
    console.table(counters);
    for (const node of testbed.nodes) {
      for (const line of await node.kernelComplaints()) console.error(`${node.node}: ${line}`);
    }
  } finally {
    await saveLogs(testbed, out);
    await testbed.stop();
    console.log(`logs: ${out}`);
  }
}

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    kernel: { type: 'string', default: '6.1' },
    out: { type: 'string' },
    list: { type: 'boolean', default: false },
  },
});

try {
  const [name] = positionals;
  if (values.list) {
    for (const each of scenarioNames()) console.log(`${each}: ${(await loadScenario(each)).shows}`);
  } else if (name === undefined || positionals.length > 1) {
    throw new Error(usage);
  } else {
    const kernel = kernelNamed(values.kernel);
    await runScenario(name, kernel, values.out ?? join('results', 'testbed', `${name}-${kernel}`));
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
