import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../host-command.ts';
import type { Scenario } from '../scenario.ts';

const mebibyte = 1024 * 1024;
const source = join(import.meta.dirname, '../../../sim/machine/memory-speed.c');

const scenario: Scenario = {
  shows:
    'what cxlsim fabric measure runs takes its memory from the NUMA node that it is told, a node without processors, too',
  hardware: { nodes: 1, tier_bytes: 256 * mebibyte, withoutModule: true },
  async run({ nodes }) {
    const node = nodes[0]!;
    await node.writeFile('/tmp/memory-speed', await executable());
    await node.check('chmod +x /tmp/memory-speed');
    const counters: Record<string, number> = {};
    for (const wanted of [0, 2]) {
      for (const kind of ['latency', 'read', 'write']) {
        const cpus = kind === 'latency' ? '0' : '0 1';
        const answer = await node.check(
          `/tmp/memory-speed ${kind} ${wanted} ${64 * mebibyte} 1 ${cpus}`,
        );
        const [lies, value] = answer.trim().split('\n');
        assert.equal(lies, `nodes ${wanted}`);
        assert.ok(Number(value) > 0, answer);
        counters[`node${wanted}_${kind}`] = Number(value);
      }
    }
    const { code, stderr } = await node.exec(`/tmp/memory-speed latency 1 ${64 * mebibyte} 1 0`);
    assert.deepEqual([code, stderr.startsWith('mbind: ')], [1, true]);
    return counters;
  },
};

async function executable(): Promise<Buffer> {
  const folder = await mkdtemp(join(tmpdir(), 'cxlsim-'));
  try {
    const program = join(folder, 'memory-speed');
    await run('gcc', ['-std=gnu11', '-O2', '-static', '-pthread', '-o', program, source]);
    return await readFile(program);
  } finally {
    await rm(folder, { recursive: true });
  }
}

export default scenario;
