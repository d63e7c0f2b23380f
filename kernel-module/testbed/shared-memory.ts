/**
 * One piece of memory that several machines see, and the host too.
 *
 * The file behind it has no name once it is open: each QEMU reaches it through a descriptor that it
 * inherits, so no run can leave it behind or find the contents of an earlier one.
 */
import {
  closeSync,
  ftruncateSync,
  mkdtempSync,
  openSync,
  readSync,
  rmSync,
  statfsSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export class SharedMemory {
  readonly size_bytes: number;
  readonly descriptor: number;

  constructor(size_bytes: number) {
    this.size_bytes = size_bytes;
    this.descriptor = openUnnamed(directoryFor(size_bytes));
    ftruncateSync(this.descriptor, size_bytes);
  }

  read(offset: number, length: number): Buffer {
    const bytes = Buffer.alloc(length);
    readSync(this.descriptor, bytes, 0, length, offset);
    return bytes;
  }

  /** Changes the memory behind the machines' backs, as a failing device or a hostile node would. */
  write(offset: number, bytes: Uint8Array): void {
    writeSync(this.descriptor, bytes, 0, bytes.length, offset);
  }

  /** Back to all zero. */
  clear(): void {
    ftruncateSync(this.descriptor, 0);
    ftruncateSync(this.descriptor, this.size_bytes);
  }

  close(): void {
    closeSync(this.descriptor);
  }
}

/** Opens a new file for reading and writing that no directory lists. */
export function openUnnamed(parent = tmpdir()): number {
  const directory = mkdtempSync(join(parent, 'cxlsim-'));
  try {
    return openSync(join(directory, 'unnamed'), 'wx+');
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function directoryFor(size_bytes: number): string {
  const candidates = ['/dev/shm', tmpdir()];
  for (const candidate of candidates) {
    try {
      const { bavail, bsize } = statfsSync(candidate);
      if (bavail * bsize > size_bytes) return candidate;
    } catch {
      // No such file system here: the next candidate may do.
    }
  }
  throw new Error(
    `shared memory of ${size_bytes} bytes: no room in ${candidates.join(' or ')}; free some or set TMPDIR`,
  );
}
