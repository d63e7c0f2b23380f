/** What a scenario is: hardware it asks for, and a function over running nodes. */
import type { Testbed, TestbedOptions } from './testbed.ts';

/** The running testbed, as a scenario sees it. */
export type ScenarioContext = Pick<Testbed, 'nodes' | 'memory' | 'restart'>;

/** Numbers and words that a scenario brings back. */
export type Counters = Readonly<Record<string, number | string | boolean>>;

export type ScenarioHardware = Pick<
  TestbedOptions,
  | 'sharedAs'
  | 'shared_bytes'
  | 'shared_disk_bytes'
  | 'sharedBases'
  | 'memory_bytes'
  | 'tier_bytes'
  | 'cpus'
  | 'disks'
  | 'kernelParameters'
  | 'signal'
> & {
  /** Two unless told. */
  readonly nodes?: 1 | 2;
  /** The second node runs Debian's other kernel: 6.12 beside 6.1, and 6.1 beside any other. */
  readonly mixedKernels?: boolean;
  /** The root file system is Debian with CPython instead of busybox. */
  readonly debianRoot?: boolean;
  /** Leaves the module out of the guests. */
  readonly withoutModule?: boolean;
};

/** The default export of each file in scenarios/. */
export interface Scenario {
  /** One sentence: what is shown. */
  readonly shows: string;
  readonly hardware?: ScenarioHardware;
  /** Throws when what it shows does not hold. */
  run(context: ScenarioContext): Promise<Counters>;
}
