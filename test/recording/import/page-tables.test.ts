import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { TraceEvent } from '../../../sim/workload/cxltrace/format.ts';
import { countsOf, fixture, imported, refused } from './text-source.ts';

const sum = (events: readonly TraceEvent[]) =>
  events.reduce((total, event) => total + ('gap' in event ? event.gap : 0), 0);

describe('rows of a table of pages', () => {
  it('that count nothing declare their page and let time pass', () => {
    const { all } = imported('csv', fixture('field/zero-counts.csv'));
    const counts = countsOf(all);
    assert.deepEqual(counts.get('1 1'), { loads: 5, stores: 0, fetches: 0 });
    assert.deepEqual([counts.has('1 2'), counts.has('2 2')], [false, false]);
    assert.equal(all.filter(({ kind }) => kind === 'page').length, 3);
    const invocation = all.slice(all.findIndex(({ kind }) => kind === 'begin'));
    assert.deepEqual(
      invocation.map((event) => [event.kind, 'gap' in event ? event.gap : undefined]),
      [
        ['begin', 0],
        ['run', 1],
        ['end', 1],
        ['begin', 0],
        ['run', 1],
        ['end', 1],
      ],
    );
  });

  it('spend their time in their own invocation, whatever they count', () => {
    const row = fc.record({
      begins: fc.boolean(),
      outside: fc.boolean(),
      page: fc.nat(4),
      loads: fc.nat(1),
      gap: fc.nat(100),
    });
    fc.assert(
      fc.property(fc.array(row, { maxLength: 30 }), (rows) => {
        const lines = ['invocation,page,loads,stores,gap_ns', '1,0,1,0,7'];
        const expected = [0, 7];
        let begun = 1;
        let inside = 1;
        for (const { begins, outside, page, loads, gap } of rows) {
          if (outside) inside = 0;
          else if (begins || inside === 0) {
            begun += 1;
            inside = begun;
          }
          lines.push(`${inside},${page},${loads},0,${gap}`);
          expected[inside] = (expected[inside] ?? 0) + gap;
        }
        const { all } = imported('csv', `${lines.join('\n')}\n`);
        const found = [0];
        let at = 0;
        let count = 0;
        for (const event of all) {
          if (event.kind === 'begin') {
            // What passed before it belongs to what was before.
            found[0]! += event.gap;
            count += 1;
            at = count;
          } else if ('gap' in event) found[at] = (found[at] ?? 0) + event.gap;
          if (event.kind === 'end') at = 0;
        }
        // No event is left to hold what passes after the last touch, outside of invocations.
        const trailing = expected[0]! - found[0]!;
        assert.ok(trailing === 0 || inside === 0);
        assert.deepEqual(found.slice(1), expected.slice(1));
      }),
    );
  });

  it('give a page one region', () => {
    const table = (region: string, loads = '1') =>
      `invocation,page,region,loads,stores\n1,5,heap,1,0\n1,6,heap,1,0\n1,5,${region},${loads},0\n`;
    assert.equal(imported('csv', table('heap')).all.length, 7);
    for (const loads of ['1', '0001', '0']) {
      refused(
        'csv',
        table('library', loads),
        'x:4:5: region is "library"; expected heap, as in the page\'s first row',
      );
    }
    refused('csv', table('heapx'), 'x:4:5: region is "heapx"; expected heap, stack');
  });

  it('name pages, not addresses, which no program has a page of', () => {
    const row = (page: string) => `invocation,page,loads\n1,${page},1\n`;
    for (const page of ['0x7f3a2b001040', '0x555555554000', '17592186044416', '0xeffffffffffff']) {
      refused('csv', row(page), `x:2:3: page is "${page}"; expected an address / 4096: no program`);
    }
    for (const page of ['0x7f3a2b001', '17592186044415', '0xffffffff81000']) {
      assert.equal(countsOf(imported('csv', row(page)).all).size, 1, page);
    }
  });

  it('may have blank lines between them', () => {
    const table = fixture('pages.csv');
    assert.deepEqual(
      imported('csv', `${table.replaceAll('\n', '\r\n\r\n')}\n`).all,
      imported('csv', table).all,
    );
  });

  it('do not tell writes without a column stores', () => {
    assert.equal(imported('csv', 'invocation,page,loads\n1,5,2\n').metadata.writes, 'unknown');
    const { metadata, notes } = imported('csv', 'invocation,page,loads,stores\n1,5,2,0\n');
    assert.equal(metadata.writes, undefined);
    assert.doesNotMatch(notes().join(), /writes are unknown/);
    const bare = imported('csv', 'invocation,page,gap_ns\n1,5,2\n1,5,3\n');
    assert.deepEqual(countsOf(bare.all).get('1 5'), { loads: 2, stores: 0, fetches: 0 });
    assert.equal(sum(bare.all), 5);
  });
});
