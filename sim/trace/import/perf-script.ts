/**
 * Memory samples as `perf script` prints them after `perf mem record`:
 *
 *     python3 4711/4711 [002] 3678.072400:  1000 cpu/mem-loads,ldlat=30/P: 7f3a2b001040 10668100842 |OP LOAD|LVL L3 hit|… 55d0c8 f (/bin/p)
 *     comm    pid[/tid] [cpu] time:         period event:                  addr         data_src                          ip
 *
 * from `-F comm,pid,tid,cpu,time,period,event,addr,data_src,ip`, of which comm, cpu, period, data_src and
 * all after may be left out. A sample stands for as many accesses as its period says.
 */

import { number_limit } from '../../workload/cxltrace/format.ts';
import { quoted, type TextLines } from '../../workload/text-lines.ts';
import { attached_notes, type Sighting, SightingReader, TwoReadings } from './attached.ts';
import {
  type Imported,
  type ImportOptions,
  metadataOf,
  regionNotes,
  type TraceImporter,
} from './importer.ts';

const time_word = /^(\d{1,9})\.(\d{6}|\d{9}):$/;
/** Addresses from here on are the kernel's. */
const user_end_page = 2 ** 44;

export const perfScript: TraceImporter = {
  describe: 'perf script after perf mem record: samples with time, event and address',
  options: ['maps', 'pid', 'spans', 'whole', 'llc_mb'],
  recognises: (head) =>
    /^.*\s\d{1,9}\.\d{6,9}:.*\b(mem[-_]|MEM_|\|OP (LOAD|STORE))/m.test(head.slice(0, 4096)),
  import(source, options): Imported {
    const readings = new TwoReadings(source, (lines) => new SampleReader(lines, options));
    return {
      metadata: metadataOf(options, {
        recorder: 'perf mem',
        gap_unit: 'ns',
        completeness: 'sampled',
        llc_bytes: typeof options.llc_mb === 'number' ? options.llc_mb * 2 ** 20 : null,
      }),
      events: readings.events(options),
      notes: () => [...readings.current.notes(), ...attached_notes, ...regionNotes(options)],
    };
  },
};

class SampleReader extends SightingReader {
  private readonly options: ImportOptions;
  private pid: number | undefined;
  private samples = 0;
  private unweighted = 0;
  private of_kernel = 0;
  private of_others = 0;
  private without_source = 0;
  private first: { readonly s: number; readonly ns: number } | undefined;

  constructor(lines: TextLines, options: ImportOptions) {
    super(lines);
    this.options = options;
    this.pid = options.pid;
  }

  *sightings(): Generator<Sighting, void, void> {
    const { lines } = this;
    while (lines.next()) {
      const text = lines.text();
      if (text.trim() === '' || text.startsWith('#')) continue;
      const sighting = this.sample(text);
      if (sighting !== undefined) yield sighting;
    }
    lines.checkEnd();
    if (this.samples === 0) {
      this.fail(
        'no sample of the process in user memory',
        'perf mem record -- PROGRAM, then perf script',
      );
    }
  }

  notes(): string[] {
    const told = (count: number, what: string) => (count > 0 ? [`${count} samples ${what}`] : []);
    return [
      `${this.samples} samples of process ${this.pid}: pages that no sample hit are missing`,
      ...told(this.unweighted, 'tell no period: each counts as one access'),
      ...told(this.of_kernel, 'without an address, or of the kernel, left out'),
      ...told(this.of_others, 'of other processes left out'),
      ...told(
        this.without_source,
        'tell no data_src: their misses are not known and count as none',
      ),
      ...(typeof this.options.llc_mb !== 'number'
        ? [
            "misses are left out: --llc-mb, the machine's last-level cache, takes them from data_src",
          ]
        : []),
    ];
  }

  private sample(text: string): Sighting | undefined {
    const words = text.trim().split(/\s+/);
    const at = words.findIndex((word) => time_word.test(word));
    // Callers of the sampled instruction stand below it, indented.
    if (at === -1 && this.samples > 0 && /^\s+[0-9a-f]+ /.test(text)) return undefined;
    if (at === -1) {
      this.fail(`no time in ${quoted(text.trim())}`, 'perf script -F +time,addr would be right');
    }
    const time_ns = this.time(words[at]!);
    const pid = this.process(words.slice(0, at));
    let next = at + 1;
    const period = /^\d{1,15}$/.test(words[next] ?? '') ? Number(words[next]) : undefined;
    if (period !== undefined) next += 1;
    const event = words[next] ?? '';
    if (!/[^\s:]:$/.test(event)) {
      this.fail(`no event in ${quoted(text.trim())}`, 'perf script -F +event,addr would be right');
    }
    const address = words[next + 1] ?? '';
    if (!/^[0-9a-f]{1,16}$/.test(address) || address.startsWith('|')) {
      this.fail(`no address after ${quoted(event)}`, 'perf script -F +addr would be right');
    }
    if (this.options.pid !== undefined && pid !== this.options.pid) {
      this.of_others += 1;
      return undefined;
    }
    this.pid ??= pid;
    if (pid !== this.pid) {
      this.fail(
        `a sample of process ${pid} after one of ${this.pid}`,
        '--pid with the one that is meant would be right',
      );
    }
    const page = Number(BigInt(`0x${address}`) / 4096n);
    if (page === 0 || page >= Math.min(user_end_page, number_limit)) {
      this.of_kernel += 1;
      return undefined;
    }
    this.arrive(time_ns);
    this.samples += 1;
    if (period === undefined) this.unweighted += 1;
    if (period === 0) this.fail('a period of 0', '1 or more would be right');
    return { time_ns, first: page, end: page + 1, counts: this.counts(event, text, period ?? 1) };
  }

  private counts(event: string, text: string, weight: number): Sighting['counts'] {
    const operation = /\|OP ([A-Z/]+)/.exec(text)?.[1];
    const stores = operation === undefined ? /store/i.test(event) : operation.startsWith('STORE');
    const level = /\|LVL ([^|]*)/.exec(text)?.[1];
    if (level === undefined) this.without_source += 1;
    const known = typeof this.options.llc_mb === 'number';
    // Served by memory or by another socket; "N/A" and caches are no misses.
    const missed = known && level !== undefined && /RAM|Remote|L3 miss|PMEM|CXL/i.test(level);
    const misses = missed ? weight : 0;
    return stores ? [0, weight, 0, 0, misses, 0] : [weight, 0, 0, misses, 0, 0];
  }

  /** The process of the words before the time: `comm pid`, `comm pid/tid` or `comm pid tid`. */
  private process(words: readonly string[]): number {
    const rest = /^\[\d+\]$/.test(words.at(-1) ?? '') ? words.slice(0, -1) : words;
    const [, pid] = /^(\d{1,10})(?:\/\d{1,10})?$/.exec(rest.at(-1) ?? '') ?? [];
    if (pid === undefined) {
      this.fail('no process before the time', 'perf script -F +pid would be right');
    }
    return Number(pid);
  }

  private time(word: string): number {
    const [, s, fraction] = time_word.exec(word) as unknown as [string, string, string];
    const ns = Number(fraction.padEnd(9, '0'));
    this.first ??= { s: Number(s), ns };
    return (Number(s) - this.first.s) * 1e9 + ns - this.first.ns;
  }
}
