/**
 * Which mappings are of a file that can be read again, on another machine too: what /proc/PID/maps names
 * is often memory that only looks like a file. traces/recorder/regions.c tells the same.
 */

/** Devices, tmpfs and hugetlbfs where Linux has them, and what the kernel shows of itself as files. */
const in_memory = [
  '/dev/',
  '/run/',
  '/proc/',
  '/sys/',
  '/mnt/huge',
  '/var/lib/hugetlbfs/',
  '/memfd:',
  '/dmabuf',
  '/SYSV',
  '/anon_hugepage',
  '/anon_inode:',
  '/secretmem',
  '/[',
];

/** Disks and images that are mounted below the tmpfs /run. */
const mounted = ['/run/media/', '/run/mount/', '/run/host/', '/run/containerd/', '/run/docker/'];

/** What the kernel writes after the name of a file that was removed: its content is only in memory. */
const removed = ' (deleted)';

/** `name` is the last field of a line of maps. */
export function isFileOnDisk(name: string): boolean {
  if (!name.startsWith('/') || name.startsWith('//')) return false;
  const begins = (start: string) => name.startsWith(start);
  return !name.endsWith(removed) && (mounted.some(begins) || !in_memory.some(begins));
}
