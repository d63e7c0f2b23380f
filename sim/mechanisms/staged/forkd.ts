/**
 * forkd: children of a warm virtual machine map its snapshot privately, so that the page cache of their host shares it;
 * a running machine is branched in full, by differences, or live by write protection.
 *
 *     parent ─ pause ─ memory file ─┬─ monitor process + network namespace ─► child: maps the file, copies on write
 *                                   └─ …
 *     chain:  base ◄─ difference ◄─ difference: each link is hashed and assembled before a child can load it
 */

import type { Values } from '../../parameters.ts';
import type { Asked, Branch, Plan, Stage } from '../../staged-mechanism.ts';
import { defineStaged } from '../../staged-mechanism.ts';
import { choice, mb, ms, sigma } from './given.ts';

const repository = 'forkd e88c730 (v0.5.3)';
const mb_per_gb = 1024;

const parameters = {
  profile: choice(
    ['repository', 'article'],
    'whose numbers: the repository’s benchmarks, or the article about it, which contradicts them (C, one library, no daemon, 1.12 ms a child)',
    'forkd README and bench/ (grade A); article on forkd (grade C: selectable, never the default)',
  ),
  call_ms: ms(
    46,
    'call over REST, network namespace and cgroup of one child',
    'D',
    `${repository}, bench/chain-spawn: 59 ms for one child, less monitor and load`,
  ),
  spawn_sigma: sigma(
    0.0111,
    'D',
    `${repository}, bench/chain-spawn: chains of one, 751 ms in the median, 761.8 at the 90th percentile`,
  ),
  monitor_ms: ms(
    8,
    'processor time of starting one monitor',
    'B',
    'Firecracker SPECIFICATION.md: 8 CPU-ms until the API socket',
  ),
  load_ms: ms(
    5,
    'loading the state of the virtual machine, memory mapped',
    'B',
    'Firecracker docs/snapshotting: 5 ms',
  ),
  child_mb: mb(0.12, 'memory of a child at spawn', 'A', `${repository}, README`),
  assemble_ms: ms(
    237,
    'once, where a child is assembled from a chain of differences',
    'D',
    `${repository}, bench/chain-spawn: depth 1 at 751 ms, less depth 0 and one hash`,
  ),
  hash_ms_per_mb: ms(
    0.889,
    'hashing one link of a chain, for each MiB of the guest',
    'A',
    `${repository}, RESULTS of v0.5: SHA-256 at 1.1 GiB/s`,
  ),
  pause_ms: ms(
    39,
    'pause of a full branch without its memory',
    'D',
    `${repository}, bench/pause-window: 39 + 0.295 ms/MiB on tmpfs`,
  ),
  tmpfs_ms_per_mb: ms(
    0.295,
    'writing one MiB to tmpfs',
    'D',
    `${repository}, bench/pause-window: 3.0 to 3.3 GiB/s`,
  ),
  ssd_ms_per_mb: ms(
    6.91,
    'writing one MiB to a SATA SSD, synchronised',
    'A',
    `${repository}, bench/pause-window/diff-real-sweep-ssd.csv: 1,770 ms for 256 MiB`,
  ),
  hdd_ms_per_mb: ms(
    8.8,
    'writing one MiB to a hard disk',
    'A',
    `${repository}, bench/live-fork-pause-window: 13,524 ms for 1,536 MiB`,
  ),
  diff_pause_ms: ms(
    506,
    'pause of a branch by differences without what is dirty; 226 where the parent idles',
    'D',
    `${repository}, bench/pause-window/agent-sweep-ssd.csv: 591 ms with 12.1 MiB`,
  ),
  agent_dirty_mb: mb(
    12.1,
    'what an agent that was told to write nothing has written all the same',
    'A',
    `${repository}, bench/pause-window/agent-sweep-ssd.csv`,
  ),
  live_pause_ms: ms(
    51.3,
    'pause of a live branch: state of the virtual machine, without write protection',
    'D',
    `${repository}, RESULTS-v0.4: 56 ms at 1,536 MiB, less 4.7 ms`,
  ),
  protect_ms_per_gb: ms(
    3.15,
    'write-protecting one GiB of memory without huge pages',
    'A',
    `${repository}, experiments/RESULTS.md`,
  ),
  article_ms: ms(
    1.12,
    'one child, one after the other',
    'C',
    'article on forkd: 100 children in 112 ms on an EPYC 7742',
  ),
  article_child_mb: mb(2, 'memory of a child', 'C', 'article on forkd: about 2 MB'),
} as const;

type Settings = Values<typeof parameters>;

export default defineStaged({
  name: 'forkd',
  description: 'maps the snapshot of a warm microVM privately; branches a running one',
  source: 'deeplethe/forkd, e88c730 (v0.5.3)',
  unmodelled: [
    'memory of monitors themselves (Firecracker: 5 MiB at most), of which the published 0.12 MiB a child leave no room',
    'first branches with cold caches, 1.3 to 8.6 times as long',
    'faults of a child on pages of the image that it touches first',
    'waits of the parent for pages that a live branch has protected (up to 211 us each)',
    'more than 250 dirty MiB, which differences write at half the speed',
  ],
  properties: {
    unit: 'microVM',
    capture: 'full, diff or live by write protection',
    transport: 'page cache',
    materialisation: 'mapped, copied on write',
    shell: 'monitor, network namespace',
    isolation: 'microVM',
    sharing: 'one host',
    needs_parent: 'children that are not whole yet',
    other_hosts: 'no',
    inherits: 'memory, kernel and devices',
    writable_root: 'shared: children corrupt it',
    uniqueness: 'generation identifier',
    gpu: 'no',
    poisoned_parent: 'reaches all children',
  },
  parameters,
  colour: '#8B0000',
  windows: {
    api: ['control', 'memory', 'monitor', 'state'],
    'critical-path': ['memory', 'monitor', 'state'],
    'first-useful-work': ['work'],
  },
  reads: ['guest_mb', 'storage', 'chain_depth'],
  captures: ['full', 'diff', 'live', 'live-detached'],
  has_address: true,
  plan(asked, settings): Plan {
    const { guest_mb, dirty_mb, capture } = asked.sandbox;
    const own_mb = settings.profile === 'article' ? settings.article_child_mb : settings.child_mb;
    return {
      stages: [...spawn(asked, settings), { stage: 'work', ms: asked.work_ms, holds: 'core' }],
      shared_mb: guest_mb,
      child_mb: own_mb + asked.written_mb + dirty_mb,
      // Each image is a file of its own, and so is its page cache.
      branch_mb: guest_mb,
      ...(capture !== 'none' && { branch: branchOf(asked, settings) }),
    };
  },
});

function spawn({ sandbox }: Asked, settings: Settings): Stage[] {
  if (settings.profile === 'article') {
    return [{ stage: 'monitor', ms: settings.article_ms, holds: 'lock' }];
  }
  const { chain_depth, guest_mb } = sandbox;
  const { spawn_sigma: sigma } = settings;
  const links_ms = chain_depth * settings.hash_ms_per_mb * guest_mb;
  return [
    { stage: 'control', ms: settings.call_ms, sigma },
    ...(chain_depth > 0
      ? ([{ stage: 'memory', ms: settings.assemble_ms + links_ms, holds: 'core', sigma }] as const)
      : []),
    { stage: 'monitor', ms: settings.monitor_ms, holds: 'core', sigma },
    { stage: 'state', ms: settings.load_ms, holds: 'core', sigma },
  ];
}

/** How long the parent stands still, and until the image is whole. */
function branchOf({ sandbox }: Asked, settings: Settings): Branch {
  const { capture, guest_mb, dirty_mb, storage } = sandbox;
  const each_ms = {
    tmpfs: settings.tmpfs_ms_per_mb,
    ssd: settings.ssd_ms_per_mb,
    hdd: settings.hdd_ms_per_mb,
  }[storage as 'ssd'];
  const all_ms = guest_mb * each_ms;
  if (capture === 'full') {
    const pause_ms = (storage === 'tmpfs' ? settings.pause_ms : 0) + all_ms;
    return { pause_ms, returns_ms: pause_ms, whole_ms: pause_ms };
  }
  if (capture === 'diff') {
    // The base is copied beside while the parent runs; the pause writes what is dirty since.
    const pause_ms = settings.diff_pause_ms + (settings.agent_dirty_mb + dirty_mb) * each_ms;
    return { pause_ms, returns_ms: all_ms + pause_ms, whole_ms: all_ms + pause_ms };
  }
  const pause_ms = settings.live_pause_ms + (guest_mb / mb_per_gb) * settings.protect_ms_per_gb;
  const whole_ms = pause_ms + all_ms;
  return { pause_ms, returns_ms: capture === 'live' ? whole_ms : pause_ms, whole_ms };
}
