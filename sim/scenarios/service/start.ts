/** What instances of a function cost a cluster that serves, whatever told it: from nothing, and of a checkpoint. */

import type { Stage } from '../../staged-mechanism.ts';
import type { Phase } from './phase.ts';

/** One way to an instance, and what it does then. */
export interface Start {
  /** Alone on its node. */
  readonly restore: Phase;
  /** Its parts, where these hold what others on the node wait for, and its shell is among them. */
  readonly stages?: readonly Stage[];
  readonly first: Phase;
  /** Each invocation after the first. */
  readonly warm: Phase;
  readonly faults_ns: number;
  /** The most memory that it ever holds on its node. */
  readonly local_bytes: number;
  /** Whether it goes on reading the device once it is restored. */
  readonly leans_on_device: boolean;
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
