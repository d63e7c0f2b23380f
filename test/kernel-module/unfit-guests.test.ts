/** The backend `vm` on guests that boot and cannot serve: the trial fails with the reason, and nothing of them stays. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startTestbed } from '../../kernel-module/testbed/scenario-testbed.ts';
import type { Testbed } from '../../kernel-module/testbed/testbed.ts';
import type { Trial } from '../../sim/backend.ts';
import { RealBackend } from '../../sim/backends/real/real-backend.ts';
import { bootMachines } from '../../sim/backends/real/vm-testbed.ts';
import { guests } from '../../sim/backends/vm.ts';
import { findWorkload } from '../../sim/experiment/find-workload.ts';
import { two_nodes } from '../arbitraries.ts';
import { scratchFolder } from '../experiment/scratch-folder.ts';
import { chosenKernels, requireKernel } from './on-each-kernel.ts';
import { toolOfAnotherVersion } from './tool-of-another-version.ts';

type Start = typeof startTestbed;

describe('guests that boot and cannot serve', function () {
  this.timeout(10 * 60_000);
  this.slow(60_000);
  const [kernel] = chosenKernels();

  before(async function () {
    await requireKernel(this, kernel!);
  });

  const trial: Trial = {
    index: 7,
    experiment: 'test',
    scenario: 'fork',
    backend: 'vm',
    mechanism: 'local-fork',
    policy: undefined,
    workload: findWorkload('live-resident', 'test', {}),
    repetition: 0,
    swept: {},
    seed: 1,
    children: { count: 1, nodes: 1, interval_ms: 0 },
    invocations: 2,
    fabric: two_nodes,
    parameters: { vm: { kernel: kernel!, root: 'busybox', warm_invocations: 2 } },
  };

  /** Runs the trial on guests that `start` makes; resolves to what was said of its failure. */
  async function failureOn(start: Start) {
    const directory = scratchFolder();
    const booted: Testbed[] = [];
    const boot = async (...words: Parameters<Start>) => {
      booted.push(await start(...words));
      return booted.at(-1)!;
    };
    const context = { directory };
    const site = guests(context, (options, signal) => bootMachines(options, signal, boot));
    const backend = new RealBackend(site, context);
    try {
      assert.equal(await backend.unsupported(trial), undefined);
      const failure = await backend.run(trial).then(
        () => assert.fail('the trial ran'),
        ({ message }: Error) => message,
      );
      assert.deepEqual(
        booted.map(({ nodes }) => nodes.map(({ running }) => running)),
        [[false]],
        failure,
      );
      return { failure, log: readFileSync(join(directory, 'logs/boot.log'), 'utf8') };
    } finally {
      await backend.close();
    }
  }

  it('since they have no shared memory where the region should be', async () => {
    // The memory lies behind a CXL device that nobody set up.
    const { failure, log } = await failureOn((name, hardware) =>
      startTestbed(name, { ...hardware, nodes: 1, sharedAs: 'cxl-device' }),
    );
    assert.match(
      failure,
      /rforkctl format .* does not keep what is written to it: is there memory\?/,
    );
    assert.match(log, /is there memory\?/);
  });

  it('since their module is of another version than the tool', async () => {
    const tool = await toolOfAnotherVersion();
    const { failure, log } = await failureOn(async (name, hardware) => {
      const testbed = await startTestbed(name, { ...hardware, nodes: 1 });
      await testbed.nodes[0]!.writeFile('/rfork/rforkctl', tool);
      return testbed;
    });
    assert.match(failure, /version/);
    assert.match(log, /version/);
  });
});
