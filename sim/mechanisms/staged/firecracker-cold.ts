/** Firecracker from nothing: a monitor, a guest kernel, a language runtime, the function. */

import { defineStaged, type Plan } from '../../staged-mechanism.ts';
import { startedAnew } from './cold.ts';
import { choice, mb, ms } from './given.ts';

export default defineStaged({
  name: 'firecracker-cold',
  description: 'boots a microVM and initialises the function in it',
  source: 'Firecracker SPECIFICATION.md; forkd README for its memory',
  unmodelled: [
    'making network and block devices (AgentENV: some 100 and 50 ms where no pool has them)',
  ],
  properties: {
    ...startedAnew,
    unit: 'microVM',
    shell: 'monitor, network namespace',
    isolation: 'microVM',
    sharing: 'nobody',
    gpu: 'no',
  },
  parameters: {
    profile: choice(
      ['specification', 'article'],
      'whose numbers: the specification, or the article on forkd (62 ms each, one after the other, C)',
      'Firecracker SPECIFICATION.md (grade B); article on forkd (grade C: selectable, never the default)',
    ),
    monitor_ms: ms(
      8,
      'processor time of starting one monitor',
      'B',
      'Firecracker SPECIFICATION.md: 8 CPU-ms until the API socket',
    ),
    boot_ms: ms(
      125,
      'from starting the instance to init of the guest: the bound that is promised',
      'B',
      'Firecracker SPECIFICATION.md: at most 125 ms',
    ),
    guest_overhead_mb: mb(
      84,
      'memory of a guest with Python and numpy',
      'A',
      'forkd README: 84 MiB each for 100 guests',
    ),
    article_ms: ms(
      62,
      'one child, one after the other',
      'C',
      'article on forkd: 100 children in 6.2 s',
    ),
    article_mb: mb(15, 'memory of a child', 'C', 'article on forkd: about 15 MB'),
  },
  colour: '#56B4E9',
  windows: {
    api: ['monitor', 'state'],
    'critical-path': ['monitor', 'state', 'runtime'],
    'first-useful-work': ['work'],
  },
  has_address: true,
  plan({ initialisation_ms, work_ms, sandbox, written_mb }, settings): Plan {
    const is_article = settings.profile === 'article';
    const own_mb = is_article ? settings.article_mb : settings.guest_overhead_mb;
    return {
      stages: is_article
        ? [{ stage: 'state', ms: settings.article_ms, holds: 'lock' }]
        : [
            { stage: 'monitor', ms: settings.monitor_ms, holds: 'core' },
            { stage: 'state', ms: settings.boot_ms, holds: 'core' },
            { stage: 'runtime', ms: initialisation_ms, holds: 'core' },
            { stage: 'work', ms: work_ms, holds: 'core' },
          ],
      shared_mb: 0,
      child_mb: own_mb + written_mb + sandbox.dirty_mb,
    };
  },
});
