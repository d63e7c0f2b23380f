import assert from 'node:assert/strict';
import type { Scenario } from '../scenario.ts';

const scenario: Scenario = {
  shows: "Debian's CPython runs the three functions on both nodes with the same results",
  hardware: { nodes: 2, debianRoot: true },
  async run({ nodes }) {
    const checksums: Record<string, string> = {};
    for (const name of ['json', 'html', 'numeric']) {
      const results = await Promise.all(
        nodes.map(async (node) => {
          const job = node.start(`exec python3 /rfork/function.py ${name} 8`);
          const [, before] = await job.output(/ready (\w+)/);
          job.kill(15);
          assert.equal(await job.exited, 0, job.stdout + job.stderr);
          return before!;
        }),
      );
      assert.equal(results[0], results[1]);
      checksums[name] = results[0]!;
    }
    return checksums;
  },
};

export default scenario;
