/** The README's demo: the shipped experiment and a user's policy, simulated and on two kernels that share memory. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { agreement } from '../../sim/report/agreement.ts';
import { readMeasurements } from '../../sim/results/measurements-csv.ts';
import { summarize } from '../../sim/results/summarize.ts';
import { cxlsim } from '../cli/cxlsim.ts';
import { scratchFolder } from '../experiment/scratch-folder.ts';
import { chosenKernels, requireKernel } from './on-each-kernel.ts';

const agree = fileURLToPath(new URL('../../experiments/agree.yaml', import.meta.url));

const mine = `import { definePolicy } from 'cxlsim/policy';

export default definePolicy({
  description: 'used pages are copied when touched, file pages stay in CXL memory',
  place: (page) => (page.accessed && page.kind !== 'file' ? 'migrate-on-access' : 'migrate-on-write'),
  tick({ pages }) {
    const all = [...pages];
    const used = all.filter((page) => !page.local && page.accessed_count > 0);
    const clean = all.filter((page) => page.clean);
    return {
      promote: used.filter((_, nth) => nth % 8 === 0).map((page) => page.index),
      demote: clean.map((page) => page.index),
    };
  },
});
`;

for (const kernel of chosenKernels()) {
  describe(`experiments/agree.yaml on Linux ${kernel}`, function () {
    this.timeout(20 * 60_000);
    this.slow(300_000);

    before(function () {
      return requireKernel(this, kernel);
    });

    it('counts of real functions what the simulator counts, under every mechanism and a policy of the user’s own, ticks included', async () => {
      const cwd = scratchFolder({ 'mine.ts': mine });
      const words = [
        ...['--policy', 'hybrid,./mine.ts', '--set', `parameters.vm.kernel="${kernel}"`],
        // Less than the ticks ask for.
        ...['--set', 'parameters.kernel.tick_budget_pages=60'],
        // As shipped on one kernel, warm after fewer invocations on the other: most of the time goes into them.
        ...(kernel === '6.1' ? ['--set', 'parameters.vm.warm_invocations=4'] : []),
      ];
      const { code, out, err } = await cxlsim(['run', agree, ...words, '--out', 'here'], { cwd });
      assert.equal(code, 0, out + err);
      const { rows } = readMeasurements(readFileSync(join(cwd, 'here/measurements.csv'), 'utf8'));
      const { agreeing, compared } = agreement(summarize(rows))!;
      // Four functions; cold start, local fork, CRIU, Mitosis, and CXLfork under two policies.
      assert.deepEqual([agreeing, compared], [24, 24], out);
      for (const metric of ['pages_promoted', 'pages_demoted', 'pages_over_budget']) {
        const moved = rows.filter(
          (row) => row.backend === 'vm' && row.metric === metric && row.value > 0,
        );
        assert.equal(moved.length, 4, `${metric}\n${out}`);
      }
    });
  });
}
