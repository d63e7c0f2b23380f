/** What instances of a function cost a cluster that serves, whatever told it: from nothing, and of a checkpoint. */

import type { Stage } from '../../staged-mechanism.ts';
import type { Place } from '../cluster/company.ts';
import type { Phase } from './phase.ts';
import type { Steps } from './steps.ts';

/** One way to an instance, and what it does then. */
export interface Start {
  /** Alone on its node. */
  readonly restore: Phase;
  /** Its parts, where these hold what others on the node wait for, and its shell is among them. */
  readonly stages?: readonly Stage[];
  readonly first: Phase;
  /** Both by turns on the device, where the page level told them; else they are as above. */
  readonly turns?: Turns;
  /** Each invocation after the first. */
  readonly warm: Phase;
  readonly faults_ns: number;
  /** The most memory that it ever holds on its node. */
  readonly local_bytes: number;
  /** Whether it goes on reading the device once it is restored. */
  readonly leans_on_device: boolean;
}

/** What waits for turns: a restore, and what a first invocation copies until it has touched all; then it reads lines. */
export interface Turns {
  readonly restoring: Steps;
  readonly touching: Steps;
  /** What it reads line by line after that, among siblings that start with it. */
  reading(place: Place): Phase;
}

export interface FunctionCosts {
  readonly name: string;
  readonly cold: Start;
  /** Absent where the mechanism starts each from nothing. */
  readonly fork?: Fork;
}

export interface Fork {
  readonly start: Start;
  /** Where the function is promoted; absent where the tiering policy knows no such thing. */
  readonly promoted?: Start;
  readonly checkpoint: Phase;
  readonly cxl_bytes: number;
  /** What a parent must keep on its node, where its children need it there. */
  readonly parent_bytes: number;
  readonly reach: 'own-node' | 'any-node';
}
