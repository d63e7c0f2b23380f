/** Which region an address belongs to, from a process's /proc/PID/maps, or smaps, which has more lines on each mapping. */

import { expected } from '../../input/expected.ts';
import { quoted } from '../../input/quoted.ts';
import type { TextLines } from '../../input/text-lines.ts';
import type { Region } from '../../workload/cxltrace/format.ts';
import { isFileOnDisk } from '../file-on-disk.ts';
import { type PageRange, rangeAt } from './page-ranges.ts';

interface Mapping extends PageRange {
  readonly region: Region;
}

const page_bytes = 4096;
const line_of_smaps = /^[A-Z]\w+: /;
/** A process may have so many mappings (vm.max_map_count), and more is no such file. */
const mapping_limit = 1 << 20;

export class MemoryMap {
  readonly file: string;
  /** In rising addresses. */
  private readonly mappings: readonly Mapping[];

  constructor(lines: TextLines) {
    this.file = lines.file;
    const mappings: Mapping[] = [];
    while (lines.next()) {
      if (mappings.length > 0 && line_of_smaps.test(lines.looseText())) continue;
      const mapping = mappingOf(lines);
      if (mappings.length > 0 && mapping.first < mappings.at(-1)!.end) {
        lines.fail(1, 'the mapping begins before the end of the one above', 'rising addresses');
      }
      if (mappings.length === mapping_limit) {
        lines.fail(1, `more than ${mapping_limit} mappings`, expected('/proc/PID/maps'));
      }
      mappings.push(mapping);
    }
    lines.checkEnd();
    if (mappings.length === 0) lines.fail(1, 'no mapping', expected('/proc/PID/maps'));
    this.mappings = mappings;
  }

  /** `undefined` where nothing is mapped. */
  regionOf(page: number): Region | undefined {
    return this.stretch(page).region;
  }

  /** The page's region, and the first page after it that may be of another. */
  stretch(page: number): { readonly region: Region | undefined; readonly end: number } {
    const found = this.mappings[rangeAt(this.mappings, page)];
    if (found === undefined) return { region: undefined, end: Number.POSITIVE_INFINITY };
    if (found.first > page) return { region: undefined, end: found.first };
    return { region: found.region, end: found.end };
  }
}

function mappingOf(lines: TextLines): Mapping {
  const text = lines.looseText();
  const parts =
    /^([0-9a-f]{1,16})-([0-9a-f]{1,16}) ([r-][w-][x-][ps]) [0-9a-f]+ \S+ \d+ *(.*)$/.exec(text);
  if (parts?.[4] === '[rollup]') {
    lines.fail(1, 'smaps_rollup has one mapping for all', 'expected /proc/PID/maps, or smaps');
  }
  if (parts === null) {
    lines.fail(1, `${quoted(text)} is no mapping`, expected('a line of /proc/PID/maps'));
  }
  const [, from, to, rights, name] = parts!;
  // Divided before it is a number: the kernel's page above the user's half is beyond 2^53.
  const first = pageOf(from!);
  const end = pageOf(to!);
  if (end <= first) lines.fail(1, 'the mapping is empty', expected('an end after its start'));
  return { first, end, region: regionOfMapping(rights![2] === 'x', name!) };
}

function pageOf(address: string): number {
  return Number(BigInt(`0x${address}`) / BigInt(page_bytes));
}

/** As the recorder names regions: parts of a program or shared object need not be executable. */
function regionOfMapping(executable: boolean, name: string): Region {
  if (name === '[heap]') return 'heap';
  if (name.startsWith('[stack')) return 'stack';
  if (of_kernel.test(name)) return 'library';
  if (!isFileOnDisk(name)) return 'anonymous';
  return executable || shared_object.test(name) ? 'library' : 'file';
}

/** Code and data that every kernel maps into its processes. */
const of_kernel = /^\[(vdso|vvar|vvar_vclock|vsyscall|uprobes|sigpage|vectors)\]$/;
const shared_object = /\.so(\.|$)/;
