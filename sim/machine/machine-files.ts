/** The files by which a machine tells what it is: /proc, /sys, /dev, programs; below any root, so that trees of files can stand for machines. */

import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  openSync,
  readdirSync,
  readlinkSync,
  readSync,
  realpathSync,
} from 'node:fs';
import { basename, join } from 'node:path';

/** Files of the kernel that are read have a page or so; /proc/cpuinfo of a large machine has more. */
const most_bytes = 2 ** 20;

export interface MachineFiles {
  readonly root: string;
  /** The text of a file; `undefined` if there is none or it may not be read. */
  text(path: string): string | undefined;
  bytes(path: string): Uint8Array | undefined;
  /** Names in a folder in natural order; none if there is no such folder. */
  names(path: string): string[];
  /** The last part of where a symbolic link points; a copy of a machine's files may hold that as text. */
  linked(path: string): string | undefined;
  exists(path: string): boolean;
  /** Whether this process may read and write it. */
  writable(path: string): boolean;
  /** The path that a path stands for once all links are followed. */
  real(path: string): string | undefined;
  /** Where a program lies. */
  program(name: string): string | undefined;
}

/** Administrators' programs are not in everybody's PATH. */
const folders = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];

export function machineFiles(root = '/', path = process.env['PATH'] ?? ''): MachineFiles {
  const at = (file: string) => join(root, file);
  const bytes = (file: string) => {
    let descriptor: number | undefined;
    try {
      descriptor = openSync(at(file), constants.O_RDONLY | constants.O_NONBLOCK);
      const buffer = Buffer.alloc(most_bytes);
      let length = 0;
      for (let part = -1; part !== 0 && length < most_bytes; length += part) {
        part = readSync(descriptor, buffer, length, most_bytes - length, null);
      }
      return buffer.subarray(0, length);
    } catch {
      return undefined;
    } finally {
      if (descriptor !== undefined) closeSync(descriptor);
    }
  };
  return {
    root,
    bytes,
    text: (file) => bytes(file)?.toString().trim(),
    names(folder) {
      try {
        const natural = new Intl.Collator('en', { numeric: true }).compare;
        return readdirSync(at(folder)).sort(natural);
      } catch {
        return [];
      }
    },
    linked(file) {
      try {
        return basename(readlinkSync(at(file)));
      } catch {
        const path = bytes(file)?.toString().trim();
        return path ? basename(path) : undefined;
      }
    },
    exists: (file) => existsSync(at(file)),
    real(file) {
      try {
        return realpathSync(at(file));
      } catch {
        return undefined;
      }
    },
    writable(file) {
      try {
        accessSync(at(file), constants.R_OK | constants.W_OK);
        return true;
      } catch {
        return false;
      }
    },
    program(name) {
      const searched = [...path.split(':').filter(Boolean), ...folders];
      return searched.map((folder) => join(folder, name)).find((file) => existsSync(at(file)));
    },
  };
}
