/** What is known of scenario `kv-cache`. */

import type { Scenario } from '../scenario.ts';
import { kvRefusal } from './refusal.ts';
import { runEngines } from './run-engines.ts';
import { unreadByEngines } from './unread.ts';

export const kvCache: Scenario = {
  description: 'requests to engines of a language model, and the keys and values that they share',
  told: 'engines of a language model',
  on_kernels: false,
  serves: 'engines',
  unmodelled: [
    'Tokens: what models answer, whether it is right, and speculative decoding.',
    'Servers around engines: tokenising, networks, streams of answers; and what GPUs that share a model exchange.',
  ],
  unread: unreadByEngines,
  stage: () => ({ refusal: kvRefusal, run: runEngines }),
};
