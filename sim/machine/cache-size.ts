/** The last-level cache and the processors of a machine, as /sys tells of them. */

import type { MachineFiles } from './machine-files.ts';

const cpus = '/sys/devices/system/cpu';

/** Bytes of the largest cache that processor 0 reaches; `undefined` where the kernel does not tell. */
export function lastLevelCacheBytes(files: MachineFiles): number | undefined {
  const folder = `${cpus}/cpu0/cache`;
  const sizes = files
    .names(folder)
    .map((name) => /^(\d+)K$/.exec(files.text(`${folder}/${name}/size`) ?? '')?.[1])
    .filter((kib) => kib !== undefined)
    .map((kib) => Number(kib) * 1024);
  return sizes.length === 0 ? undefined : Math.max(...sizes);
}

/** Numbers in a list of the kernel, such as `0-3,8`. */
export function numbersOf(list: string): number[] {
  return list
    .split(',')
    .filter(Boolean)
    .flatMap((range) => {
      const [low, high = low] = range.split('-').map(Number) as [number, number?];
      return Array.from({ length: high! - low! + 1 }, (_, i) => low! + i);
    });
}
