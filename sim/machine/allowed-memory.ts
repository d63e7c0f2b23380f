/** How much memory this process may have: a container has less than its machine (the kernel's admin-guide/cgroup-v2, -v1/memory). */

import type { MachineFiles } from './machine-files.ts';

const root = '/sys/fs/cgroup';

/** Bytes that its control groups still allow; `undefined` where none has a limit. */
export function allowedBytes(files: MachineFiles): number | undefined {
  const lines = (files.text('/proc/self/cgroup') ?? '').split('\n');
  const own = (start: RegExp) => lines.find((line) => start.test(line))?.replace(start, '');
  const left = [
    ...upwards(own(/^0::/)).map((path) =>
      leftOf(files, `${root}${path}`, 'memory.max', 'memory.current'),
    ),
    ...upwards(own(/^\d+:(?:[^:]*,)?memory(?:,[^:]*)?:/)).map((path) =>
      leftOf(files, `${root}/memory${path}`, 'memory.limit_in_bytes', 'memory.usage_in_bytes'),
    ),
  ].filter((bytes) => bytes !== undefined);
  return left.length === 0 ? undefined : Math.min(...left);
}

/** The group's path and those above it, up to the topmost, which in a container is its own. */
function upwards(path: string | undefined): string[] {
  if (path === undefined) return [];
  const parts = path.split('/').filter(Boolean);
  return Array.from({ length: parts.length + 1 }, (_, n) =>
    parts
      .slice(0, n)
      .map((part) => `/${part}`)
      .join(''),
  );
}

function leftOf(
  files: MachineFiles,
  folder: string,
  limit: string,
  usage: string,
): number | undefined {
  const [most, used] = [limit, usage].map((name) => Number(files.text(`${folder}/${name}`) ?? ''));
  // Without a limit it is `max`, or nearly 2^63; where there is no such file, 0.
  if (!most || most >= 2 ** 60) return undefined;
  return Math.max(0, most - (used || 0));
}
