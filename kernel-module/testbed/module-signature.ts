/** Signs a built module as for Secure Boot: with a key made here and the kernel's own `sign-file`. */
import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from './host-command.ts';
import type { Kernel } from './kernel.ts';

export interface SignedModule {
  readonly module: string;
  /** What a machine would be told to trust, by `mokutil --import`. */
  readonly certificate: string;
}

/** Resolves to the signed copy; key, certificate and copy lie in the directory. */
export async function signModule(
  kernel: Kernel,
  unsigned: string,
  directory: string,
): Promise<SignedModule> {
  const [key, certificate, module] = ['KEY.priv', 'KEY.der', 'rfork.ko'].map((name) =>
    join(directory, name),
  );
  await run('openssl', [
    ...['req', '-new', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '3650'],
    ...['-subj', '/CN=rfork module signing/', '-outform', 'DER'],
    ...['-keyout', key!, '-out', certificate!],
  ]);
  await copyFile(unsigned, module!);
  await run(join(kernel.headers, 'scripts/sign-file'), ['sha256', key!, certificate!, module!]);
  return { module: module!, certificate: certificate! };
}

const marker = Buffer.from('~Module signature appended~\n');
// struct module_signature of the kernel: eight bytes, then the signature's length.
const trailer_bytes = 12;

/** Throws unless the module ends with a signature of all before it by the certificate's key. */
export async function verifySignature(
  { module, certificate }: SignedModule,
  directory: string,
): Promise<void> {
  const bytes = await readFile(module);
  const end = bytes.length - marker.length;
  if (!bytes.subarray(end).equals(marker)) throw new Error(`${module} has no signature`);
  const start = end - trailer_bytes - bytes.readUInt32BE(end - 4);
  const [content, signature, trusted] = ['content', 'signature', 'trusted.pem'].map((name) =>
    join(directory, name),
  );
  await writeFile(content!, bytes.subarray(0, start));
  await writeFile(signature!, bytes.subarray(start, end - trailer_bytes));
  await run('openssl', ['x509', '-inform', 'DER', '-in', certificate, '-out', trusted!]);
  await run('openssl', [
    ...['cms', '-verify', '-binary', '-inform', 'DER', '-in', signature!, '-content', content!],
    ...['-certfile', trusted!, '-noverify', '-out', '/dev/null'],
  ]);
}
