import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildWithDkms } from '../../kernel-module/testbed/dkms.ts';
import { run } from '../../kernel-module/testbed/host-command.ts';
import { findKernel } from '../../kernel-module/testbed/kernels.ts';
import { chosenKernels, requireKernel } from './on-each-kernel.ts';

// The compiler sees each kernel's headers in the testbed's own builds; how DKMS goes about it is the same for all.
for (const name of chosenKernels()
  .filter((kernel) => kernel !== '6.12-debug')
  .slice(-1)) {
  describe(`DKMS on Linux ${name}`, function () {
    this.timeout(600_000);
    this.slow(120_000);

    before(async function () {
      await requireKernel(this, name);
    });

    it('builds the module from the sources alone, for exactly this kernel', async () => {
      const kernel = await findKernel(name);
      const directory = await mkdtemp(join(tmpdir(), 'cxlsim-dkms-'));
      try {
        const module = await buildWithDkms(kernel, directory);
        const magic = await run('/sbin/modinfo', ['-F', 'vermagic', module]);
        assert.equal(magic.split(' ')[0], kernel.release);
      } finally {
        await rm(directory, { recursive: true });
      }
    });
  });
}
