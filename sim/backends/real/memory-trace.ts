/** What a kernel's trace tells of one process's memory: its faults, and what it gave back, in the order of time. */

import { page_bytes } from '../../units.ts';

export interface Fault {
  readonly page: number;
  /** The module copied a page of the checkpoint. */
  readonly copies: boolean;
  readonly write: boolean;
}

/** What a system call does to the mappings of pages `[first, end)`. */
export interface MappingCall {
  readonly first: number;
  readonly end: number;
  /** The mappings go, lose their pages, come, come as more of one that was there, or get other rights. */
  readonly does: 'unmaps' | 'empties' | 'maps' | 'grows' | 'protects';
}

export type MemoryEvent = Fault | MappingCall;

export function isFault(event: MemoryEvent): event is Fault {
  return 'page' in event;
}

export const traced_faults = [
  'rfork/rfork_restore',
  'rfork/rfork_migrate',
  'exceptions/page_fault_user',
  'exceptions/page_fault_kernel',
] as const;

/** Calls that change mappings; kernels without FTRACE_SYSCALLS do not tell of them. */
export const traced_calls = [
  ...['munmap', 'brk', 'madvise', 'mprotect', 'mmap'].map((name) => `syscalls/sys_enter_${name}`),
  'syscalls/sys_exit_mmap',
];

/** Events of a process's threads; `heap_end` is the page where its heap ended before. */
export function parseTrace(
  text: string,
  threads: readonly number[],
  heap_end: number | undefined,
): MemoryEvent[] {
  const lost = /entries-in-buffer\/entries-written: (\d+)\/(\d+)/.exec(text);
  if (lost && lost[1] !== lost[2]) throw new Error(`the trace kept ${lost[1]} of ${lost[2]} lines`);
  const event =
    /^.*-(\d+) .*?: (?:(rfork_\w+|page_fault_\w+): (.*)|sys_(\w+)\((.*)\)|sys_mmap -> 0x(\w+))$/gm;
  const own = [...text.matchAll(event)].filter(([, of]) => threads.includes(Number(of)));
  // Before, the process was its loader, but for what the kernel wrote into the child.
  const begin = own.findLastIndex(([, , what]) => what === 'rfork_restore');
  const calls = new Calls(heap_end);
  return own.flatMap(
    ([, thread, what, fields = '', call, parameters = '', mapped], index): MemoryEvent[] => {
      if (index <= begin && what !== 'rfork_migrate') return [];
      if (call !== undefined) return calls.entered(thread!, call, parameters);
      if (mapped !== undefined) return calls.mapped(thread!, Number.parseInt(mapped, 16));
      const [, address, write] = /address=(?:0x)?([0-9a-f]+)(?: write=([01]))?/.exec(fields) ?? [];
      if (address === undefined) return [];
      const page = Math.floor(Number.parseInt(address, 16) / page_bytes);
      return [{ page, copies: what === 'rfork_migrate', write: write === '1' }];
    },
  );
}

const [madv_dontneed, map_fixed] = [4, 0x10] as const;

/** What calls do to mappings, from their parameters and what was called before. */
class Calls {
  #heap_end: number | undefined;
  /** How much each thread asks to be mapped. */
  readonly #asked_bytes = new Map<string, number>();

  constructor(heap_end: number | undefined) {
    this.#heap_end = heap_end;
  }

  entered(thread: string, call: string, parameters: string): MappingCall[] {
    const value = (name: string) => {
      const [, digits] = new RegExp(`\\b${name}: ([0-9a-f]+)`).exec(parameters) ?? [];
      return digits === undefined ? Number.NaN : Number.parseInt(digits, 16);
    };
    switch (call) {
      case 'munmap':
        return pages(value('addr'), value('len'), 'unmaps');
      case 'mprotect':
        return pages(value('start'), value('len'), 'protects');
      case 'madvise':
        if (value('behavior') !== madv_dontneed) return [];
        return pages(value('start'), value('len_in'), 'empties');
      case 'mmap':
        this.#asked_bytes.set(thread, value('len'));
        // What was there goes first.
        return value('flags') & map_fixed ? pages(value('addr'), value('len'), 'unmaps') : [];
      case 'brk':
        return this.#heapEnds(value('brk'));
      default:
        return [];
    }
  }

  mapped(thread: string, address: number): MappingCall[] {
    // Addresses are below 2^47; what is above is an error's number.
    const length_bytes = this.#asked_bytes.get(thread);
    if (length_bytes === undefined || address >= 2 ** 47) return [];
    return pages(address, length_bytes, 'maps');
  }

  #heapEnds(at_bytes: number): MappingCall[] {
    const before = this.#heap_end;
    // Asked for nothing, the kernel only tells where the heap ends.
    if (!(at_bytes > 0) || before === undefined) return [];
    const end = Math.ceil(at_bytes / page_bytes);
    this.#heap_end = end;
    if (end === before) return [];
    const [first, last] = [Math.min(before, end), Math.max(before, end)];
    return [{ first, end: last, does: end < before ? 'unmaps' : 'grows' }];
  }
}

function pages(
  start_bytes: number,
  length_bytes: number,
  does: MappingCall['does'],
): MappingCall[] {
  const first = Math.floor(start_bytes / page_bytes);
  const end = Math.ceil((start_bytes + length_bytes) / page_bytes);
  return first < end ? [{ first, end, does }] : [];
}
