import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describeInvocation } from '../../sim/backends/real/described-invocation.ts';
import { parseTrace } from '../../sim/backends/real/memory-trace.ts';
import { placementBits } from '../../sim/backends/real/placement-bits.ts';
import { describePages, parseMappings } from '../../sim/backends/real/process-memory.ts';
import { hole, migrate_now, migrate_on_access, migrate_on_write } from '../../sim/placements.ts';

const maps = `00400000-00401000 r--p 00000000 00:02 35                                 /tmp/cxlsim/a/program
00401000-00403000 rw-p 00001000 00:02 35                                 /tmp/cxlsim/a/program
004ae000-004d0000 rw-p 00000000 00:00 0                                  [heap]
7ffff7000000-7ffff7002000 rw-p 00000000 00:00 0 
7ffff7fc9000-7ffff7fcd000 r--p 00000000 00:00 0                          [vvar]
7ffffffde000-7ffffffff000 rw-p 00000000 00:00 0                          [stack]
ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0                  [vsyscall]
`;

const trace = `# tracer: nop
#
# entries-in-buffer/entries-written: 6/6   #P:2
#
#           TASK-PID     CPU#  |||||  TIMESTAMP  FUNCTION
        rforkctl-201     [000] .....    12.1: page_fault_user: address=0x4e000 ip=0x4e000 error_code=0x14
        rforkctl-201     [000] .....    12.2: rfork_migrate: image=256 address=0x4ae010 write=1 deferred=1
        rforkctl-201     [000] .....    12.3: rfork_restore: image=256 attached=0 built=3 copied=0 duration_ns=7 error=0
         program-201     [001] d....    12.4: page_fault_kernel: address=0x7ffff7001008 ip=copy_from error_code=0x2
         program-201     [001] .....    12.5: rfork_migrate: image=256 address=0x400000 write=0 deferred=1
           other-202     [001] .....    12.6: rfork_migrate: image=256 address=0x401000 write=0 deferred=1
`;

describe('what kernels say of a process', () => {
  it('is mappings by page number, without the one above the user’s half', () => {
    const mappings = parseMappings(maps);
    assert.equal(mappings.length, 6);
    assert.deepEqual(mappings[1], {
      first: 0x401,
      end: 0x403,
      writable: true,
      shared: false,
      name: '/tmp/cxlsim/a/program',
    });
    assert.equal(mappings[3]!.name, '');
  });

  it('is pages in kinds of memory: of files until written, heap, stack, and others', () => {
    const page = (number: number, flags = 0) => ({ address: number * 4096, flags });
    const pages = [page(0x400), page(0x401, 1), page(0x402, 3), page(0x4ae, 3), page(0x4af, 3)];
    const { regions, pages: runs } = describePages(pages, parseMappings(maps), (number) => ({
      present: true,
      file: number < 0x402,
      exclusive: true,
      written: false,
      frame: 1,
    }));
    assert.deepEqual(regions, [
      { name: 'library', kind: 'file', writable: false },
      { name: 'library', kind: 'file', writable: true },
      { name: 'data', kind: 'anonymous', writable: true },
      { name: 'heap', kind: 'anonymous', writable: true },
    ]);
    assert.deepEqual(runs, [
      [0x400, 1, 0, 0],
      [0x401, 1, 1, 1],
      [0x402, 1, 2, 3],
      [0x4ae, 2, 3, 3],
    ]);
  });

  it('is refused where a page lies in no mapping', () => {
    assert.throws(
      () =>
        describePages([{ address: 0x900000, flags: 0 }], parseMappings(maps), () => assert.fail()),
      /^Error: the page at 0x900000 lies in no mapping of the process$/,
    );
  });

  it('is the faults of one process in order, from its restore on but for what that copied', () => {
    const of_201 = [
      { page: 0x4ae, copies: true, write: true },
      { page: 0x7ffff7001, copies: false, write: false },
      { page: 0x400, copies: true, write: false },
    ];
    assert.deepEqual(parseTrace(trace, [201], undefined), of_201);
    const of_thread_202 = { page: 0x401, copies: true, write: false };
    assert.deepEqual(parseTrace(trace, [201, 202], undefined), [...of_201, of_thread_202]);
  });

  it('is refused where the trace lost lines', () => {
    assert.throws(
      () => parseTrace(trace.replace('6/6', '6/9'), [201], undefined),
      /kept 6 of 9 lines/,
    );
  });

  it('is an invocation: touches with what was written, and new pages in their places', () => {
    const image = [0x400, 0x401, 0x4ae].map((page) => ({ address: page * 4096, flags: 0 }));
    const after = [
      { address: 0x400_000, flags: 16 },
      { address: 0x401_000, flags: 16 + 2 },
      { address: 0x7ffff7001000, flags: 16 + 2 },
    ];
    const fault = (page: number, copies: boolean, write = false) => ({ page, copies, write });
    const faults = [
      fault(0x400, true),
      fault(0x401, true),
      fault(0x7ffff7000, false),
      fault(0x7ffff7001, false),
      fault(0x4ae, true, true),
      fault(0x4ae, false),
      fault(0x7ffff7fc9, false),
    ];
    assert.deepEqual(
      describeInvocation(
        faults,
        { pages: after, mappings: parseMappings(maps) },
        image,
        parseMappings(maps),
      ),
      {
        touches: [
          [0x400, 1, 0],
          [0x401, 1, 1],
          [0x4ae, 1, 1],
        ],
        changes: [
          [0x7ffff7000, 2, 2, 'anonymous'],
          [0x7ffff7fc9, 1, 3, 'file'],
          // Written, and not there any more.
          [0x4ae, 1, 3, 'back'],
          [0x7ffff7000, 1, 3, 'back'],
        ],
      },
    );
  });
});

describe('placements for the module', () => {
  it('are two bits for each page in the order of pages, whatever holes lie between', () => {
    const codes = [migrate_on_write, migrate_on_access, migrate_now];
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...codes, hole)), (slots) => {
        const bits = placementBits(Uint8Array.from(slots));
        const pages = slots.filter((code) => code !== hole);
        assert.equal(bits.length, Math.ceil(pages.length / 4));
        const number = bits.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
        const expected = pages.reduceRight(
          (sum, code) => (sum << 2n) | BigInt(codes.indexOf(code)),
          0n,
        );
        assert.equal(number, expected);
      }),
    );
  });
});
