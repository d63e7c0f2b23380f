/** All scenarios on one kernel: a file of tests each, so that kernels run side by side. */
import assert from 'node:assert/strict';
import type { KernelName } from '../../kernel-module/testbed/kernel.ts';
import type {
  Scenario,
  ScenarioContext,
  ScenarioHardware,
} from '../../kernel-module/testbed/scenario.ts';
import { loadScenario, scenarioNames } from '../../kernel-module/testbed/scenario-files.ts';
import type { Testbed } from '../../kernel-module/testbed/testbed.ts';
import { chosenKernels, onEachKernel } from './on-each-kernel.ts';

/**
 * What machines must have to serve a scenario. One more node disturbs none; those that do without the module leave
 * other drivers on the memory.
 */
function machinesFor({ nodes: _, ...needed }: ScenarioHardware = {}) {
  return JSON.stringify(Object.entries(needed).sort());
}

/** The nodes that it asked for, also once one was booted anew. */
function asAskedFor(testbed: Testbed, { nodes = 2 }: ScenarioHardware = {}): ScenarioContext {
  return {
    memory: testbed.memory,
    restart: (index) => testbed.restart(index),
    get nodes() {
      return testbed.nodes.slice(0, nodes);
    },
  };
}

export async function scenariosOn(kernel: KernelName): Promise<void> {
  const groups = new Map<string, Map<string, Scenario>>();
  for (const name of scenarioNames()) {
    const scenario = await loadScenario(name);
    const machines = machinesFor(scenario.hardware);
    groups.set(machines, (groups.get(machines) ?? new Map()).set(name, scenario));
  }
  const kernels = chosenKernels().filter((chosen) => chosen === kernel);

  for (const scenarios of groups.values()) {
    const asked = [...scenarios.values()].map(({ hardware }) => hardware ?? {});
    const nodes = asked.every((each) => each.nodes === 1) ? 1 : 2;
    const hardware: ScenarioHardware = { ...asked[0], nodes };
    const title = `scenarios with hardware ${JSON.stringify(hardware)}`;
    onEachKernel(title, hardware, (testbed) => define(scenarios, testbed), { kernels });
  }
}

function define(scenarios: ReadonlyMap<string, Scenario>, testbed: () => Testbed): void {
  for (const [name, scenario] of scenarios) {
    it(`${name}: ${scenario.shows}`, async function () {
      // Emulated machines on a busy host can miss a time limit of their own; a fault of the module
      // that shows once in two runs of a scenario still fails here every fourth time.
      this.retries(1);
      await scenario.run(asAskedFor(testbed(), scenario.hardware));
      for (const node of testbed().nodes) assert.deepEqual(await node.kernelComplaints(), []);
    });
  }
}
