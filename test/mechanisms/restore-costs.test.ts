import assert from 'node:assert/strict';
import fc from 'fast-check';
import { mechanisms } from '../../sim/mechanisms/registry.ts';
import { invoke } from '../../sim/memory/invocation.ts';
import { kernelParameters } from '../../sim/memory/kernel-costs.ts';
import type { Parameters } from '../../sim/parameters.ts';
import { migrate_on_write } from '../../sim/placements.ts';
import { wholeNs } from '../../sim/units.ts';
import {
  finish,
  forked,
  invocationOf,
  layouts,
  machineOf,
  pagesIn,
  smallLayout,
  timed,
  touchesOf,
  two_nodes,
  withCxl,
} from '../arbitraries.ts';

const free = {
  latency_ns: 0,
  read_gb_per_s: Number.POSITIVE_INFINITY,
  write_gb_per_s: Number.POSITIVE_INFINITY,
};

type Costs = Readonly<Record<string, number>>;

/** The times that a mechanism declares, and those of the kernel, with their defaults. */
function timesOf(parameters: Parameters): Costs {
  return Object.fromEntries(
    Object.entries(parameters).flatMap(([name, { unit, default: initial }]) =>
      unit === 'ns' ? [[name, Number(initial)]] : [],
    ),
  );
}

const noTime = Object.fromEntries(Object.keys(timesOf(kernelParameters)).map((name) => [name, 0]));

/** How often a restore may pay a time, as its name says. */
function timesPaid(parameter: string, pages: number, leaves: number, vmas: number): number[] {
  if (/_page_ns$/.test(parameter)) return [0, pages];
  if (parameter === 'map_ns') return [0, vmas];
  if (parameter === 'open_ns') return [0, kernelParameters.open_files.default];
  const vma_leaves = Math.ceil(vmas / 16);
  if (parameter === 'leaf_attach_ns') return [0, leaves + vma_leaves];
  return /leaf_/.test(parameter) ? [0, leaves] : [0, 1];
}

const names = Object.keys(mechanisms);
/** Those whose children come from a checkpoint, on any node. */
const remote = names.filter((name) => {
  const { reach, restores_by_initialising } = mechanisms[name]!;
  return reach === 'any-node' && !restores_by_initialising;
});

describe('restore', () => {
  for (const name of names) {
    it(`of ${name} pays what it declares once, or for each page or leaf, where moving data is free`, () => {
      const own = timesOf(mechanisms[name]!.parameters);
      const of_kernel = timesOf(kernelParameters);
      for (const pages of [1, 100, 600]) {
        const layout = smallLayout(0, pages);
        const restoreOf = (settings: Costs, costs: Costs) =>
          forked(name, layout, migrate_on_write, settings, machineOf(withCxl(free), costs))
            .restore_ns;
        const zeroOf = (times: Costs) =>
          Object.fromEntries(Object.keys(times).map((each) => [each, 0]));
        const nothing = restoreOf(zeroOf(own), zeroOf(of_kernel));
        let total = nothing;
        for (const [times, with_one] of [
          [own, (each: Costs) => restoreOf({ ...zeroOf(own), ...each }, zeroOf(of_kernel))],
          [of_kernel, (each: Costs) => restoreOf(zeroOf(own), { ...zeroOf(of_kernel), ...each })],
        ] as const) {
          for (const [parameter, initial] of Object.entries(times)) {
            const paid = (with_one({ [parameter]: 1_000 }) - nothing) / 1_000;
            const allowed = timesPaid(parameter, pages, Math.ceil(pages / 512), layout.vma_count);
            assert.ok(allowed.includes(paid), `${parameter} is paid ${paid} times`);
            total += paid * initial;
          }
        }
        assert.equal(restoreOf({}, {}), wholeNs(total));
        assert.ok(total > 0);
      }
    });
  }

  for (const name of remote) {
    it(`of ${name}, and faults, take no time where moving data, kernel and mechanism are free`, () => {
      fc.assert(
        fc.property(
          layouts().chain((layout) => fc.tuple(fc.constant(layout), touchesOf(layout))),
          fc.nat(2),
          ([layout, touches], code) => {
            const fabric = withCxl(free);
            const local = { ...fabric.node.local, latency_ns: 0 };
            const machine = machineOf({ ...fabric, node: { ...fabric.node, local } }, noTime);
            const settings = Object.fromEntries(
              Object.keys(timesOf(mechanisms[name]!.parameters)).map((each) => [each, 0]),
            );
            const { child, restore_ns } = forked(name, layout, code, settings, machine);
            assert.equal(restore_ns, 0);
            const took = timed(machine, invoke(child, invocationOf({ touches }), undefined, 0));
            assert.equal(took.ns, 0);
          },
        ),
      );
    });
  }

  it('takes whole nanoseconds, also where a parameter is a fraction of one', () => {
    for (const name of names) {
      const settings = Object.fromEntries(
        Object.entries(mechanisms[name]!.parameters)
          .filter(([, { unit }]) => unit === 'ns')
          .map(([parameter, { default: initial }]) => [parameter, Number(initial) + 0.3]),
      );
      const costs = {
        fault_ns: 700.3,
        tlb_shootdown_ns: 500.3,
        local_cow_fault_ns: 2_590.3,
        fork_page_ns: 62.3,
        fork_fixed_ns: 380_000.3,
      };
      const layout = smallLayout(3, 7);
      for (const code of [0, 1, 2]) {
        const fork = forked(name, layout, code, settings, machineOf(two_nodes, costs));
        assert.ok(Number.isInteger(fork.restore_ns), name);
        for (const slot of pagesIn(layout).slice(3)) {
          assert.ok(Number.isInteger(timed(fork.machine, fork.child.write(slot, 1)).ns));
        }
        finish(fork.machine, fork.child.read(0));
        finish(fork.machine, fork.parent.space.write(pagesIn(layout)[4]!, 1));
      }
    }
  });
});

describe('checkpoint', () => {
  it('occupies CXL memory page by page where pages are copied, and as a descriptor for Mitosis', () => {
    const layout = smallLayout(3, 5);
    const bytesOf = (name: string) => forked(name, layout).checkpoint.cxl_bytes;
    assert.equal(bytesOf('criu'), 5 * 4096);
    assert.equal(bytesOf('mitosis'), 8 * 12);
    assert.equal(bytesOf('cxlfork'), (8 + 2) * 4096 + 2 * 256);
    assert.equal(bytesOf('local-fork') + bytesOf('cold-start'), 0);
  });

  it('writes to CXL memory what it occupies there', () => {
    for (const name of remote) {
      const { machine, checkpoint } = forked(name, smallLayout(3, 5));
      assert.equal(machine.fabric.cxl.write_bytes, checkpoint.cxl_bytes);
    }
  });

  it('leaves the parent able to write, and remembers what it was', () => {
    for (const name of remote) {
      const layout = smallLayout(1, 2);
      const { machine, parent, checkpoint } = forked(name, layout);
      const slot = pagesIn(layout)[1]!;
      const before = checkpoint.content(slot);
      finish(machine, parent.space.write(slot, 12_345));
      assert.equal(checkpoint.content(slot), before);
      assert.equal(finish(machine, parent.space.read(slot)), 12_345);
    }
  });

  it('says which memory was too small', () => {
    const layout = smallLayout(0, 600);
    assert.throws(
      () => forked('cxlfork', layout, migrate_on_write, {}, machineOf(withCxl({ capacity_mb: 2 }))),
      /CXL memory is full: all 512 frames/,
    );
    const small = { ...two_nodes.node, local: { ...two_nodes.node.local, capacity_mb: 3 } };
    const machine = machineOf({ ...two_nodes, node: small });
    const fork = forked('cxlfork', layout, migrate_on_write, {}, machine);
    assert.throws(
      () => finish(machine, fork.child.allocateAnonymous(769, 769)),
      /node 1 memory is full: all 768 frames/,
    );
    assert.throws(
      () =>
        forked(
          'cxlfork',
          smallLayout(0, 800),
          migrate_on_write,
          {},
          machineOf({ ...two_nodes, node: small }),
        ),
      /node 0 memory is full/,
    );
  });
});
