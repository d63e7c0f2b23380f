/**
 * The programs that CRIU tests itself with, unmodified, on two nodes: `npm run zdtm -- --kernel 6.12`. Compares with the
 * verdicts that are known (verdicts-6.12.csv, …); exit code 1 where one has become worse.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type KernelName, kernelNames } from '../kernel.ts';
import { prepareHost } from '../requirements.ts';
import { startRegion } from '../rfork.ts';
import { startTestbed } from '../scenario-testbed.ts';
import type { Testbed } from '../testbed.ts';
import { sourceName, type ZdtmPrograms, zdtmPrograms } from './source.ts';
import { readTable, whatIsWorse, writeTable } from './table.ts';
import { makeWorkplace, prepareNode, trial } from './trial.ts';
import { judge, type Verdict } from './verdict.ts';

const mebibyte = 1024 * 1024;
const disk_bytes = 128 * mebibyte;
const shared_bytes = 1024 * mebibyte;

/**
 * Images are kept while machines live, as an emulated processor may run what one of a deleted checkpoint held
 * (../README.md); new machines begin with an empty region.
 */
const trials_per_boot = 60;

async function startNodes(kernel: KernelName, { disk }: ZdtmPrograms): Promise<Testbed> {
  const testbed = await startTestbed(kernel, {
    nodes: 2,
    // Some map a gibibyte.
    memory_bytes: 2048 * mebibyte,
    shared_bytes,
    shared_disk_bytes: disk_bytes,
    disks: [{ path: disk, keepWrites: false }],
  });
  try {
    await startRegion(testbed, { size_bytes: shared_bytes - disk_bytes });
    await Promise.all(testbed.nodes.map(prepareNode));
    await makeWorkplace(testbed.nodes[0]!);
  } catch (error) {
    await testbed.stop();
    throw error;
  }
  return testbed;
}

async function assertNoComplaint({ nodes }: Testbed): Promise<void> {
  for (const node of nodes) {
    const complaints = await node.kernelComplaints();
    if (complaints.length > 0) throw new Error(`${node.node}: ${complaints.join('\n')}`);
  }
}

/** How often each word is there, the most frequent first. */
function tally(words: Iterable<string>): Map<string, number> {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return new Map([...counts].sort(([, one], [, other]) => other - one));
}

async function measure(kernel: KernelName, programs: ZdtmPrograms, names: readonly string[]) {
  const verdicts = new Map<string, Verdict>();
  let testbed: Testbed | undefined;
  let trials = 0;
  try {
    for (const name of names) {
      testbed ??= await startNodes(kernel, programs);
      const [here, there] = testbed.nodes;
      let fit = false;
      try {
        const result = await trial([here!, there!], name, programs.commands.get(name)!);
        await assertNoComplaint(testbed);
        fit = result.fit;
        const verdict = judge(result.observation);
        verdicts.set(name, verdict);
        console.log(`${name}: ${verdict.verdict}${verdict.reason && `: ${verdict.reason}`}`);
      } catch (error) {
        console.log(`${name}: no verdict: ${error instanceof Error ? error.message : error}`);
      }
      trials += 1;
      if (!fit || trials >= trials_per_boot) {
        await testbed.stop();
        testbed = undefined;
        trials = 0;
      }
    }
  } finally {
    await testbed?.stop();
  }
  return verdicts;
}

try {
  const { values } = parseArgs({
    options: {
      kernel: { type: 'string', default: '6.12' },
      program: { type: 'string', multiple: true },
      out: { type: 'string' },
    },
  });
  const kernel = kernelNames.find((known) => known === values.kernel);
  if (kernel === undefined) {
    throw new Error(`--kernel ${values.kernel}: expected one of ${kernelNames.join(', ')}`);
  }
  await prepareHost('zdtm');
  const programs = await zdtmPrograms();
  const names = values.program ?? [...programs.commands.keys()];
  for (const name of names) {
    if (programs.commands.has(name)) continue;
    const reason = programs.not_run.get(name) ?? 'no such program';
    throw new Error(`--program ${name}: ${reason}`);
  }
  const not_run = [...tally(programs.not_run.values())].map(([why, count]) => `${count} ${why}`);
  const size = `${programs.commands.size} programs run; ${not_run.join(', ')}`;
  console.log(`${sourceName}: ${size}`);
  const verdicts = await measure(kernel, programs, names);
  const out = values.out ?? join('results', 'zdtm', kernel);
  mkdirSync(out, { recursive: true });
  const day = new Date().toISOString().slice(0, 10);
  const how = `${sourceName}, ${size}; npm run zdtm -- --kernel ${kernel}, ${day}`;
  writeFileSync(join(out, 'verdicts.csv'), writeTable(how, verdicts));
  console.table(Object.fromEntries(tally([...verdicts.values()].map(({ verdict }) => verdict))));
  const file = join(import.meta.dirname, `verdicts-${kernel}.csv`);
  const known = existsSync(file) ? readTable(file, readFileSync(file, 'utf8')) : new Map();
  const worse = whatIsWorse(names, verdicts, known);
  for (const line of worse) console.error(line);
  if (worse.length > 0) process.exitCode = 1;
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
