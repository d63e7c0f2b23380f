import assert from 'node:assert/strict';
import { kernelParameters } from '../../sim/memory/kernel-costs.ts';
import { migrate_on_write } from '../../sim/placements.ts';
import {
  forked,
  machineOf,
  pagesIn,
  smallLayout,
  timed,
  two_nodes,
  withCxl,
} from '../arbitraries.ts';

const layout = smallLayout(0, 320);
const bytes = 320 * 12;

function restore_ns(settings: Readonly<Record<string, number | string>>, latency_ns: number) {
  const machine = machineOf(withCxl({ ...two_nodes.cxl, latency_ns }));
  return forked('mitosis', layout, migrate_on_write, settings, machine).restore_ns;
}

describe('a child of mitosis', () => {
  it('waits for each line of its descriptor where that is decoded in place, for all at once where it is fetched', () => {
    const growth_ns = (descriptor: string) =>
      restore_ns({ descriptor }, 600) - restore_ns({ descriptor }, 500);
    assert.equal(growth_ns('in-place'), (bytes / 64) * 100);
    assert.ok(growth_ns('fetched') <= 5 * 100);
    assert.ok(restore_ns({ descriptor: 'fetched' }, 391) < restore_ns({}, 391));
  });

  it('maps each VMA and decodes each page', () => {
    const of = (vma_count: number, pages: number) => {
      const small = { ...smallLayout(0, pages), vma_count };
      return forked('mitosis', small, migrate_on_write, { descriptor: 'fetched' }).restore_ns;
    };
    assert.equal(of(30, 320) - of(20, 320), 10 * kernelParameters.map_ns.default);
    assert.ok(of(20, 320) > of(20, 32));
  });

  it('loses once in its faults what is lost whatever their number, and nothing without one', () => {
    const with_loss = (faults_fixed_ns: number) =>
      forked('mitosis', layout, migrate_on_write, { faults_fixed_ns, window_pages: 1 });
    const [first, second] = pagesIn(layout) as [number, number];
    const [lossy, lossless] = [with_loss(1_000_000), with_loss(0)].map(({ machine, child }) =>
      [first, second].map((slot) => timed(machine, child.read(slot)).ns),
    );
    assert.equal(lossy![0]! - lossless![0]!, 1_000_000);
    assert.equal(lossy![1], lossless![1]);
    assert.equal(with_loss(1_000_000).restore_ns, with_loss(0).restore_ns);
  });
});
