import assert from 'node:assert/strict';
import { join } from 'node:path';
import { run } from '../../kernel-module/testbed/host-command.ts';
import { kernelNames } from '../../kernel-module/testbed/kernel.ts';
import { findKernel } from '../../kernel-module/testbed/kernels.ts';
import { chosenKernels, requireKernel } from './on-each-kernel.ts';

const moduleDirectory = join(import.meta.dirname, '../../kernel-module');

describe('the module’s C', () => {
  // Of the kernels only this one comes as a source tree, with the kernel's own checker of style.
  if (!chosenKernels(kernelNames).includes('6.12-debug')) return;

  it('keeps the kernel’s habits, as far as checkpatch knows them', async function () {
    await requireKernel(this, '6.12-debug');
    const { headers } = await findKernel('6.12-debug');
    const words = ['-s', '-C', moduleDirectory, 'checkpatch', `LINUX=${headers}`];
    assert.equal(await run('make', words), '');
  });
});
