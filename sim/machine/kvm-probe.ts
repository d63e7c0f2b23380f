/** Tries whether KVM runs guest code here, with a boot sector that ends the machine, and a time limit. */

import { spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { KvmVerdict } from './virtual-machines.ts';

/** Emulation takes a third of a second; a KVM that takes seconds is of no use. */
const limit_ms = 4000;

/** mov dx, 0xf4; mov al, 0x10; out dx, al; hlt: QEMU's exit device makes 33 of it, twice 0x10 and one. */
const program = [0xba, 0xf4, 0x00, 0xb0, 0x10, 0xee, 0xf4];
const exit_code = 33;

export async function probeKvm(): Promise<KvmVerdict> {
  const disk = bootSector();
  try {
    return await tried(disk);
  } finally {
    closeSync(disk);
  }
}

function tried(disk: number): Promise<KvmVerdict> {
  return new Promise((resolve) => {
    const machine = ['-accel', 'kvm', '-m', '16', '-nodefaults', '-display', 'none', '-no-reboot'];
    const devices = [
      ...['-device', 'isa-debug-exit,iobase=0xf4,iosize=1'],
      ...['-drive', 'file=/proc/self/fd/3,format=raw,if=ide'],
    ];
    // QEMU must not outlive us, however we end.
    const child = spawn(
      'setpriv',
      ['--pdeathsig', 'KILL', 'qemu-system-x86_64', ...machine, ...devices],
      { stdio: ['ignore', 'ignore', 'ignore', disk], timeout: limit_ms, killSignal: 'SIGKILL' },
    );
    child.on('error', () => resolve('untried'));
    child.on('close', (code, signal) => {
      resolve(code === exit_code ? 'works' : signal === 'SIGKILL' ? 'hangs' : 'fails');
    });
  });
}

/** An open disk without a name, so that nothing is left of it. */
function bootSector(): number {
  const folder = mkdtempSync(join(tmpdir(), 'cxlsim-'));
  try {
    const disk = openSync(join(folder, 'disk'), 'wx+');
    const bytes = Buffer.alloc(2 ** 20);
    bytes.set(program);
    bytes.set([0x55, 0xaa], 510);
    writeSync(disk, bytes);
    return disk;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
