/** Writes cpio archives in the "newc" format, the one that the kernel unpacks as its first root file system. */
import { readFileSync, statSync } from 'node:fs';

export interface ArchiveEntry {
  /** Path in the guest, without a leading slash. */
  readonly path: string;
  readonly content:
    | { readonly kind: 'directory' }
    | { readonly kind: 'symlink'; readonly target: string }
    | { readonly kind: 'file'; readonly data: Uint8Array; readonly executable: boolean };
}

export function directory(path: string): ArchiveEntry {
  return { path, content: { kind: 'directory' } };
}

export function symlink(path: string, target: string): ArchiveEntry {
  return { path, content: { kind: 'symlink', target } };
}

export function file(path: string, data: Uint8Array | string, executable = false): ArchiveEntry {
  const bytes = typeof data === 'string' ? Buffer.from(data) : data;
  return { path, content: { kind: 'file', data: bytes, executable } };
}

/** A file of the host, with its execute permission. */
export function hostFile(path: string, source: string): ArchiveEntry {
  return file(path, readFileSync(source), (statSync(source).mode & 0o100) !== 0);
}

/** The archive; missing parent directories are added, since the kernel makes none by itself. */
export function archive(entries: readonly ArchiveEntry[]): Buffer {
  const parts: Buffer[] = [];
  let inode = 1;
  for (const entry of withParents(entries)) parts.push(encode(entry, inode++));
  parts.push(encode(file('TRAILER!!!', ''), 0));
  const body = Buffer.concat(parts);
  // The kernel looks for the next archive of a concatenation at a multiple of four; 512 is what cpio writes.
  return Buffer.concat([body, Buffer.alloc((512 - (body.length % 512)) % 512)]);
}

function withParents(entries: readonly ArchiveEntry[]): ArchiveEntry[] {
  const present = new Map<string, ArchiveEntry>();
  for (const entry of entries) {
    const names = entry.path.split('/');
    for (let depth = 1; depth < names.length; depth++) {
      const parent = names.slice(0, depth).join('/');
      if (!present.has(parent)) present.set(parent, directory(parent));
    }
    present.set(entry.path, entry);
  }
  return [...present.values()];
}

const fileTypes = { directory: 0o040755, symlink: 0o120777, file: 0o100644 } as const;

function encode(entry: ArchiveEntry, inode: number): Buffer {
  const { content } = entry;
  const data =
    content.kind === 'file'
      ? content.data
      : Buffer.from(content.kind === 'symlink' ? content.target : '');
  const executable = content.kind === 'file' && content.executable ? 0o111 : 0;
  const name = Buffer.from(`${entry.path}\0`);
  const fields = [
    inode,
    fileTypes[content.kind] | executable,
    0, // user
    0, // group
    content.kind === 'directory' ? 2 : 1,
    0, // modification time: a fixed one makes equal inputs give equal archives
    data.length,
    0,
    0,
    0,
    0,
    name.length,
    0,
  ];
  const header = `070701${fields.map((field) => field.toString(16).padStart(8, '0')).join('')}`;
  const head = pad4(Buffer.concat([Buffer.from(header), name]));
  return Buffer.concat([head, pad4(data)]);
}

function pad4(bytes: Uint8Array): Buffer {
  return Buffer.concat([bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4)]);
}
