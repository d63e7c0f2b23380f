/** What scenario `sandboxes` lets an experiment say of the host, the parent and what is asked, whatever the system. */

import type { Parameters, Values } from './parameters.ts';
import { windowNames } from './stages.ts';

/** How a running parent is branched; `none`: its image is there already. */
export const captures = ['none', 'full', 'diff', 'live', 'live-detached'] as const;

/** What undoes the writes of a request; `none`: nothing does. */
export const resets = ['none', 'copy-back', 'full', 'copy-back-or-full', 'lazy'] as const;

/** How long a language runtime takes from nothing. */
export const runtimes = [
  'workload',
  'lambda-python',
  'lambda-node',
  'lambda-java',
  'lambda-rust',
] as const;

export const sandboxParameters = {
  variation: {
    default: 'none',
    unit: 'choice',
    choices: ['none', 'published'],
    description: 'whether stages vary from start to start, as their published quantiles do',
    source: 'chosen: medians and means alone, which all systems have',
  },
  runtime: {
    default: 'workload',
    unit: 'choice',
    choices: runtimes,
    description:
      'how long a language runtime takes from nothing: as the function says, or drawn as AWS Lambda starts one',
    source: 'chosen; maxday/lambda-perf 6070b79: 33 days of 2026, zip, x86-64, 512 MB',
  },
  window: {
    default: 'first-useful-work',
    unit: 'choice',
    choices: windowNames,
    description: 'window of time in which children count as ready',
    source: 'chosen: what a user waits for, and what all systems can be asked for',
  },
  guest_mb: {
    default: 512,
    unit: 'MiB',
    minimum: 1,
    maximum: 1_048_576,
    description: 'memory of a guest, and of its image (2^20 bytes)',
    source: 'forkd README and Firecracker documentation: guests of 512 MiB',
  },
  dirty_mb: {
    default: 0,
    unit: 'MiB',
    minimum: 0,
    maximum: 1_048_576,
    description:
      'memory that is written beside what the function writes: by a parent since its last image, by a child in its life',
    source: 'chosen: nothing but the function',
  },
  capture: {
    default: 'none',
    unit: 'choice',
    choices: captures,
    description: 'how a running parent is branched, or none where an image is there',
    source: 'forkd: full, diff and live branches',
  },
  storage: {
    default: 'ssd',
    unit: 'choice',
    choices: ['tmpfs', 'ssd', 'hdd'],
    description: 'what images of branches are written to',
    source: 'forkd bench/: tmpfs, SATA SSD with fsync, hard disk',
  },
  chain_depth: {
    default: 0,
    unit: 'count',
    minimum: 0,
    maximum: 64,
    description: 'differences on the base that a child is assembled from; 0: one compacted image',
    source: 'forkd v0.5: chains of snapshots',
  },
  tree_depth: {
    default: 1,
    unit: 'count',
    minimum: 1,
    maximum: 8,
    description: 'generations of forks, each forked into children.count again',
    source: 'chosen: children of one parent',
  },
  addresses: {
    default: 1024,
    unit: 'count',
    minimum: 1,
    maximum: 65_536,
    description: 'network addresses of the host, of which each child that has one takes one',
    source: 'Linux, BR_MAX_PORTS: a bridge has 1024 ports',
  },
  reset: {
    default: 'none',
    unit: 'choice',
    choices: resets,
    description: 'what undoes the writes of a request before the next one',
    source: 'TinyKVM: copy-back and full reset; wasmtime: lazily',
  },
  threads: {
    default: 1,
    unit: 'count',
    minimum: 1,
    maximum: 256,
    description: 'threads that serve requests, each with a sandbox of its own',
    source: 'chosen: one',
  },
  turns: {
    default: 0,
    unit: 'count',
    minimum: 0,
    maximum: 10_000,
    description: "turns of an agent's session; 0: nobody plays one",
    source: 'chosen: none (DeltaBox artifact: 29 images and 28 restores in a session)',
  },
  changing_share: {
    default: 0.25,
    unit: 'share',
    minimum: 0,
    maximum: 1,
    description: 'share of turns that leave state worth an image, of which the parent is branched',
    source: 'Crab, arXiv 2604.28138, abstract: over 75 % leave none; 1 branches at each turn',
  },
  rollback_share: {
    default: 0.49,
    unit: 'share',
    minimum: 0,
    maximum: 1,
    description: 'share of turns after which the agent goes on from an earlier image',
    source: 'DeltaBox, traces of tree searches: 49 rollbacks in 100 expansions',
  },
  session_ms: {
    default: 76_000,
    unit: 'ms',
    minimum: 1,
    maximum: 86_400_000,
    description: 'such a session without branches and rollbacks',
    source: 'agentcgroup: median task of 76 s, another set 416 s, 36 % of it in tools',
  },
  generation_ms: {
    default: 0,
    unit: 'ms',
    minimum: 0,
    maximum: 86_400_000,
    description: 'generation in a step of training that waits for all children; 0: nobody trains',
    source: 'chosen: nobody trains (DeltaBox artifact: 1,820 ms for 4 children on one H20)',
  },
  training_ms: {
    default: 0,
    unit: 'ms',
    minimum: 0,
    maximum: 86_400_000,
    description: 'training in such a step',
    source: 'chosen: nobody trains (DeltaBox artifact: 1,049 ms for 4 children on one H20)',
  },
} as const satisfies Parameters;

export type SandboxSettings = Values<typeof sandboxParameters>;
export type SandboxSetting = keyof typeof sandboxParameters;
