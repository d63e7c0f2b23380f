/** What a process is made of: counts belong to these versions, and to no other for sure. */

import type { Node } from './node.ts';
import type { Mapping } from './process-memory.ts';
import { check } from './rforkctl.ts';

/** Interpreter and C library as they name themselves, and every mapped file by the beginning of its SHA-256. */
export async function programVersions(
  node: Node,
  mappings: readonly Mapping[],
): Promise<Readonly<Record<string, string>>> {
  const paths = [...new Set(mappings.map(({ name }) => name))].filter(isFile).sort();
  const words = paths.map((path) => `'${path}'`).join(' ');
  const digests = await check(node, `sha256sum ${words} 2>/dev/null || true`);
  const exe = paths.find((path) => /\/(python|node)[^/]*$/.test(path));
  const libc = paths.find((path) => path.endsWith('/libc.so.6'));
  const [interpreter, library] = await Promise.all(
    [exe && `'${exe}' --version`, libc && `'${libc}'`].map((command) =>
      command ? check(node, `env -i ${command} 2>&1 | head -n 1`) : '',
    ),
  );
  return {
    ...(interpreter && { interpreter: interpreter.trim() }),
    ...(library && { 'C library': /\(([^)]+)\)/.exec(library)?.[1] ?? library.trim() }),
    ...Object.fromEntries(
      [...digests.matchAll(/^([0-9a-f]{12})[0-9a-f]{52} [ *]\S*\/(\S+)$/gm)].map(
        ([, digest, name]) => [name!, digest!],
      ),
    ),
  };
}

function isFile(name: string): boolean {
  return /^\/(?!dev\/|memfd:|SYSV)[^']*$/.test(name) && !name.endsWith(' (deleted)');
}
