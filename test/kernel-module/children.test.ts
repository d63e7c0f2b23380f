/** Children of one checkpoint on two kernels at once, from the command line. */

import assert from 'node:assert/strict';
import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { agreement } from '../../sim/report/agreement.ts';
import { readMeasurements } from '../../sim/results/measurements-csv.ts';
import { summarize } from '../../sim/results/summarize.ts';
import { cxlsim } from '../cli/cxlsim.ts';
import { scratchFolder } from '../experiment/scratch-folder.ts';
import { chosenKernels, requireKernel } from './on-each-kernel.ts';

const experiment = (
  kernel: string,
) => `question: Do children together count what the simulator counts?
backends: [simulated, vm]
mechanisms: [local-fork, mitosis, cxlfork]
policies: [hybrid]
workloads: [./keeps.yaml]
fabric: cxlfork-testbed
children: { count: 3, interval_ms: 1 }
sweep:
  children.nodes: [1, 2]
parameters:
  mitosis: { prefetched: mapped }
  vm: { kernel: '${kernel}', root: busybox, warm_invocations: 2 }
`;

const keeps = `kind: live
description: fails where another writes its memory
source: test
caveat: none
program: keeps.c
warm_ms: 1
initialisation_ms: 1
`;

/** What a kernel counts of children, and what they hold together. */
const counted = [
  'pages_copied',
  'leaves_attached',
  'leaves_built',
  'leaves_unshared',
  'cow_faults',
  'migration_faults',
  'minor_faults',
  'local_memory_mb',
  'children_local_memory_mb',
  'fullest_node_memory_mb',
];

for (const kernel of chosenKernels()) {
  describe(`children of one checkpoint on Linux ${kernel}`, function () {
    this.timeout(20 * 60_000);
    this.slow(120_000);

    before(function () {
      return requireKernel(this, kernel);
    });

    it('on one node and on both count what the simulator counts, and none finds its memory written by another', async () => {
      const cwd = scratchFolder({ 'family.yaml': experiment(kernel), 'keeps.yaml': keeps });
      cpSync(fileURLToPath(new URL('keeps.c', import.meta.url)), join(cwd, 'keeps.c'));
      const { code, out, err } = await cxlsim(['run', 'family.yaml', '--out', 'o'], { cwd });
      assert.equal(code, 0, out + err);
      assert.match(out, /skipped 2 trials: local-fork makes children on their parent's node only/);
      const { rows } = readMeasurements(readFileSync(join(cwd, 'o/measurements.csv'), 'utf8'));
      const { agreeing, compared } = agreement(summarize(rows))!;
      assert.deepEqual([agreeing, compared], [5, 5], out);
      const countsOf = (backend: string) =>
        rows
          .filter((row) => row.backend === backend && row.mechanism !== 'local-fork')
          .filter(({ metric }) => counted.includes(metric))
          .map((row) => ({ ...row, backend: 'either' }));
      assert.deepEqual(countsOf('vm'), countsOf('simulated'));
      const nodes = (metric: string) =>
        rows
          .filter((row) => row.backend === 'vm' && row.mechanism === 'cxlfork')
          .filter((row) => row.metric === metric)
          .map(({ value }) => value);
      const [in_all, fullest] = [
        nodes('children_local_memory_mb'),
        nodes('fullest_node_memory_mb'),
      ];
      assert.equal(fullest[0], in_all[0]);
      assert.equal(fullest[1]! * 3, in_all[1]! * 2);
    });
  });
}
