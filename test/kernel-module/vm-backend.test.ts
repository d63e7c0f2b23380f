import assert from 'node:assert/strict';
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { agreement } from '../../sim/report/agreement.ts';
import { readMeasurements } from '../../sim/results/measurements-csv.ts';
import { summarize } from '../../sim/results/summarize.ts';
import { bin, cxlsim, type Ended } from '../cli/cxlsim.ts';
import { chosenKernels, requireKernel } from './on-each-kernel.ts';

const experiment = (kernel: string, lines = '') => `question: Do they count the same?
backends: [simulated, vm]
mechanisms: [local-fork, mitosis, cxlfork]
policies: [./stays.ts, hybrid]
workloads: [live-resident]
fabric: cxlfork-testbed
parameters:
  mitosis: { prefetched: mapped }
  vm: { kernel: '${kernel}', root: busybox, warm_invocations: 2${lines} }
`;

/** Without imports, as anybody may write one. */
const stays = `export default {
  description: 'file pages stay, whatever else was used is copied when touched',
  place: (page) => (page.kind === 'file' || !page.accessed ? 'migrate-on-write' : 'migrate-on-access'),
};
`;

const hangs = `kind: live
description: never answers
source: test
caveat: none
program: hangs.c
warm_ms: 1
initialisation_ms: 1
`;

const hanging_program = `#include <signal.h>
#include <stdio.h>
#include <unistd.h>
int main(void)
{
	signal(SIGUSR1, SIG_IGN);
	printf("ready %d 1\\n", getpid());
	fflush(stdout);
	for (;;)
		pause();
}
`;

/** Process numbers of machines that a process started. */
function machinesOf(pid: number): number[] {
  if (!existsSync(`/proc/${pid}/task`)) throw new Error(`process ${pid} has ended already`);
  const children = readdirSync(`/proc/${pid}/task`).flatMap((task) =>
    readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').trim().split(' ').filter(Boolean),
  );
  return children.map(Number).filter((child) => {
    const command = readFileSync(`/proc/${child}/cmdline`, 'utf8');
    return command.startsWith('qemu-system') || command.startsWith('setpriv');
  });
}

function lives(pid: number): boolean {
  return existsSync(`/proc/${pid}/cmdline`) && readFileSync(`/proc/${pid}/cmdline`, 'utf8') !== '';
}

/** Looks again and again until there is something. */
async function until<T>(look: () => T | undefined): Promise<T> {
  for (;;) {
    const found = look();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

for (const kernel of chosenKernels()) {
  describe(`the vm backend on Linux ${kernel}`, function () {
    this.timeout(20 * 60_000);
    this.slow(120_000);
    let folder: string;

    before(async function () {
      await requireKernel(this, kernel);
      folder = mkdtempSync(join(tmpdir(), 'cxlsim-test-'));
      writeFileSync(join(folder, 'agree.yaml'), experiment(kernel));
      writeFileSync(join(folder, 'stays.ts'), stays);
    });

    after(() => {
      if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
    });

    const run = (words: readonly string[], meanwhile?: (pid: number) => Promise<void>) =>
      cxlsim(['run', 'agree.yaml', ...words], {
        cwd: folder,
        command: bin,
        meanwhile: (child) => meanwhile?.(child.pid!),
      });
    const rowsOf = (out: string) =>
      readMeasurements(readFileSync(join(folder, out, 'measurements.csv'), 'utf8')).rows;

    it('counts what the simulator counts, for a policy of the user’s own, too', async () => {
      const { code, out, err } = await run(['--out', 'one']);
      assert.equal(code, 0, out + err);
      const agreed = agreement(summarize(rowsOf('one')))!;
      assert.deepEqual([agreed.agreeing, agreed.compared], [4, 4], out);
      const cxlfork = rowsOf('one').filter((row) => row.mechanism === 'cxlfork');
      const measured = cxlfork.filter(
        ({ backend, policy }) => backend === 'vm' && policy === 'stays',
      );
      // Half of 4,096 pages are read, a twentieth written: the arena alone is beyond this.
      const copied = measured.find(({ metric }) => metric === 'pages_copied')!.value;
      assert.ok(copied >= 2048 && copied < 2200, String(copied));
      assert.match(out, /4 of 4 rows agree as claimed/);
    });

    it('keeps a recording, with which the simulator repeats its rows where there is no kernel', async () => {
      const simulated = rowsOf('one').filter(({ backend }) => backend === 'simulated');
      cpSync(join(folder, 'one', 'recordings'), join(folder, 'two', 'recordings'), {
        recursive: true,
      });
      const { code, err } = await run(['--out', 'two', '--backend', 'simulated']);
      assert.equal(code, 0, err);
      assert.deepEqual(rowsOf('two'), simulated);
    });

    // What follows is the program's own doing, whichever kernel runs.
    if (kernel !== chosenKernels()[0]) return;

    it('fails a trial whose machine dies, keeps the logs, and boots anew for the next', async () => {
      let killed = 0;
      const { code, err } = await run(['--out', 'killed'], async (pid) => {
        const journal = join(folder, 'killed', 'journal.jsonl');
        // While the trials run, not while their function is recorded.
        await until(() => (existsSync(journal) ? true : undefined));
        const [machine] = await until(() =>
          machinesOf(pid).length === 2 ? machinesOf(pid) : undefined,
        );
        killed = machine!;
        process.kill(killed, 'SIGKILL');
      });
      assert.equal(code, 1, err);
      assert.match(err, /failed in 1 trial: .*(is gone|n0|n1)/);
      const logs = readdirSync(join(folder, 'killed', 'logs'));
      assert.ok(
        logs.some((name) => /^trial-\d+-n0\.log$/.test(name)),
        logs.join(),
      );
      assert.match(readFileSync(join(folder, 'killed', 'logs', logs[0]!), 'utf8'), /\S/);
      const again = await run(['--out', 'killed']);
      assert.equal(again.code, 0, again.err);
      assert.match(again.out, /4 of 4 rows agree as claimed/);
    });

    it('ends with its machines when it is interrupted, and the same command continues', async () => {
      let machines: number[] = [];
      const { code, err } = await run(['--out', 'stopped'], async (pid) => {
        await until(() => (existsSync(join(folder, 'stopped', 'recordings')) ? true : undefined));
        machines = machinesOf(pid);
        process.kill(pid, 'SIGINT');
      });
      assert.equal(code, 130, err);
      assert.equal(machines.length, 2);
      assert.deepEqual(machines.filter(lives), []);
      const again = await run(['--out', 'stopped']);
      assert.equal(again.code, 0, again.err);
      assert.match(again.out, /4 of 4 rows agree as claimed/);
      // The other recording is of another boot, whose counts may differ by a page.
      const measured = (out: string) => rowsOf(out).map(({ value: _, ...what }) => what);
      assert.deepEqual(measured('stopped'), measured('one'));
    });

    it('fails a function that hangs once its time is over, and ends its machines', async () => {
      writeFileSync(join(folder, 'hangs.yaml'), hangs);
      writeFileSync(join(folder, 'hangs.c'), hanging_program);
      const lines = experiment(kernel, ', time_limit_s: 3')
        .replace('simulated, vm', 'vm')
        .replace('live-resident', './hangs.yaml');
      writeFileSync(join(folder, 'agree.yaml'), lines);
      let machines: number[] = [];
      const { code, err } = await run(
        ['--out', 'late', '--mechanism', 'cxlfork', '--policy', 'hybrid'],
        async (pid) => {
          machines = await until(() => {
            const found = machinesOf(pid);
            return found.length === 2 ? found : undefined;
          });
        },
      );
      assert.equal(code, 1, err);
      assert.match(err, /not done in 3 s, the limit of parameters\.vm\.time_limit_s/);
      assert.deepEqual(machines.filter(lives), []);
    });
  });
}

describe('the vm backend on a host without virtual machines', () => {
  it('skips its trials with what is missing, and the rest goes on', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'cxlsim-test-'));
    try {
      writeFileSync(join(folder, 'agree.yaml'), experiment('6.1'));
      writeFileSync(join(folder, 'stays.ts'), stays);
      const path = process.env['PATH'];
      // Only Node itself: no QEMU, and no way to install it.
      process.env['PATH'] = join(folder, 'bin');
      let ended: Ended;
      try {
        ended = await cxlsim([bin, 'run', 'agree.yaml', '--out', 'o'], {
          cwd: folder,
          command: process.execPath,
        });
      } finally {
        process.env['PATH'] = path;
      }
      assert.equal(ended.code, 1, ended.err);
      assert.match(ended.err, /live-resident could not be recorded: kernel testbed: /);
      assert.match(ended.out, /skipped 4 trials: kernel testbed: no apt-get here/);
      assert.match(ended.out, /skipped 4 trials: live-resident was never recorded/);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
