import assert from 'node:assert/strict';
import { Simulation } from '../../sim/engine/simulation.ts';
import { presetFabric } from '../../sim/experiment/find-fabric.ts';
import { Fabric } from '../../sim/fabric/fabric.ts';

const settings = presetFabric('cxlfork-testbed');

describe('fabric', () => {
  it('gives each node its own memory and cores, and all nodes one CXL device', () => {
    const simulation = new Simulation();
    const fabric = new Fabric(simulation, { ...settings, nodes: 3 });
    assert.deepEqual(
      fabric.nodes.map((node) => [node.index, node.cores.capacity]),
      [
        [0, 32],
        [1, 32],
        [2, 32],
      ],
    );
    const [first, second] = fabric.nodes;
    // Local copies of two nodes do not meet; copies from the shared device queue.
    const local = [first!, second!].map((node) =>
      simulation.start(node.memory.transfer(264_100, 'read', [])),
    );
    simulation.run(1100);
    assert.deepEqual(
      local.map((copy) => copy.done.fired),
      [true, true],
    );
    const shared = [1, 2].map(() => simulation.start(fabric.cxl.transfer(4500, 'read', [])));
    simulation.run(1100 + 1391);
    assert.deepEqual(
      shared.map((copy) => copy.done.fired),
      [true, false],
    );
  });

  it('refuses a fabric without nodes', () => {
    for (const nodes of [0, -1, 1.5]) {
      assert.throws(() => new Fabric(new Simulation(), { ...settings, nodes }), RangeError);
    }
  });
});
