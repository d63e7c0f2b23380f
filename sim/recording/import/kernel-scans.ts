/**
 * Scans of accessed and dirty bits by the kernel module: `rforkctl --json scan --pages`, one after the
 * other in one file.
 *
 *     1st scan    of the checkpoint, or of the parent before: every page it holds, and a warm-up invocation
 *                 that reads what is marked A and writes what is marked D
 *     2nd, 3rd …  of a child after one more invocation each, whose bits were cleared before it
 *
 * Bits tell that a page was touched, not how often, in which order or when: runs stand in the order of
 * addresses and time does not pass.
 */

import { Column } from '../../workload/column.ts';
import { page_limit, type Region, type TraceEvent } from '../../workload/cxltrace/format.ts';
import { type Imported, metadataOf, regionNotes, type TraceImporter } from './importer.ts';
import { ScanReader } from './scan-reader.ts';

const page_bytes = 4096;
const new_page = 2 ** 32 - 1;

/** `struct rfork_page` of the module's interface, kernel-module/include/uapi/rfork.h. */
const scan_flags = {
  accessed: 1,
  dirty: 2,
  hot: 4,
  huge: 8,
  local: 16,
  accessed_live: 32,
} as const;
const known_flags = Object.values(scan_flags).reduce<number>((all, each) => all | each, 0);

/** A page of a scan: its address in bytes, and `scan_flags`. */
export interface ScannedPage {
  readonly address: number;
  readonly flags: number;
}

const read = [1, 0, 0, 0, 0, 0] as const;
const written = [0, 1, 0, 0, 0, 0] as const;
const read_and_written = [1, 1, 0, 0, 0, 0] as const;

/**
 * The events of a sequence of scans. Each scan is in rising addresses; what one no longer holds was
 * given back before its invocation, and what it newly holds was mapped in it.
 */
export function* importScans(
  scans: Iterable<Iterable<ScannedPage>>,
  regionOf: (page: number) => Region = () => 'anonymous',
): Generator<TraceEvent, void, void> {
  let before = new Pages();
  let declared = 0;
  let first = true;
  for (const scan of scans) {
    const now = new Pages();
    let at = 0;
    for (const { address, flags } of scan) {
      const number = address / page_bytes;
      while (at < before.length && before.number.values[at]! < number) {
        yield { kind: 'unmap', first: before.number.values[at]!, pages: 1 };
        at += 1;
      }
      const known = at < before.length && before.number.values[at]! === number;
      now.push(number, known ? before.index.values[at]! : new_page, flags);
      if (known) at += 1;
      if (now.length > page_limit) throw new RangeError(`more than ${page_limit} pages`);
    }
    for (; at < before.length; at += 1) {
      yield { kind: 'unmap', first: before.number.values[at]!, pages: 1 };
    }
    // What the parent held is there before the first invocation.
    if (!first) yield { kind: 'begin', gap: 0 };
    for (let i = 0; i < now.length; i += 1) {
      if (now.index.values[i]! !== new_page) continue;
      const number = now.number.values[i]!;
      yield { kind: 'page', number, region: regionOf(number) };
      now.index.values[i] = declared;
      declared += 1;
    }
    if (first) yield { kind: 'begin', gap: 0 };
    for (let i = 0; i < now.length; i += 1) {
      const flags = now.flags.values[i]!;
      const accessed = (flags & (scan_flags.accessed | scan_flags.accessed_live)) !== 0;
      const dirty = (flags & scan_flags.dirty) !== 0;
      if (!accessed && !dirty) continue;
      const counts = dirty ? (accessed ? read_and_written : written) : read;
      yield { kind: 'run', gap: 0, page: now.index.values[i]!, counts };
    }
    yield { kind: 'end', gap: 0 };
    before = now;
    first = false;
  }
}

/** The pages of one scan, in columns: a process may have millions. */
class Pages {
  readonly number = new Column(Float64Array);
  readonly index = new Column(Uint32Array);
  readonly flags = new Column(Uint8Array);

  get length(): number {
    return this.number.length;
  }

  push(number: number, index: number, flags: number): void {
    this.number.push(number);
    this.index.push(index);
    this.flags.push(flags);
  }
}

export const kernelScans: TraceImporter = {
  describe: "the kernel module's A and D bits: rforkctl --json scan --pages, once or several times",
  options: ['maps'],
  recognises: (head) => /^\s*\[\s*(\]|\{\s*"address"\s*:)/.test(head),
  import(source, options): Imported {
    const reader = new ScanReader(source.open(), source.shown);
    let scans = 0;
    function* listed(): Generator<Iterable<ScannedPage>, void, void> {
      while (reader.list()) {
        scans += 1;
        yield pagesOf(reader, scans);
      }
      if (scans === 0) reader.fail('no scan');
    }
    return {
      metadata: metadataOf(options, {
        recorder: 'rforkctl scan',
        gap_unit: 'ns',
        completeness: 'scanned',
      }),
      events: importScans(listed(), (page) => options.maps?.regionOf(page) ?? 'anonymous'),
      notes: () => [
        `${scans} ${scans === 1 ? 'scan' : 'scans'}: the first is the parent with a warm-up invocation, each other one invocation`,
        'bits tell that pages were touched, not how often or in which order; neither time nor misses are known',
        ...regionNotes(options),
      ],
    };
  },
};

function* pagesOf(reader: ScanReader, scan: number): Generator<ScannedPage, void, void> {
  let pages = 0;
  while (reader.page()) {
    const { address, flags } = reader;
    if ((flags & ~known_flags) !== 0 || flags > known_flags) {
      reader.fail(`flags is ${flags}`, `expected 0 to ${known_flags}, the sum of known ones`);
    }
    if (scan > 1 && (flags & scan_flags.accessed_live) !== 0) {
      reader.fail(
        'a page that was accessed through its checkpoint, in a scan after the first',
        'expected scans of a process (--pid) after the first',
      );
    }
    pages += 1;
    if (pages > page_limit) reader.fail(`more than ${page_limit} pages`, 'expected fewer');
    yield { address, flags };
  }
  if (pages === 0) {
    reader.fail('a scan of no page', 'expected pages: a process that has ended has none to scan');
  }
}
