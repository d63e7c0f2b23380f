/** Tells which lines of a kernel log report a bug of the kernel or of a module. */

const bugs = [
  /\bBUG:/,
  /\bkernel BUG at\b/,
  /\bWARNING:/,
  /\bOops\b/,
  /general protection fault.*\[#\d+\]/,
  /\bKernel panic\b/,
  /\bbad p[gmu4]?[dt]e?\b/i,
  /Bad rss-counter/,
  /non-zero pgtables_bytes/,
  /Bad page (state|map|cache)/,
  /\bKASAN:/,
  /\bUBSAN:/,
  /soft lockup/,
  /blocked for more than \d+ seconds/,
  /possible (recursive locking|circular locking|deadlock|irq lock inversion)/,
  /inconsistent lock state/,
  /suspicious RCU usage/,
  /sleeping function called from invalid context/,
  /unreferenced object/,
  /refcount_t:/,
];

export function kernelComplaints(log: string): string[] {
  return log.split('\n').filter((line) => bugs.some((bug) => bug.test(line)));
}
