/** Which kernels the module is for: its sources refuse the others with a sentence, and DKMS does not try them. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const compat = fileURLToPath(new URL('../../kernel-module/module/compat.h', import.meta.url));
const dkms = new URL('../../kernel-module/dkms.conf', import.meta.url);
const supported = ['6.1.0', '6.1.170', '6.12.0', '6.12.117'];
const others = ['5.15.0', '6.0.19', '6.2.0', '6.11.0', '6.13.0', '6.18.0', '7.1.0', '7.12.0'];

/** What the compiler says to the header on a kernel of which only the release is there. */
function complaints(release: string): string {
  const text = readFileSync(compat, 'utf8');
  const headers = mkdtempSync(join(tmpdir(), 'cxlsim-release-'));
  try {
    for (const [, name] of text.matchAll(/^#include <(\S+)>$/gm)) {
      mkdirSync(join(headers, name!, '..'), { recursive: true });
      writeFileSync(join(headers, name!), '');
    }
    const version = `#define KERNEL_VERSION(a, b, c) (((a) << 16) + ((b) << 8) + (c))
#define LINUX_VERSION_CODE KERNEL_VERSION(${release.replaceAll('.', ', ')})
`;
    writeFileSync(join(headers, 'linux/version.h'), version);
    const { status, stderr } = spawnSync('gcc', ['-E', '-nostdinc', '-I', headers, compat], {
      encoding: 'utf8',
    });
    assert.equal(status === 0, stderr === '', stderr);
    return stderr;
  } finally {
    rmSync(headers, { recursive: true });
  }
}

/** DKMS asks bash whether a release fits. */
function triedByDkms(release: string): boolean {
  const [, pattern] = /^BUILD_EXCLUSIVE_KERNEL="(.*)"$/m.exec(readFileSync(dkms, 'utf8'))!;
  return new RegExp(pattern!).test(`${release}-1-amd64`);
}

describe('kernels that the module is for', () => {
  for (const release of supported) {
    it(`include ${release}`, () => {
      assert.equal(complaints(release), '');
      assert.ok(triedByDkms(release));
    });
  }

  for (const release of others) {
    it(`leave out ${release}, with a sentence`, () => {
      assert.match(complaints(release), /#error "rfork supports Linux 6\.1 and 6\.12; .*README"/);
      assert.ok(!triedByDkms(release));
    });
  }
});
