import assert from 'node:assert/strict';
import fc from 'fast-check';
import { mechanisms } from '../../sim/mechanisms/registry.ts';
import { invoke } from '../../sim/memory/invocation.ts';
import { valuesOf } from '../../sim/parameters.ts';
import {
  finish,
  forked,
  images,
  invocationOf,
  machineOf,
  pagesIn,
  smallImage,
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
const noTime = { fault_ns: 0, tlb_shootdown_ns: 0, local_cow_fault_ns: 0 };

/** What a restore costs by its declared parameters alone, all data movement being free. */
function fixed_ns(name: string, pages: number, leaves: number): number {
  const values = valuesOf(mechanisms[name]!.parameters) as unknown as Record<string, number>;
  switch (name) {
    case 'cold-start':
      return 1_000;
    case 'local-fork': {
      const { fork_fixed_ns, fork_page_ns } = machineOf().costs;
      return fork_fixed_ns + pages * fork_page_ns;
    }
    case 'criu':
      return values['restore_fixed_ns']! + pages * values['restore_page_ns']!;
    case 'mitosis':
      return values['resume_fixed_ns']! + pages * values['resume_page_ns']!;
    default:
      return values['global_state_ns']! + leaves * values['leaf_attach_ns']!;
  }
}

const names = Object.keys(mechanisms);
const remote = ['criu', 'mitosis', 'cxlfork'];

describe('restore', () => {
  for (const name of names) {
    it(`of ${name} costs its declared parameters where moving data is free`, () => {
      for (const pages of [1, 100, 600]) {
        const image = smallImage(0, pages);
        const machine = machineOf(withCxl(free));
        const { restore_ns } = forked(name, image, 2, {}, machine);
        assert.equal(restore_ns, fixed_ns(name, pages, Math.ceil(pages / 512)));
      }
    });
  }

  for (const name of remote) {
    it(`of ${name}, and faults, take no time where moving data, kernel and mechanism are free`, () => {
      fc.assert(
        fc.property(
          images().chain((image) => fc.tuple(fc.constant(image), touchesOf(image))),
          fc.nat(2),
          ([image, touches], code) => {
            const machine = machineOf(withCxl(free), noTime);
            const settings = Object.fromEntries(
              Object.entries(mechanisms[name]!.parameters)
                .filter(([, { unit }]) => unit === 'ns')
                .map(([parameter]) => [parameter, 0]),
            );
            const { child, restore_ns } = forked(name, image, code, settings, machine);
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
      const image = smallImage(3, 7);
      for (const code of [0, 1, 2]) {
        const fork = forked(name, image, code, settings, machineOf(two_nodes, costs));
        assert.ok(Number.isInteger(fork.restore_ns), name);
        for (const slot of pagesIn(image).slice(3)) {
          assert.ok(Number.isInteger(timed(fork.machine, fork.child.write(slot, 1)).ns));
        }
        finish(fork.machine, fork.child.read(0));
        finish(fork.machine, fork.parent.space.write(pagesIn(image)[4]!, 1));
      }
    }
  });
});

describe('checkpoint', () => {
  it('occupies CXL memory page by page where pages are copied, and as a descriptor for Mitosis', () => {
    const image = smallImage(3, 5);
    const bytesOf = (name: string) => forked(name, image).checkpoint.cxl_bytes;
    assert.equal(bytesOf('criu'), 5 * 4096);
    assert.equal(bytesOf('mitosis'), 8 * 12);
    assert.equal(bytesOf('cxlfork'), (8 + 2) * 4096 + 2 * 256);
    assert.equal(bytesOf('local-fork') + bytesOf('cold-start'), 0);
  });

  it('writes to CXL memory what it occupies there', () => {
    for (const name of remote) {
      const { machine, checkpoint } = forked(name, smallImage(3, 5));
      assert.equal(machine.fabric.cxl.write_bytes, checkpoint.cxl_bytes);
    }
  });

  it('leaves the parent able to write, and remembers what it was', () => {
    for (const name of remote) {
      const image = smallImage(1, 2);
      const { machine, parent, checkpoint } = forked(name, image);
      const slot = pagesIn(image)[1]!;
      const before = checkpoint.content(slot);
      finish(machine, parent.space.write(slot, 12_345));
      assert.equal(checkpoint.content(slot), before);
      assert.equal(finish(machine, parent.space.read(slot)), 12_345);
    }
  });

  it('says which memory was too small', () => {
    const image = smallImage(0, 600);
    assert.throws(
      () => forked('cxlfork', image, 2, {}, machineOf(withCxl({ capacity_mb: 2 }))),
      /CXL memory is full: all 512 frames/,
    );
    const small = { ...two_nodes.node, local: { ...two_nodes.node.local, capacity_mb: 3 } };
    const machine = machineOf({ ...two_nodes, node: small });
    const fork = forked('cxlfork', image, 2, {}, machine);
    assert.throws(
      () => finish(machine, fork.child.allocateAnonymous(769, 769)),
      /node 1 memory is full: all 768 frames/,
    );
    assert.throws(
      () => forked('cxlfork', smallImage(0, 800), 2, {}, machineOf({ ...two_nodes, node: small })),
      /node 0 memory is full/,
    );
  });
});
