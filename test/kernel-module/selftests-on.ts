/** All self-tests on one kernel: a file of tests each, so that kernels run side by side. */
import assert from 'node:assert/strict';
import Mocha from 'mocha';
import { type KernelName, kernelNames } from '../../kernel-module/testbed/kernel.ts';
import { rforkctl, startRegion } from '../../kernel-module/testbed/rfork.ts';
import type { Testbed } from '../../kernel-module/testbed/testbed.ts';
import { chosenKernels, onEachKernel } from './on-each-kernel.ts';

const selftest = '/rfork/rfork-selftest';
const skipped = 4;

/** Loading, mapping and unloading take longer than most cases, so they are done again only after a failure. */
async function freshRegion(testbed: Testbed): Promise<void> {
  const again = await testbed.nodes[0]!.exec(
    `[ -d /sys/module/rfork ] && ${rforkctl} format --force`,
  );
  if (again.code === 0) return;
  await testbed.reset();
  await startRegion(testbed);
}

const define = (testbed: () => Testbed) => {
  // Their names are known only to the built program, so the tests are added once it can be asked.
  before(async function () {
    const suite = this.test!.parent!;
    const names = (await testbed().nodes[0]!.check(`${selftest} --list`)).trim().split('\n');
    for (const name of names) {
      suite.addTest(
        new Mocha.Test(name.replaceAll('-', ' '), async function (this: Mocha.Context) {
          await freshRegion(testbed());
          const { code, stdout, stderr } = await testbed().nodes[0]!.exec(`${selftest} ${name}`);
          if (code === skipped) {
            console.log(`      ${stdout.split('\n')[0]}`);
            this.skip();
          }
          assert.equal(code, 0, stdout + stderr);
          assert.deepEqual(await testbed().nodes[0]!.kernelComplaints(), []);
        }),
      );
    }
  });

  it('are there', async () => {
    assert.notEqual(await testbed().nodes[0]!.check(`${selftest} --list`), '');
  });
};

export function selftestsOn(kernel: KernelName): void {
  onEachKernel('module selftests', { nodes: 1 }, define, {
    reset: 'after a failure',
    kernels: chosenKernels(kernelNames).filter((chosen) => chosen === kernel),
  });
}
