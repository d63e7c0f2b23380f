/** What restores of Firecracker's snapshots have in common, whichever way their memory comes. */

import type { Values } from '../../parameters.ts';
import type { Properties } from '../../properties.ts';
import type { Asked, Stage } from '../../staged-mechanism.ts';
import { pages_per_mb } from '../../units.ts';
import { choice, ms, us } from './given.ts';

/** Mean of a restore by host, of guests with one virtual processor and with several. */
const restore_ms = {
  documentation: [5, 5],
  '5.10 Graviton': [3, 3],
  '5.10 x86': [29, 68],
  '6.1 Graviton': [2, 3],
  '6.1 x86': [121, 198],
} as const;

export const snapshotParameters = {
  host: choice(
    Object.keys(restore_ms) as [string, ...string[]],
    'kernel and processor of the host, which decide how long a restore takes: 2 to 243 ms; documentation: 5 ms',
    'Firecracker docs/snapshotting (5 ms, B); its own tests of 2023, c7g.metal and m5d.metal, 1 vCPU of 128 MiB and 2 of 2,048 MiB (A)',
  ),
  vcpus: {
    default: 1,
    unit: 'count',
    minimum: 1,
    maximum: 32,
    description: 'virtual processors of a guest',
    source: 'chosen: one, as functions have',
  },
  monitor_ms: ms(
    8,
    'processor time of starting one monitor',
    'B',
    'Firecracker SPECIFICATION.md: 8 CPU-ms until the API socket',
  ),
} as const;

/** First touches of pages, by where these are. */
export const cachedFault = {
  cached_fault_us: us(
    0.5,
    'first touch of a page that the page cache has',
    'D',
    'minor fault of Linux, as kernel.fault_ns',
  ),
} as const;
export const diskFault = {
  disk_fault_us: us(
    58,
    'first touch of a run of pages that lies on the disk, which one read brings',
    'B',
    'Spice (OSDI 2026): a 4 KiB read takes 58 us on a fast NVMe drive, 163 us on SATA',
  ),
} as const;
export const diskSpeed = {
  disk_gb_per_s: {
    default: 3,
    unit: 'gb_per_s',
    minimum: 0.01,
    maximum: 100,
    description: 'sequential reads of the disk',
    source: 'assumed: an NVMe drive of PCIe 3; grade U: unknown, to be swept',
  },
} as const;

export type SnapshotSettings = Values<typeof snapshotParameters>;

export const snapshotProperties = {
  unit: 'microVM',
  capture: 'full dump',
  transport: 'page cache',
  materialisation: 'mapped, copied on write',
  shell: 'monitor, network namespace',
  isolation: 'microVM',
  sharing: 'one host',
  needs_parent: 'nothing',
  other_hosts: 'by copying files',
  inherits: 'memory, kernel and devices',
  writable_root: 'own',
  uniqueness: 'generation identifier',
  gpu: 'no',
  poisoned_parent: 'reaches all children',
} as const satisfies Properties;

export const snapshotWindows = {
  api: ['monitor', 'state'],
  'critical-path': ['monitor', 'state', 'memory'],
  'first-useful-work': ['work'],
} as const;

export function restoreStages({ host, vcpus, monitor_ms }: SnapshotSettings): Stage[] {
  const [one_ms, several_ms] = restore_ms[host as keyof typeof restore_ms];
  return [
    { stage: 'monitor', ms: monitor_ms, holds: 'core' },
    { stage: 'state', ms: vcpus === 1 ? one_ms : several_ms, holds: 'core' },
  ];
}

/** Pages that the first answer touches and the image has: new memory is none of it. */
export function imagePages({ touched_mb, written_mb, footprint_mb }: Asked): number {
  return Math.min(Math.max(touched_mb - written_mb, 0), footprint_mb) * pages_per_mb;
}

/** Pages that lie beside one another come by one read. */
export function diskReads(asked: Asked): number {
  return imagePages(asked) / asked.run_pages;
}
