/** What is known of the backend for tests. */

import type { BackendDefinition } from '../backend.ts';
import { unreadByFork } from '../scenarios/fork/unread.ts';

const source = 'none: for tests only';

export const fakeParameters = {
  delay_ms: {
    default: 0,
    unit: 'ms',
    minimum: 0,
    maximum: 60_000,
    description: 'time that each trial takes on the clock of this machine',
    source,
  },
  fails: {
    default: '',
    unit: 'word',
    description: 'mechanism whose trials fail; empty: none',
    source,
  },
} as const;

export const fake: BackendDefinition = {
  description: 'for tests: a function of the trial, without any model',
  origin: 'FAKE numbers of the test backend',
  runs: 'nothing',
  clock: 'computed',
  for_tests: true,
  parameters: fakeParameters,
  unread: unreadByFork,
};
