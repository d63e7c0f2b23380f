/** A bare process, neither forked from a warm one nor isolated: what everything else pays for. */

import { defineStaged, type Plan } from '../../staged-mechanism.ts';
import { startedAnew } from './cold.ts';
import { choice, mb, ms } from './given.ts';

export default defineStaged({
  name: 'process-start',
  description: 'starts the function’s runtime as a process, without isolation',
  source: 'sandlock 0.8.6; article on forkd',
  unmodelled: ['libraries on a cold disk'],
  properties: {
    ...startedAnew,
    unit: 'process',
    shell: 'none',
    isolation: 'process',
    sharing: 'one host',
    writable_root: 'of the node',
    gpu: 'yes',
  },
  parameters: {
    profile: choice(
      ['measured', 'article'],
      'whose numbers: 0.53 ms a process, or the article on forkd (0.1 ms, 1 MB, C)',
      'sandlock 0.8.6: 1,000 processes in 530 ms (grade D); article on forkd (grade C: selectable, never the default)',
    ),
    start_ms: ms(
      0.53,
      'one process, one after the other',
      'D',
      'sandlock 0.8.6: 1,000 forks in 530 ms',
    ),
    article_ms: ms(0.1, 'one process, one after the other', 'C', 'article on forkd: about 0.1 ms'),
    article_mb: mb(1, 'memory of a process', 'C', 'article on forkd: about 1 MB'),
  },
  colour: '#117733',
  windows: {
    api: ['monitor'],
    'critical-path': ['monitor', 'runtime'],
    'first-useful-work': ['work'],
  },
  has_address: false,
  plan({ initialisation_ms, work_ms, footprint_mb, sandbox }, settings): Plan {
    const is_article = settings.profile === 'article';
    return {
      stages: [
        {
          stage: 'monitor',
          ms: is_article ? settings.article_ms : settings.start_ms,
          holds: 'lock',
        },
        { stage: 'runtime', ms: initialisation_ms, holds: 'core' },
        { stage: 'work', ms: work_ms, holds: 'core' },
      ],
      shared_mb: 0,
      child_mb: (is_article ? settings.article_mb : footprint_mb) + sandbox.dirty_mb,
    };
  },
});
