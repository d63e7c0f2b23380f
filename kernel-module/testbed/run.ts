/** Runs one scenario from the command line: `npm run testbed -- <scenario> [--kernel 6.1]`. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type KernelName, kernelNames } from './kernel.ts';
import { findKernel } from './kernels.ts';
import { buildModule } from './module-build.ts';
import { installedVersions, prepareHost } from './requirements.ts';
import type { Scenario } from './scenario.ts';
import { loadScenario, scenarioNames } from './scenario-files.ts';
import { startTestbed } from './scenario-testbed.ts';
import type { Testbed } from './testbed.ts';

const usage = `usage: npm run testbed -- SCENARIO [--kernel ${kernelNames.join('|')}] [--out DIR]
       npm run testbed -- --exec COMMAND [--nodes 1|2] [--debian] [--kernel ${kernelNames.join('|')}] [--out DIR]
       npm run testbed -- --build [--kernel ${kernelNames.join('|')}]
       npm run testbed -- --list`;

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

/** One shell command on each node, the first node first: for trying things out. */
function commandScenario(command: string, nodes: 1 | 2, debianRoot: boolean): Scenario {
  return {
    shows: command,
    hardware: { nodes, debianRoot },
    async run(context) {
      const codes: Record<string, number> = {};
      for (const node of context.nodes) {
        const { code, stdout, stderr } = await node.exec(command, { timeout_ms: 600_000 });
        console.log(`${node.node}:\n${stdout}${stderr}`);
        codes[`${node.node} exit code`] = code;
      }
      return codes;
    },
  };
}

async function runScenario(scenario: Scenario, kernel: KernelName, out: string): Promise<void> {
  await prepareHost('machines');
  mkdirSync(out, { recursive: true });
  const testbed = await startTestbed(kernel, scenario.hardware);
  try {
    const counters = await scenario.run(testbed);
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

/** The module, its tool and its self-tests, without a machine to run them. */
async function build(name: KernelName): Promise<void> {
  await prepareHost('machines');
  const kernel = await findKernel(name);
  const files = await buildModule(kernel);
  console.log(`Linux ${kernel.release}: ${files.map(({ path }) => path).join(', ')}`);
  console.log(`with ${await installedVersions('machines')}`);
}

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    kernel: { type: 'string', default: '6.1' },
    out: { type: 'string' },
    build: { type: 'boolean', default: false },
    list: { type: 'boolean', default: false },
    exec: { type: 'string' },
    nodes: { type: 'string', default: '1' },
    debian: { type: 'boolean', default: false },
  },
});

try {
  const [name] = positionals;
  const asked = [values.build, values.exec !== undefined, name !== undefined];
  const kernel = kernelNamed(values.kernel);
  const out = (title: string) => values.out ?? join('results', 'testbed', `${title}-${kernel}`);
  if (values.list) {
    for (const each of scenarioNames()) console.log(`${each}: ${(await loadScenario(each)).shows}`);
  } else if (asked.filter(Boolean).length !== 1 || positionals.length > 1) {
    throw new Error(usage);
  } else if (values.build) {
    await build(kernel);
  } else if (values.exec !== undefined) {
    const nodes = ([1, 2] as const).find((count) => String(count) === values.nodes);
    if (nodes === undefined) throw new Error(`--nodes ${values.nodes}; must be 1 or 2`);
    const scenario = commandScenario(values.exec, nodes, values.debian);
    await runScenario(scenario, kernel, out('exec'));
  } else if (name !== undefined) {
    await runScenario(await loadScenario(name), kernel, out(name));
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
