import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { ChildrenSettings, Trial } from '../../../sim/backend.ts';
import { mechanisms } from '../../../sim/mechanisms/registry.ts';
import type { Measurements } from '../../../sim/metrics.ts';
import {
  builtInPolicies,
  policyReferences,
  profileOf,
  profiles,
  trialOf,
  two_nodes,
  withCxl,
} from '../../arbitraries.ts';
import { simulate, simulated } from '../../simulator.ts';

type Contestant = Pick<Trial, 'mechanism' | 'policy'>;

const contestants: Contestant[] = Object.values(mechanisms).flatMap(
  ({ name, policies }): Contestant[] =>
    policies === 'any'
      ? policyReferences.map((policy) => ({ mechanism: name, policy }))
      : [{ mechanism: name, policy: undefined }],
);

const titleOf = ({ mechanism, policy }: Contestant) =>
  policy ? `${mechanism} under ${policy.name}` : mechanism;

const several = (count: number, nodes = 1, interval_ms = 0): ChildrenSettings => ({
  count,
  nodes,
  interval_ms,
});

function run(parts: Partial<Trial>): Measurements {
  const trial = trialOf(parts);
  return simulate(trial, trial.policy && builtInPolicies[trial.policy.name]);
}

const four_nodes = { ...two_nodes, nodes: 4 };
const isRemote = ({ mechanism }: Contestant) => mechanisms[mechanism]!.reach === 'any-node';

for (const contestant of contestants) {
  describe(`children of one checkpoint: ${titleOf(contestant)}`, () => {
    it('far apart in time, each measure what one alone measures', () => {
      const alone = run(contestant);
      const apart = run({ ...contestant, children: several(3, 1, 10_000) });
      for (const metric of ['restore_ms', 'faults_ms', 'pages_copied', 'cow_faults'] as const) {
        // A node's cache is still warm from the child before, so execution may differ.
        if (contestant.mechanism === 'local-fork' && metric !== 'restore_ms') continue;
        const difference = Math.abs((apart[metric] ?? 0) - (alone[metric] ?? 0));
        assert.ok(difference <= 1e-9 * (1 + (alone[metric] ?? 0)), metric);
      }
    });

    it('are all ready no sooner than the first, and done no sooner than ready', () => {
      fc.assert(
        fc.property(
          profiles,
          fc.integer({ min: 2, max: 5 }),
          fc.integer({ min: 1, max: isRemote(contestant) ? 4 : 1 }),
          fc.nat(3),
          (workload, count, nodes, interval_ms) => {
            const children = several(count, nodes, interval_ms);
            const measured = run({ ...contestant, workload, fabric: four_nodes, children });
            const { first_ready_ms, all_ready_ms, all_done_ms } = measured;
            assert.ok(first_ready_ms! <= all_ready_ms! && all_ready_ms! <= all_done_ms!);
            assert.ok(all_ready_ms! >= interval_ms * (count - 1));
            assert.ok(measured.slowest_end_to_end_ms! >= measured.end_to_end_ms! - 1e-9);
            assert.ok(measured.fullest_node_memory_mb! <= measured.children_local_memory_mb!);
            for (const [metric, value] of Object.entries(measured)) {
              assert.ok(Number.isFinite(value) && value >= 0, `${metric} is ${value}`);
            }
          },
        ),
        { numRuns: 10 },
      );
    });

    it('wait for one another where the node has fewer cores', () => {
      const one_core = { ...two_nodes, node: { ...two_nodes.node, cores: 1 } };
      const parts = { ...contestant, children: several(2) };
      const together = run(parts);
      const in_turn = run({ ...parts, fabric: one_core });
      assert.ok(in_turn.all_ready_ms! > together.all_ready_ms!);
      const [first, slowest] = [in_turn.end_to_end_ms!, in_turn.slowest_end_to_end_ms!];
      assert.ok(slowest > first);
    });
  });
}

describe('children of one checkpoint', () => {
  const hybrid = policyReferences.find(({ name }) => name === 'migrate-on-access')!;

  it('share the device: many that copy at once are ready later than one', () => {
    const slow = withCxl({ read_gb_per_s: 1, write_gb_per_s: 1 });
    const criu = (count: number) =>
      run({ mechanism: 'criu', fabric: { ...slow, nodes: 16 }, children: several(count, count) });
    const one = run({ mechanism: 'criu', fabric: { ...slow, nodes: 16 } });
    // 2 MiB at 1 GB/s are 2.1 ms of the device, for each child.
    assert.ok(criu(8).all_ready_ms! - one.restore_ms! > 7 * 1.2);
    assert.ok(criu(16).all_ready_ms! > criu(8).all_ready_ms!);
  });

  it('never move more over the device than its bandwidth allows', () => {
    const fabric = withCxl({ read_gb_per_s: 0.5, write_gb_per_s: 0.5 });
    const measured = run({
      policy: hybrid,
      fabric: { ...fabric, nodes: 8 },
      children: several(8, 8),
    });
    const copied_bytes = 8 * measured.pages_copied! * 4_096;
    assert.ok(measured.all_done_ms! * 1e6 >= copied_bytes / 0.5);
  });

  it('spread over nodes hold on each what their share of them holds', () => {
    const at = (nodes: number) =>
      run({ policy: hybrid, fabric: four_nodes, children: several(4, nodes) });
    const [packed, spread] = [at(1), at(4)];
    assert.equal(packed.fullest_node_memory_mb, packed.children_local_memory_mb);
    assert.equal(spread.fullest_node_memory_mb! * 4, spread.children_local_memory_mb);
    assert.ok(spread.busiest_link_bytes! < packed.busiest_link_bytes!);
  });

  it('are told of node by node as they are in all, and of one child not at all', async () => {
    for (const children of [several(5, 4), several(3, 2, 1), several(2)]) {
      const { measurements, series } = await simulated.run(
        trialOf({ policy: hybrid, fabric: four_nodes, children }),
      );
      const { node_memory_mb, link_read_bytes, link_write_bytes } = series!;
      const nodes = [...new Set([0, ...[1, 2, 3, 0].slice(0, children.nodes)])].sort();
      for (const points of [node_memory_mb!, link_read_bytes!, link_write_bytes!]) {
        assert.deepEqual(
          points.map(([node]) => node),
          nodes,
        );
      }
      const held = node_memory_mb!.map(([, node_mb]) => node_mb);
      assert.equal(
        held.reduce((sum, node_mb) => sum + node_mb),
        measurements.children_local_memory_mb,
      );
      assert.equal(Math.max(...held), measurements.fullest_node_memory_mb);
      const moved = link_read_bytes!.map(
        ([, bytes], index) => bytes + link_write_bytes![index]![1],
      );
      assert.equal(Math.max(...moved), measurements.busiest_link_bytes);
    }
    assert.deepEqual(Object.keys(await simulated.run(trialOf({}))), ['measurements']);
  });

  it('on nodes where they cannot be are refused with the reason', async () => {
    const refusal = (parts: Partial<Trial>) => simulated.unsupported(trialOf(parts));
    assert.match(
      (await refusal({ mechanism: 'local-fork', children: several(2, 2) }))!,
      /on their parent's node only/,
    );
    assert.match((await refusal({ children: several(4, 3) }))!, /3 nodes of a fabric of 2/);
    assert.equal(await refusal({ children: several(4, 2) }), undefined);
  });

  it('asked for at given times are those asked for as far apart', () => {
    const parts = { policy: hybrid, fabric: four_nodes };
    const at = (children: ChildrenSettings) => run({ ...parts, children });
    assert.deepEqual(at({ ...several(4, 3), starts_ms: [0, 0.5, 1, 1.5] }), at(several(4, 3, 0.5)));
    assert.deepEqual(at({ ...several(3), starts_ms: [0, 0, 0] }), at(several(3)));
    const last = at({ ...several(4, 3), starts_ms: [0, 5, 5, 20] });
    assert.ok(last.all_ready_ms! >= 20 && last.first_ready_ms! < 5);
  });

  it('are the same however often they are run', () => {
    const parts = { workload: profileOf(), policy: hybrid, children: several(5, 2, 0.1) };
    assert.deepEqual(run(parts), run(parts));
  });
});
