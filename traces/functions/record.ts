/** Records the functions of this folder and writes their descriptions; `record.sh` calls it. */

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { closeSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';
import { sourceOf, writeTrace } from '../../sim/files/trace-file.ts';
import { coarsen } from '../../sim/recording/coarsen.ts';
import { recordTrace } from '../../sim/recording/record-trace.ts';
import type { Totals } from '../../sim/workload/cxltrace/format.ts';
import { TraceReader } from '../../sim/workload/cxltrace/reader.ts';
import { functions, type RecordedFunction } from './functions.ts';

const folder = fileURLToPath(new URL('.', import.meta.url));
const recorded_folder = join(folder, '../recorded');

/** The last-level cache of the CXLfork testbed, on which experiments/recorded.yaml replays. */
const llc_mb = 64;

/**
 * One thread each, and nothing that differs from run to run. Libraries keep from fused multiply-add,
 * at which valgrind is two hundred times slower than at multiplying and adding.
 */
Object.assign(process.env, {
  OMP_NUM_THREADS: '1',
  OPENBLAS_NUM_THREADS: '1',
  OPENBLAS_CORETYPE: 'Sandybridge',
  ONEDNN_MAX_CPU_ISA: 'AVX',
  ATEN_CPU_CAPABILITY: 'default',
  PYTHONHASHSEED: '0',
  PYTHONDONTWRITEBYTECODE: '1',
});

const wanted = process.argv.slice(2);
const unknown = wanted.find((name) => !Object.hasOwn(functions, name));
if (unknown !== undefined) {
  console.error(`no function ${unknown}; expected ${Object.keys(functions).join(', ')}`);
  process.exit(2);
}
process.chdir(folder);
for (const name of wanted.length > 0 ? wanted : Object.keys(functions)) {
  await record(name, functions[name]!);
}

async function record(name: string, recorded: RecordedFunction): Promise<void> {
  const output = join(recorded_folder, `${name}.cxltrace`);
  const whole = `${output}.whole`;
  const binary = recorded.file.replace(/\.c$/, '');
  try {
    const command = commandOf(recorded.file);
    await recordTrace({ command, output: whole, llc_mb, coarse: true, stdio: 'ignore' });
    const totals = await shrink(whole, output);
    const sha256 = createHash('sha256').update(readFileSync(output)).digest('hex');
    writeFileSync(join(recorded_folder, `${name}.yaml`), describe(name, recorded, sha256));
    console.log(`${name}: ${totals.pages} pages, ${totals.invocations} invocations`);
  } finally {
    rmSync(whole, { force: true });
    if (binary !== recorded.file) rmSync(binary, { force: true });
  }
}

/** Counts as one what lies between two marks: a tenth of the size for large functions. */
async function shrink(whole: string, output: string): Promise<Totals> {
  const file = openSync(whole, 'r');
  try {
    const reader = new TraceReader(sourceOf(file), whole);
    return await writeTrace(output, reader.metadata, coarsen(reader.events()));
  } finally {
    closeSync(file);
  }
}

/** As typed in this folder, which is what the trace says of itself. */
function commandOf(file: string): string[] {
  if (file.endsWith('.py')) return ['/usr/bin/python3', file];
  if (file.endsWith('.mjs')) return ['node', file];
  const binary = file.replace(/\.c$/, '');
  execFileSync('cc', ['-O2', '-static', '-o', binary, file]);
  return [`./${binary}`];
}

function describe(
  name: string,
  { file, does, packages, caveat }: RecordedFunction,
  sha256: string,
): string {
  const versions = ['valgrind', ...packages].map(versionOf).join(', ');
  return stringify(
    {
      kind: 'trace',
      description: does,
      source:
        `functions/${file}, recorded for this project by functions/record.sh with the recorder in ` +
        `recorder/; ${versions}; Apache-2.0, no third-party data`,
      ...(caveat && { caveat }),
      file: `${name}.cxltrace`,
      sha256,
      instructions_per_ns: 2.1,
      assumed: {
        instructions_per_ns: {
          reason:
            'no time was recorded; one instruction a cycle at 2.1 GHz, the base frequency of the ' +
            'Xeon Gold 6430 to which the CXLfork paper’s reference list points',
          range: [1, 7],
        },
      },
    },
    { lineWidth: 100 },
  );
}

function versionOf(name: string): string {
  const told =
    name === 'node'
      ? execFileSync('node', ['--version'])
      : // biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg-query's own placeholder
        execFileSync('dpkg-query', ['-W', '-f', '${Version}', name]);
  return `${name} ${told.toString().trim()}`;
}
