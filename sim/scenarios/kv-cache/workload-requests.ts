/** The requests of a trial: a trace's, or those that agents make. */

import type { Trial } from '../../backend.ts';
import type { Requests } from '../../workload/llm/requests.ts';
import type { Asked } from './asked.ts';

export function requestsOf({ workload }: Asked, _trial: Trial): Requests {
  const { requests } = workload;
  if (requests === 'agents') throw new Error('nothing makes the requests of agents');
  return requests;
}
