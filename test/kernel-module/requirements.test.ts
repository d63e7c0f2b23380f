import assert from 'node:assert/strict';
import { missingPackages } from '../../kernel-module/testbed/requirements.ts';

function withPath<R>(path: string, act: () => R): R {
  const before = process.env['PATH'];
  process.env['PATH'] = path;
  try {
    return act();
  } finally {
    process.env['PATH'] = before;
  }
}

describe('requirements of the testbed', () => {
  it('are missing where their programs are not found, and named by package', () => {
    const missing = withPath('/nonexistent', () => missingPackages('machines'));
    for (const name of ['qemu-system-x86', 'gcc-12', 'make']) assert.ok(missing.includes(name));
  });

  it('of a debugging kernel include those of any machine', () => {
    const [machines, debug] = withPath('/nonexistent', () =>
      (['machines', 'debug-kernel'] as const).map(missingPackages),
    );
    for (const name of machines!) assert.ok(debug!.includes(name));
    assert.ok(debug!.includes('flex') && !machines!.includes('flex'));
  });
});
