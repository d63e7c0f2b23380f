/** A process's mappings and pages, from what /proc and the module's scan say of it. */

import { marked_accessed, marked_dirty, marked_hot } from '../../memory/layout.ts';
import { page_bytes } from '../../units.ts';
import type { Recording } from '../../workload/live-function.ts';
import type { Node } from './node.ts';
import { check, type ScannedPage, scanned } from './rforkctl.ts';

export interface Mapping {
  /** Page numbers `[first, end)`. */
  readonly first: number;
  readonly end: number;
  readonly writable: boolean;
  readonly shared: boolean;
  /** Path or name in brackets; empty for anonymous memory. */
  readonly name: string;
}

/** /proc/PID/maps, without the page above the user's half. */
export function parseMappings(text: string): Mapping[] {
  const lines = text.matchAll(/^([0-9a-f]+)-([0-9a-f]+) (\S{4}) \S+ \S+ \S+ *(.*)$/gm);
  return [...lines].flatMap(([, first, end, rights, name]) => {
    if (name === '[vsyscall]') return [];
    return {
      first: Number.parseInt(first!, 16) / page_bytes,
      end: Number.parseInt(end!, 16) / page_bytes,
      writable: rights![1] === 'w',
      shared: rights![3] === 's',
      name: name!,
    };
  });
}

export async function mappingsOf(node: Node, pid: number): Promise<Mapping[]> {
  return parseMappings(await check(node, `cat /proc/${pid}/maps`));
}

/** One read of /proc/PID/pagemap: entries of 8 bytes for this many pages. */
const chunk_pages = 4096;

/** /proc/PID/pagemap by page number, for the pages of the mappings. */
export async function pagemapOf(
  node: Node,
  pid: number,
  mappings: readonly Mapping[],
): Promise<(page: number) => PagemapEntry> {
  const chunks = new Set<number>();
  let pages = 0;
  for (const { first, end } of mappings) {
    for (let chunk = Math.floor(first / chunk_pages); chunk * chunk_pages < end; chunk += 1) {
      chunks.add(chunk);
    }
    pages = (chunks.size - 1) * chunk_pages + ((end - 1) % chunk_pages) + 1;
  }
  const read = `dd if=/proc/${pid}/pagemap bs=${8 * chunk_pages} count=1 skip=$c 2>/dev/null`;
  const command = `for c in ${[...chunks].join(' ')}; do ${read}; done`;
  const { stdoutBytes } = await node.exec(command);
  // The last chunk ends where addresses do: with page tables of four levels, a page before the chunk would.
  if (stdoutBytes.length < 8 * pages || stdoutBytes.length > 8 * chunks.size * chunk_pages) {
    throw new Error(`${node.node}: /proc/${pid}/pagemap gave ${stdoutBytes.length} bytes`);
  }
  const index_of = new Map([...chunks].map((chunk, index) => [chunk, index]));
  return (page) => {
    const index = index_of.get(Math.floor(page / chunk_pages));
    const at = index === undefined ? undefined : 8 * (index * chunk_pages + (page % chunk_pages));
    if (at === undefined || at >= stdoutBytes.length)
      return { present: false, file: false, exclusive: false, written: false, frame: 0 };
    const high = stdoutBytes.readUInt32LE(at + 4);
    return {
      present: (high & 0x8000_0000) !== 0,
      file: (high & 0x2000_0000) !== 0,
      written: (high & 0x0080_0000) !== 0,
      frame: stdoutBytes.readUInt32LE(at) + (high & 0x7f_ffff) * 2 ** 32,
      exclusive: (high & 0x0100_0000) !== 0,
    };
  };
}

export interface PagemapEntry {
  readonly present: boolean;
  /** A page of a file or of shared memory. */
  readonly file: boolean;
  /** Mapped by this process alone. */
  readonly exclusive: boolean;
  /** Written since this was last cleared through /proc/PID/clear_refs. */
  readonly written: boolean;
  /** Physical page number; 0 where only root may know. */
  readonly frame: number;
}

/** Pages in their kinds of memory, as a recording has them. */
export function describePages(
  pages: readonly ScannedPage[],
  mappings: readonly Mapping[],
  pagemap: (page: number) => PagemapEntry,
): Pick<Recording, 'regions' | 'pages' | 'mapping_ends'> {
  const regions: Recording['regions'][number][] = [];
  const runs: [number, number, number, number][] = [];
  let at = 0;
  for (const { address, flags } of pages) {
    const page = address / page_bytes;
    while (at < mappings.length && mappings[at]!.end <= page) at += 1;
    const mapping = mappings[at];
    if (mapping === undefined || page < mapping.first) {
      throw new Error(`the page at 0x${address.toString(16)} lies in no mapping of the process`);
    }
    const region = regionOf(mapping, pagemap(page).file);
    let index = regions.findIndex((known) => sameRegion(known, region));
    if (index === -1) index = regions.push(region) - 1;
    const marks =
      (flags & scanned.accessed ? marked_accessed : 0) |
      (flags & scanned.dirty ? marked_dirty : 0) |
      (flags & scanned.hot ? marked_hot : 0);
    const last = runs.at(-1);
    if (last && last[0] + last[1] === page && last[2] === index && last[3] === marks) last[1] += 1;
    else runs.push([page, 1, index, marks]);
  }
  return { regions, pages: runs, mapping_ends: mappings.map(({ end }) => end) };
}

type Region = Recording['regions'][number];

/** A written page of a private file mapping is memory of the process alone. */
function regionOf({ name, writable }: Mapping, file: boolean): Region {
  if (name === '[heap]') return { name: 'heap', kind: 'anonymous', writable };
  if (name.startsWith('[stack')) return { name: 'stack', kind: 'anonymous', writable };
  if (!name.startsWith('/')) return { name: 'other', kind: 'anonymous', writable };
  return file
    ? { name: 'library', kind: 'file', writable }
    : { name: 'data', kind: 'anonymous', writable };
}

function sameRegion(a: Region, b: Region): boolean {
  return a.name === b.name && a.kind === b.kind && a.writable === b.writable;
}

/**
 * Local memory of a process, in pages: anonymous pages, and page-table leaves. `held` are pages that it has or
 * had: where no mapping is left around one, the tables above it are gone, too.
 */
export async function localPages(
  node: Node,
  pid: number,
  held: Iterable<number>,
): Promise<{ anonymous: number; file: number; leaves: number }> {
  const status = await check(node, `cat /proc/${pid}/status`);
  const kib = (name: string) =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? Number.NaN);
  // VmPTE counts tables of all levels; those above the leaves follow from what is mapped.
  const pages = [...held];
  const mappings = await mappingsOf(node, pid);
  const middle = tablesOver(pages, mappings, pages_per_middle_table);
  const upper = tablesOver(pages, mappings, pages_per_upper_table);
  return {
    anonymous: kib('RssAnon') / 4,
    file: (kib('RssFile') + kib('RssShmem')) / 4,
    leaves: kib('VmPTE') / 4 - middle - upper,
  };
}

/**
 * Local pages of a restored process that are no file's, from its page table: `RssAnon` is late by what each processor
 * or thread has not told yet, up to 64 pages and more.
 */
export async function anonymousPages(
  node: Node,
  pid: number,
  pages: readonly ScannedPage[],
): Promise<number> {
  const pagemap = await pagemapOf(node, pid, await mappingsOf(node, pid));
  return pages.filter(
    ({ address, flags }) => flags & scanned.local && !pagemap(address / page_bytes).file,
  ).length;
}

const pages_per_middle_table = 2 ** 18;
const pages_per_upper_table = 2 ** 27;

/** Tables of so many pages each that hold one of the pages, and in whose range a mapping is left. */
export function tablesOver(
  pages: readonly number[],
  mappings: readonly Pick<Mapping, 'first' | 'end'>[],
  pages_each: number,
): number {
  const tables = new Set(pages.map((page) => Math.floor(page / pages_each)));
  const isMapped = (table: number) =>
    mappings.some(({ first, end }) => first < (table + 1) * pages_each && end > table * pages_each);
  return [...tables].filter(isMapped).length;
}

/** Pages that are mapped, and what /proc says of each. */
export async function residentPages(node: Node, pid: number) {
  const mappings = await mappingsOf(node, pid);
  const pagemap = await pagemapOf(node, pid, mappings);
  const resident: number[] = [];
  for (const { first, end } of mappings) {
    for (let page = first; page < end; page += 1) if (pagemap(page).present) resident.push(page);
  }
  return { resident, pagemap };
}

/** Faults that read nothing from a disk, since the process began. */
export async function minorFaults(node: Node, pid: number): Promise<number> {
  const stat = await check(node, `cat /proc/${pid}/stat`);
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[7]);
}

/** Mapped pages by the NUMA node that they lie on, from /proc/PID/numa_maps. */
export function pagesByNode(text: string): Map<number, number> {
  const pages = new Map<number, number>();
  for (const [, node, count] of text.matchAll(/ N(\d+)=(\d+)/g)) {
    pages.set(Number(node), (pages.get(Number(node)) ?? 0) + Number(count));
  }
  return pages;
}
