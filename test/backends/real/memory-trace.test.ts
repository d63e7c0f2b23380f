import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parseTrace } from '../../../sim/backends/real/memory-trace.ts';
import { type PageRange, PageRanges } from '../../../sim/backends/real/page-ranges.ts';
import { tablesOver } from '../../../sim/backends/real/process-memory.ts';

const line = (event: string, thread = 201) =>
  `         program-${thread}     [001] .....    12.4: ${event}\n`;
const restored = line('rfork_restore: image=256 attached=0 built=3 copied=0 duration_ns=7 error=0');

describe('calls that change a process’s mappings', () => {
  it('are followed with the pages that they meet, the heap’s by where it ended before', () => {
    const calls = [
      'sys_munmap(addr: 7ffff7000000, len: 2001)',
      'sys_madvise(start: 7ffff7000000, len_in: 1000, behavior: 4)',
      'sys_madvise(start: 7ffff7000000, len_in: 1000, behavior: 8)',
      'sys_mprotect(start: 7ffff7000000, len: 1000, prot: 1)',
      'sys_brk(brk: 0)',
      'sys_brk(brk: 504000)',
      'sys_brk(brk: 501800)',
      'sys_mmap(addr: 0, len: 3000, prot: 3, flags: 22, fd: ffffffff, off: 0)',
      'sys_mmap -> 0x7ffff6000000',
      'sys_mmap(addr: 7ffff7000000, len: 1000, prot: 3, flags: 32, fd: ffffffff, off: 0)',
      'sys_mmap -> 0x7ffff7000000',
      'sys_mmap(addr: 0, len: 1000, prot: 3, flags: 22, fd: ffffffff, off: 0)',
      'sys_mmap -> 0xfffffffffffffff4',
      'page_fault_user: address=0x7ffff7000010 ip=0x401000 error_code=0x6',
    ];
    const text = `${restored}${calls.map((call) => line(call)).join('')}`;
    assert.deepEqual(parseTrace(text, [201], 0x500), [
      { first: 0x7ffff7000, end: 0x7ffff7003, does: 'unmaps' },
      { first: 0x7ffff7000, end: 0x7ffff7001, does: 'empties' },
      { first: 0x7ffff7000, end: 0x7ffff7001, does: 'protects' },
      { first: 0x500, end: 0x504, does: 'grows' },
      { first: 0x502, end: 0x504, does: 'unmaps' },
      { first: 0x7ffff6000, end: 0x7ffff6003, does: 'maps' },
      { first: 0x7ffff7000, end: 0x7ffff7001, does: 'unmaps' },
      { first: 0x7ffff7000, end: 0x7ffff7001, does: 'maps' },
      { page: 0x7ffff7000, copies: false, write: false },
    ]);
  });

  it('of other processes, and of the loader before, are nobody’s business', () => {
    const call = 'sys_munmap(addr: 7ffff7000000, len: 2000)';
    const text = `${line(call)}${restored}${line(call, 300)}`;
    assert.deepEqual(parseTrace(text, [201], undefined), []);
  });
});

describe('ranges of pages', () => {
  const range = fc
    .tuple(fc.nat(60), fc.integer({ min: 1, max: 12 }))
    .map(([first, count]): PageRange => ({ first, end: first + count }));

  it('hold what a set of the same pages holds', () => {
    const steps = fc.array(fc.tuple(fc.constantFrom('add', 'remove'), range));
    fc.assert(
      fc.property(steps, range, (wanted, asked) => {
        const [ranges, set] = [new PageRanges(), new Set<number>()];
        for (const [what, each] of wanted) {
          ranges[what as 'add' | 'remove'](each);
          for (let page = each.first; page < each.end; page += 1) {
            if (what === 'add') set.add(page);
            else set.delete(page);
          }
        }
        const pages = ranges
          .within(asked)
          .flatMap(({ first, end }) => Array.from({ length: end - first }, (_, i) => first + i));
        const expected = [...set].filter((page) => asked.first <= page && page < asked.end);
        assert.deepEqual(
          pages,
          expected.sort((a, b) => a - b),
        );
      }),
    );
  });
});

describe('tables above the leaves', () => {
  it('are those that hold a page and have a mapping left in their range', () => {
    const pages = [1, 2, 3000, 9000];
    const mappings = [
      { first: 900, end: 1100 },
      { first: 3000, end: 3001 },
    ];
    assert.equal(tablesOver(pages, mappings, 1000), 2);
    assert.equal(tablesOver(pages, [], 1000), 0);
    assert.equal(tablesOver([], mappings, 1000), 0);
  });
});
