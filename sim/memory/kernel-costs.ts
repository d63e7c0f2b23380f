/** What the operating system's own work and being cold cost, whatever the mechanism. */

import { most_each_ns, most_fixed_ns, type Parameters, type Values } from '../parameters.ts';

export const kernelParameters = {
  fault_ns: {
    default: 700,
    unit: 'ns',
    minimum: 0,
    maximum: most_each_ns,
    description: 'trap, frame allocation and page-table entry of any fault that needs a frame',
    source:
      'CXLfork section 4.2.1: a copy-on-write fault from CXL takes 2.5 us, of which 1.3 us move data and 0.5 us are TLB coherence; the rest, in line with its "< 1 us" for a local anonymous fault',
  },
  tlb_shootdown_ns: {
    default: 500,
    unit: 'ns',
    minimum: 0,
    maximum: most_each_ns,
    description: 'TLB coherence when a fault replaces a present entry',
    source: 'CXLfork section 4.2.1',
  },
  local_cow_fault_ns: {
    default: 2590,
    unit: 'ns',
    minimum: 0,
    maximum: most_each_ns,
    description: 'copy-on-write fault whose page lies in local memory, all in',
    source: 'Mitosis artifact, benchmark README, parent row: 0.664 ms/MiB (derived)',
  },
  bulk_page_ns: {
    default: 1020,
    unit: 'ns',
    minimum: 0,
    maximum: most_each_ns,
    description:
      'frame, entry and begin of its copy, of one page of many that are copied in one go',
    source:
      'fitted with cxlfork.global_state_ns on CXLfork restore of Float, Linpack, Json, Pyaes, BFS, Bert (figure 7)',
  },
  copy_start_ns: {
    default: 200,
    unit: 'ns',
    minimum: 0,
    maximum: most_each_ns,
    description: 'what a core’s copy over CXL takes beside waiting for lines',
    source: 'PolarCXLMem (SIGMOD 2025) table 2: 64 B are read in 0.75 us where a line takes 549 ns',
  },
  copy_first_lines: {
    default: 16,
    unit: 'lines',
    minimum: 1,
    maximum: 1024,
    description: 'lines that a core’s load stream has in flight once its first has come',
    source:
      'fitted to PolarCXLMem table 2 with copy_growth and copy_lines: reads of 4 and 16 KB in 1.86 and 2.46 us; so CXLfork’s 1.3 us at 391 ns come out as 1.37',
  },
  copy_growth: {
    default: 3,
    unit: 'ratio',
    minimum: 1,
    maximum: 1024,
    description: 'how many times as many they are in each latency that follows',
    source: 'PolarCXLMem table 2, together with copy_first_lines and copy_lines',
  },
  copy_lines: {
    default: 144,
    unit: 'lines',
    minimum: 1,
    maximum: 4096,
    description:
      'most lines that a core’s copy has in flight; its stores, which are posted, from the start',
    source: 'the same, and its writes of 4 and 16 KB in 1.02 and 1.68 us',
  },
  tick_budget_pages: {
    default: 4096,
    unit: 'pages',
    minimum: 0,
    description: 'pages that a tick of a policy may move; what it asks beyond is counted and left',
    source:
      'assumed: 16 MiB, of the order of what MEMTIS moves in its 500 ms (cap of 2048 MB/s, its artifact)',
  },
  tick_page_ns: {
    default: 700,
    unit: 'ns',
    minimum: 0,
    description: 'kernel work for one page that a tick moves: taking it aside, a frame, its entry',
    source: 'assumed: as fault_ns, whose trap it lacks and which does not isolate the page',
  },
  tick_scan_ns: {
    default: 1,
    unit: 'ns',
    minimum: 0,
    description: 'reading and clearing the bits of one page for a tick that looks at pages',
    source: 'assumed: as cxlfork.entry_rewrite_ns, a load, a test and a store on cached lines',
  },
  stall_share: {
    default: 0.63,
    unit: 'share',
    minimum: 0,
    maximum: 1,
    description:
      'share of what being cold costs a function at a page that is waiting for missed lines; it tells which share of their latency is waited for',
    source: 'fitted on CXLfork execution of Float, Linpack, Json, Pyaes, BFS, Bert (figure 7)',
  },
  cold_page_ns: {
    default: 1215,
    unit: 'ns',
    minimum: 0,
    maximum: most_each_ns,
    description:
      'execution that being cold costs at each page touched, mean of functions; a function’s own is pooled with it, and a recorded function has it',
    source:
      'derived from the local-fork and warm inputs of all ten functions (CXLfork figures 7a and 8b): (execution of a local fork − warm) / touched pages, mean and spread after Paule and Mandel (1982)',
  },
  cold_page_spread_ns: {
    default: 631,
    unit: 'ns',
    // A spread of 0 would make all functions one, whatever their own times tell.
    minimum: 1,
    maximum: most_each_ns,
    description: 'how much functions differ in it, apart from noise: one standard deviation',
    source: 'derived with cold_page_ns',
  },
  bar_noise: {
    default: 0.042,
    unit: 'share',
    minimum: 0,
    maximum: 1,
    description:
      'difference of two published times of one and the same invocation, root mean square; the less a function’s cold and warm times differ beyond it, the more it is taken for one like others',
    source:
      'derived: CXLfork figures 7a and 8a both show the first invocation of six functions under migrate-on-write',
  },
  reread_share: {
    default: 1,
    unit: 'share',
    minimum: 0,
    maximum: 1,
    description:
      'share of the pages that a profile’s invocation reads which every other reads, too',
    source:
      'assumed: warm times, which are inputs, were measured with different inputs, and have the faults which these cause; counted again they would come back too long',
  },
  llc_replacement: {
    default: 'random',
    unit: 'choice',
    choices: ['random', 'lru'],
    description: 'which page the last-level cache evicts',
    source:
      'assumed: hashed, pseudo-LRU caches keep a part of a scan that exceeds them; the warm times of BFS do not decide (docs/model.md)',
  },
  vma_count: {
    default: 200,
    unit: 'count',
    minimum: 1,
    maximum: 65_530,
    description: 'VMAs of a process whose workload does not tell them, as traces do',
    source:
      'assumed: serverless processes have them "in the order of hundreds" (CXLfork section 4.2); Linux allows 65,530',
  },
  open_files: {
    default: 8,
    unit: 'count',
    minimum: 0,
    maximum: 1_048_576,
    description: 'open files of a process',
    source: 'assumed: the standard three, and as many again for sockets and logs of a runtime',
  },
  open_ns: {
    default: 1970,
    unit: 'ns',
    minimum: 0,
    maximum: most_each_ns,
    description: 'opening one file by its path',
    source: 'measured by us: open() of a path of five parts, Linux 6.18 in a virtual machine',
  },
  map_ns: {
    default: 2150,
    unit: 'ns',
    minimum: 0,
    maximum: most_each_ns,
    description: 'mapping one VMA',
    source: 'measured by us: mmap() of a page, Linux 6.18 in a virtual machine',
  },
  fork_page_ns: {
    default: 62,
    unit: 'ns',
    minimum: 0,
    maximum: most_each_ns,
    description:
      'copying one page-table entry: in a local fork, and of each page that stays in CXL memory in a leaf that CXLfork builds',
    source:
      'fitted with fork_fixed_ns on the local-fork inputs of all ten functions (CXLfork figure 7); built leaves are assumed to cost the same, which gives the "several milliseconds" of CXLfork section 4.2',
  },
  fork_fixed_ns: {
    default: 380_000,
    unit: 'ns',
    minimum: 0,
    maximum: most_fixed_ns,
    description: 'local fork of a process without pages',
    source:
      'fitted with fork_page_ns on the local-fork inputs of all ten functions (CXLfork figure 7)',
  },
} as const satisfies Parameters;

export type KernelCosts = Values<typeof kernelParameters>;
