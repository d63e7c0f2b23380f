/** CubeSandbox: microVMs cloned from a snapshot. */

import { definedByFanOut } from './fan-out.ts';
import { snapshotProperties } from './snapshot.ts';

const points =
  'delta-box-ae 8a61a75, fan-out of CubeSandbox: 1,686 ms for 4 and 2,331 ms for 16 children; the 1,935 ms of a first one alone are above both';

export default definedByFanOut({
  name: 'cubesandbox',
  description: 'clones microVMs from a snapshot',
  source: 'delta-box-ae 8a61a75, fan-out',
  unmodelled: [
    'stages of it: one run a point is published',
    'the first clone alone, which takes longer than four',
  ],
  properties: snapshotProperties,
  colour: '#6699CC',
  once: [1470.5, 'D', points],
  each: [53.8, 'D', points],
});
