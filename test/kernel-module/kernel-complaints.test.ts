import assert from 'node:assert/strict';
import { kernelComplaints } from '../../kernel-module/testbed/kernel-complaints.ts';

describe('kernel complaints', () => {
  for (const line of [
    '[   12.1] BUG: kernel NULL pointer dereference, address: 0000000000000008',
    '[   12.1] BUG: KASAN: use-after-free in unshare_leaf+0x10/0x80 [rfork]',
    '[   12.1] WARNING: CPU: 1 PID: 99 at mm/memremap.c:473 free_zone_device_page+0x5e/0x80',
    '[   12.1] WARNING: possible recursive locking detected',
    '[   12.1] mm/pgtable-generic.c:50: bad pmd 00000000deadbeef(8000000100200061)',
    '[   12.1] BUG: Bad rss-counter state mm:00000000 type:MM_ANONPAGES val:1',
    '[   12.1] BUG: non-zero pgtables_bytes on freeing mm: 4096',
    '[   12.1] Oops: 0000 [#1] PREEMPT SMP NOPTI',
    '[   12.1] INFO: task rforkctl:99 blocked for more than 120 seconds.',
    '[   12.1] watchdog: BUG: soft lockup - CPU#0 stuck for 134s! [rforkctl:99]',
  ]) {
    it(`include "${line.slice(10, 60)}"`, () => {
      assert.deepEqual(kernelComplaints(`[    1.0] fine\n${line}\n`), [line]);
    });
  }

  it('leave out what a sound guest says', () => {
    const log = [
      '[    0.000000] Linux version 6.1.0 (debian-kernel@lists.debian.org)',
      '[    0.676179] mtrr: your CPUs had inconsistent fixed MTRR settings',
      '[    1.341779] Unstable clock detected, switching default tracing clock to "global"',
      '[    3.752287] rfork: loading out-of-tree module taints kernel.',
      '[    3.752287] page_table_check: disabled',
      '[    3.9] ..MP-BIOS bug: 8254 timer not connected to IO-APIC',
    ].join('\n');
    assert.deepEqual(kernelComplaints(log), []);
  });
});
