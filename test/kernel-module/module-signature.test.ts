import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../../kernel-module/testbed/host-command.ts';
import { findKernel } from '../../kernel-module/testbed/kernels.ts';
import { buildModule } from '../../kernel-module/testbed/module-build.ts';
import {
  type SignedModule,
  signModule,
  verifySignature,
} from '../../kernel-module/testbed/module-signature.ts';
import { chosenKernels, requireKernel } from './on-each-kernel.ts';

for (const name of chosenKernels().filter((kernel) => kernel !== '6.12-debug')) {
  describe(`a signed module for Linux ${name}`, function () {
    this.timeout(600_000);
    this.slow(120_000);
    let directory: string;
    let signed: SignedModule;

    before(async function () {
      await requireKernel(this, name);
      directory = await mkdtemp(join(tmpdir(), 'cxlsim-signed-'));
      const kernel = await findKernel(name);
      const built = (await buildModule(kernel)).find(({ path }) => path.endsWith('/rfork.ko'));
      assert.ok(built?.content.kind === 'file');
      await writeFile(join(directory, 'unsigned.ko'), built.content.data);
      signed = await signModule(kernel, join(directory, 'unsigned.ko'), directory);
    });

    after(() => rm(directory, { recursive: true, force: true }));

    it('names its signer and the hash', async () => {
      const told = async (field: string) =>
        (await run('/sbin/modinfo', ['-F', field, signed.module])).trim();
      assert.equal(await told('signer'), 'rfork module signing');
      assert.equal(await told('sig_hashalgo'), 'sha256');
      assert.equal(await told('sig_id'), 'PKCS#7');
    });

    it('carries a signature of every byte of the module', async () => {
      await verifySignature(signed, directory);
      const bytes = await readFile(signed.module);
      bytes[bytes.length >> 1]! ^= 1;
      const module = join(directory, 'changed.ko');
      await writeFile(module, bytes);
      await assert.rejects(verifySignature({ ...signed, module }, directory), /openssl/);
      await assert.rejects(
        verifySignature({ ...signed, module: join(directory, 'unsigned.ko') }, directory),
        /no signature/,
      );
    });
  });
}
