/** Docker: a container built anew for each child, its runtime and function initialised inside. */

import { defineStaged, type Plan } from '../../staged-mechanism.ts';
import { startedAnew } from './cold.ts';
import { choice, mb, ms, share } from './given.ts';

const start_ms = { server: 177.4, ssd: 568, hdd: 1157, article: 84 } as const;

export default defineStaged({
  name: 'docker',
  description: 'builds a container anew and initialises the function in it',
  source: 'arXiv 2501.04580 and 2602.15214: start times of docker run',
  unmodelled: [
    'pulling the image, which is there',
    'how much of a start waits for the disk: nobody published it (disk_share)',
  ],
  properties: {
    ...startedAnew,
    unit: 'container',
    shell: 'container',
    isolation: 'container',
    sharing: 'one host',
    gpu: 'yes',
  },
  parameters: {
    profile: choice(
      ['server', 'ssd', 'hdd', 'article'],
      'where it was measured: a server (177.4 ms), an SSD (568 ms), a hard disk (1,157 ms), or the article on forkd (84 ms each, one after the other, C)',
      'arXiv 2501.04580 (server), 2602.15214 (ssd, hdd): grade B; article on forkd: grade C, selectable and never the default',
    ),
    namespaces_ms: ms(
      9,
      'namespaces of one container, which the kernel makes one at a time',
      'B',
      'arXiv 2602.15214: 8 to 10 ms',
    ),
    disk_share: share(
      0,
      'share of a start in which it holds the disk of its host',
      'U',
      'not published; 0 favours Docker',
    ),
    container_mb: mb(
      3.9,
      'memory of a container beside its function',
      'A',
      'gVisor website/performance/density.csv: empty runc container, 4,092,150 bytes',
    ),
    article_mb: mb(50, 'memory of a child in all', 'C', 'article on forkd: about 50 MB'),
  },
  colour: '#0072B2',
  windows: {
    api: ['network', 'filesystem', 'monitor'],
    'critical-path': ['monitor', 'runtime'],
    'first-useful-work': ['work'],
  },
  has_address: true,
  plan({ initialisation_ms, work_ms, footprint_mb, sandbox }, settings): Plan {
    const profile = settings.profile as keyof typeof start_ms;
    const is_article = profile === 'article';
    const whole_ms = start_ms[profile];
    const disk_ms = settings.disk_share * whole_ms;
    return {
      stages: is_article
        ? [{ stage: 'monitor', ms: whole_ms, holds: 'lock' }]
        : [
            { stage: 'network', ms: settings.namespaces_ms, holds: 'lock' },
            { stage: 'filesystem', ms: disk_ms, holds: 'disk' },
            {
              stage: 'monitor',
              ms: Math.max(0, whole_ms - disk_ms - settings.namespaces_ms),
              holds: 'core',
            },
            { stage: 'runtime', ms: initialisation_ms, holds: 'core' },
            { stage: 'work', ms: work_ms, holds: 'core' },
          ],
      shared_mb: 0,
      child_mb:
        (is_article ? settings.article_mb : settings.container_mb + footprint_mb) +
        sandbox.dirty_mb,
    };
  },
});
