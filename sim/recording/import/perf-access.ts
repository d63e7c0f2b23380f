/**
 * What a sample of perf says of its access: `data_src`, as perf writes it, or the event's name.
 *
 *     |OP LOAD|LVL L3 or L3 hit|SNP None|TLB L1 or L2 hit|LCK No|BLK  N/A
 *
 * Intel samples loads and stores as events of their own; AMD's IBS samples operations of any kind, ARM's SPE
 * accesses of any kind as several events each, and both print `|OP N/A` for what is no access.
 */

export type PerfAccess = 'load' | 'store' | 'both' | 'fetch' | 'unknown' | 'none';

/** Events that count something else, and which have an instruction's address at most. */
const other_events =
  /^(dummy|cycles|cpu-cycles|ref-cycles|bus-cycles|instructions|branch|branches|branch-[\w-]+|itlb-[\w-]+|l1-icache-[\w-]+|topdown-[\w-]+|cpu-clock|task-clock|cpu-migrations|migrations|context-switches|cs|slots|stalled-cycles-\w+|bpf-output|cgroup-switches|alignment-faults|emulation-faults)$/i;
/**
 * Loads' companion, of which `perf mem` makes one group with them on Intel's newer machines, has the same access
 * again; prefetches touch nothing.
 */
const no_accesses = /\bmem-loads-aux\b|swpf|prefetch/i;
/** Tracepoints, as `sched:sched_switch`. */
const tracepoint = /^[a-z]\w*:(?![ukhpPGHSDIWeb]+$)[a-z]\w{3,}$/;

/** `event` is as perf prints it, without the colon behind it. */
export function accessOf(event: string, text: string): PerfAccess {
  const name = nameOf(event);
  if (other_events.test(name) || no_accesses.test(event) || tracepoint.test(event)) return 'none';
  const operation = /\|OP ([^|]*)/.exec(text)?.[1]?.trim();
  const loads = operation !== undefined && /\bLOAD\b/.test(operation);
  const stores = operation !== undefined && /\bSTORE\b/.test(operation);
  if (loads || stores) return loads && stores ? 'both' : loads ? 'load' : 'store';
  if (operation !== undefined && /\bEXEC\b/.test(operation)) return 'fetch';
  // A prefetch touches nothing, and faults on nothing.
  if (operation !== undefined && /\bPFETCH\b/.test(operation)) return 'none';
  // What held up a load may be named after a store: ld_blocks.store_forward.
  if (/^ld_/i.test(name)) return 'load';
  if (/store/i.test(name)) return 'store';
  if (/load/i.test(name)) return 'load';
  return operation === undefined || /fault/i.test(name) ? 'unknown' : 'none';
}

/**
 * Whether memory or another socket served it; `undefined` where that is not told: a miss of a nearer cache says
 * nothing of the last one, and of many stores nothing else is known.
 */
export function isMissed(text: string): boolean | undefined {
  const level = /\|LVL ([^|]*)/.exec(text)?.[1];
  if (level === undefined) return undefined;
  if (/RAM|Remote|L3 miss|PMEM|CXL|Memory-side/i.test(level)) return true;
  return /\bhit\b/.test(level) && !/Uncached|I\/O/.test(level) ? false : undefined;
}

/** Without PMU and modifiers: `cpu_core/mem-loads,ldlat=30/P`, `cycles:u`, `cpu_atom/cycles/`. */
export function nameOf(event: string): string {
  const within = /^[\w.-]+\/([^/]*)\/\w*$/.exec(event)?.[1];
  return (within ?? event).replace(/:[a-zA-Z]{1,4}$/, '');
}
