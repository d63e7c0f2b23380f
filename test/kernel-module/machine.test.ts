import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { openDaxDevice } from '../../kernel-module/testbed/dax.ts';
import { chosenKernels, onEachKernel, requireKernel } from './on-each-kernel.ts';

onEachKernel('a machine', { nodes: 2, withoutModule: true }, (testbed, kernel) => {
  it('runs the kernel that was asked for, with transparent huge pages on', async () => {
    const node = testbed().nodes[0]!;
    assert.equal((await node.check('uname -r')).trim(), node.kernel.release);
    assert.ok(node.kernel.release.startsWith(`${kernel.replace('-debug', '')}.`));
    assert.match(await node.check('cat /sys/kernel/mm/transparent_hugepage/enabled'), /\[always\]/);
  });

  it('gives back exit code, output and error output', async () => {
    const { code, stdout, stderr } = await testbed().nodes[0]!.exec(
      'echo out; echo err >&2; exit 7',
    );
    assert.deepEqual([code, stdout, stderr], [7, 'out\n', 'err\n']);
  });

  it('carries any bytes in both directions', async () => {
    const node = testbed().nodes[0]!;
    const bytes = randomBytes(3_000_001);
    await node.writeFile('/tmp/bytes', bytes);
    assert.ok((await node.exec('cat /tmp/bytes')).stdoutBytes.equals(bytes));
    assert.ok((await node.exec('cat', { stdin: bytes })).stdoutBytes.equals(bytes));
  });

  it('runs jobs side by side and signals one of them with all its descendants', async () => {
    const node = testbed().nodes[0]!;
    const job = node.start('sleep 1000 & echo started; wait');
    await job.output(/started/);
    assert.equal(await node.check('echo meanwhile'), 'meanwhile\n');
    job.kill(15);
    assert.equal(await job.exited, 143);
    assert.equal((await node.exec('pidof sleep')).code, 1);
  });

  it('ends a command that takes too long, and says so', async () => {
    const node = testbed().nodes[0]!;
    await assert.rejects(
      node.exec('echo begun; exec sleep 1000', { timeout_ms: 2000 }),
      /not done in 2 s; so far:\nbegun/,
    );
    assert.equal((await node.exec('pidof sleep')).code, 1);
  });

  it('reads on what a background process writes after its shell has ended', async () => {
    const node = testbed().nodes[0]!;
    const job = node.start('(sleep 1; echo later) &');
    assert.equal(await job.exited, 0);
    await node.check('sleep 2');
    assert.equal(job.stdout, 'later\n');
  });

  it('sees the same bytes in the shared memory as the other machine and the host', async () => {
    const { nodes, memory } = testbed();
    for (const node of nodes) {
      const device = await openDaxDevice(node);
      await node.check(
        `count-together ${device} 0 1 plain & count-together ${device} 1 1 locked; wait`,
      );
    }
    // Each machine added two to what the one before had left there.
    assert.equal(memory.read(192, 8).readBigUInt64LE(), 4n);
  });

  it('takes its running jobs with it when it dies, and comes back over the same memory', async () => {
    const { memory } = testbed();
    const job = testbed().nodes[1]!.start('sleep 1000');
    memory.write(8192, Buffer.from('kept'));
    await testbed().nodes[1]!.kill();
    await assert.rejects(job.exited, /machine n1 is gone: QEMU ended with SIGKILL/);
    const again = await testbed().restart(1);
    assert.equal((await again.check('hostname')).trim(), 'n1');
    assert.equal(memory.read(8192, 4).toString(), 'kept');
  });
});

describe('a program that boots machines', function () {
  this.timeout(600_000);
  this.slow(60_000);
  const [kernel] = chosenKernels();

  before(async function () {
    await requireKernel(this, kernel!);
  });

  for (const signal of ['SIGINT', 'SIGKILL'] as const) {
    it(`leaves no machine and no file behind when ${signal} ends it`, async () => {
      const temporary = mkdtempSync(join(tmpdir(), 'cxlsim-orphans-'));
      const sharedBefore = sharedFiles();
      const script = join(import.meta.dirname, 'boot-and-wait.ts');
      const program = spawn(process.execPath, ['--import', 'tsx', script, kernel!], {
        stdio: ['ignore', 'pipe', 'inherit'],
        env: { ...process.env, TMPDIR: temporary },
      });
      const machines = (await firstLine(program)).split(' ').map(Number);
      assert.equal(machines.length, 2);
      assert.ok(machines.every(isAlive));
      const ended = new Promise((resolve) => program.on('exit', resolve));
      program.kill(signal);
      await ended;
      while (machines.some(isAlive)) await delay(50);
      // The TypeScript loader keeps a directory of its own there.
      assert.deepEqual(
        readdirSync(temporary).filter((name) => !name.startsWith('tsx-')),
        [],
      );
      // Other tests' machines make names there, too, and take them away at once.
      while (sharedFiles().some((name) => !sharedBefore.includes(name))) await delay(50);
      rmSync(temporary, { recursive: true });
    });
  }
});

function sharedFiles(): string[] {
  return readdirSync('/dev/shm').filter((name) => name.startsWith('cxlsim-'));
}

function isAlive(pid: number): boolean {
  return existsSync(`/proc/${pid}`);
}

async function firstLine(program: ChildProcess): Promise<string> {
  let text = '';
  for await (const data of program.stdout!) {
    text += data;
    const end = text.indexOf('\n');
    if (end >= 0) return text.slice(0, end);
  }
  throw new Error(`the program ended before it booted its machines: ${text}`);
}
