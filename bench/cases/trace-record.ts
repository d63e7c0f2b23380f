/**
 * What recording costs: the user time of a Python function under the recorder, start of the
 * interpreter included, against that of the function alone.
 */

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { builtRecorder } from '../../sim/recording/build-recorder.ts';
import { recordedProcesses } from '../../sim/recording/marked-process.ts';
import type { Comparison, Timing } from '../comparison.ts';

const program = `import json, os
text = json.dumps([{'id': i, 'name': 'item %d' % i, 'price': i * 1.5} for i in range(500)])
for _ in range(200):
    items = json.loads(text)
    for item in items: item['price'] *= 1.1
    json.dumps(items, sort_keys=True)
`;

const folder = mkdtempSync(join(tmpdir(), 'cxlsim-bench-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));

function userTime(command: readonly string[], variables: Readonly<Record<string, string>>): number {
  const { stdout, status } = spawnSync('sh', ['-c', '"$@"; times', 'sh', ...command], {
    env: { ...process.env, PYTHONHASHSEED: '0', ...variables },
    encoding: 'utf8',
  });
  const [, minutes, seconds] = /\n(\d+)m([\d.]+)s/.exec(stdout) ?? [];
  if (status !== 0 || seconds === undefined) throw new Error(`${command[0]} ended with ${status}`);
  return (60 * Number(minutes) + Number(seconds)) * 1e9;
}

function recorded(tool: string): { cpu_ns: number; instructions: number } {
  const raw = mkdtempSync(join(folder, 'raw-'));
  const options = ['-q', '--tool=cxltrace', `--trace-folder=${raw}`];
  const command = ['valgrind', ...options, python, '-S', '-E', '-c', program];
  const cpu_ns = userTime(command, { VALGRIND_LIB: tool });
  return { cpu_ns, instructions: recordedProcesses(raw)[0]!.instructions };
}

/** Not a shim around it. */
const python = spawnSync('python3', ['-c', 'import sys; print(sys.executable)'], {
  encoding: 'utf8',
}).stdout?.trim();

function comparisons(): Comparison[] {
  if (!python || spawnSync('valgrind', ['--version']).error !== undefined) {
    console.error('  not run: valgrind or python3 is not installed');
    return [];
  }
  const tool = builtRecorder(join(folder, 'tool'));
  const { instructions } = recorded(tool);
  const native = (): Timing => ({
    operations: instructions,
    cpu_ns: userTime([python, '-S', '-E', '-c', program], {}),
  });
  return [
    {
      name: 'a JSON function in Python, recorded',
      operations: 'instructions',
      run: () => ({ operations: instructions, cpu_ns: recorded(tool).cpu_ns }),
      baseline: { name: 'the function alone', run: native },
      // Thirty times as long.
      target_ratio: 1 / 30,
    },
  ];
}

export default comparisons();
