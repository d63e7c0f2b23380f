/**
 * Memory samples as `perf script` prints them after `perf mem record`, or after `perf record -d` of page faults:
 *
 *     python3 4711/4711 [002] 3678.072400:  1000 cpu/mem-loads,ldlat=30/P: 7f3a2b001040 10668100842 |OP LOAD|LVL L3 hit|… 55d0c8 f (/bin/p)
 *     comm    pid/tid   [cpu] time:         period event:                  addr         data_src                          ip
 *
 * from `-F comm,pid,tid,cpu,time,period,event,addr,data_src,ip`, of which comm, tid, cpu, period, data_src
 * and all after may be left out. A sample stands for as many accesses as its period says.
 */

import type { TextLines } from '../../input/text-lines.ts';
import { number_limit } from '../../workload/cxltrace/format.ts';
import { attached_notes, type Sighting, SightingReader, TwoReadings } from './attached.ts';
import {
  type Imported,
  type ImportOptions,
  metadataOf,
  regionNotes,
  type TraceImporter,
} from './importer.ts';
import { accessOf, isMissed, nameOf } from './perf-access.ts';
import { fields, PerfLine, sample_line } from './perf-line.ts';
import { SpeRecords } from './perf-spe.ts';

/** Addresses from here on are the kernel's. */
const user_end_page = 2 ** 44;
/** The number of a process that had ended when its sample was taken. */
const of_nobody = '-1';

export const perfScript: TraceImporter = {
  describe: 'perf script after perf mem record: samples with time, event and address',
  options: ['maps', 'pid', 'spans', 'whole', 'llc_mb'],
  recognises: (head) => sample_line.test(head),
  import(source, options): Imported {
    const readings = new TwoReadings(source, (lines) => new SampleReader(lines, options));
    readings.first();
    const { writes } = readings.current;
    return {
      metadata: metadataOf(options, {
        recorder: 'perf mem',
        gap_unit: 'ns',
        completeness: 'sampled',
        llc_bytes: typeof options.llc_mb === 'number' ? options.llc_mb * 2 ** 20 : null,
        ...(!writes && { writes: 'unknown' }),
      }),
      events: readings.events(options),
      notes: () => [...readings.current.notes(), ...attached_notes, ...regionNotes(options)],
    };
  },
};

class SampleReader extends SightingReader {
  private readonly options: ImportOptions;
  private readonly line: PerfLine;
  private readonly records = new SpeRecords();
  /** Process, or thread where only that is told. */
  private who: string | undefined;
  private is_thread = false;
  private samples = 0;
  private stores = 0;
  private untold = 0;
  private unweighted = 0;
  private of_kernel = 0;
  private of_guests = 0;
  private of_others = 0;
  private no_access = 0;
  private without_source = 0;
  private readonly others = new Set<string>();
  /** Events that sampled each kind of access. */
  private readonly events = new Map<string, Set<string>>();

  constructor(lines: TextLines, options: ImportOptions) {
    super(lines);
    this.options = options;
    this.line = new PerfLine((what, right) => this.fail(what, right));
    if (options.pid !== undefined && !/^\d{1,10}$/.test(options.pid)) {
      this.fail(`--pid is ${options.pid}`, 'expected the number of a process');
    }
  }

  /** Whether stores were sampled, and no sample leaves open what it was. */
  get writes(): boolean {
    return this.stores > 0 && this.untold === 0;
  }

  *sightings(): Generator<Sighting, void, void> {
    const { lines, line } = this;
    while (lines.next()) {
      if (!line.read(lines.looseText())) continue;
      const sighting = this.sample();
      if (sighting !== undefined) yield sighting;
    }
    lines.checkEnd();
    if (this.samples > 0) return;
    const { pid } = this.options;
    const others = [...this.others].slice(0, 6).join(', ');
    this.fail(
      `no sample of an access in user memory${pid === undefined ? '' : ` by process ${pid}`}`,
      pid !== undefined && others !== ''
        ? `expected --pid ${others}`
        : 'expected perf mem record -- PROGRAM, then perf script (of ARM SPE: perf script --itrace=M)',
    );
  }

  notes(): string[] {
    const told = (count: number, what: string) => (count > 0 ? [`${count} samples ${what}`] : []);
    const misses = typeof this.options.llc_mb === 'number';
    return [
      `${this.samples} samples of ${this.is_thread ? 'process or thread' : 'process'} ${this.who}: pages that no sample hit are missing`,
      ...(this.is_thread
        ? [
            'one number before the time may be a thread’s, as it is in the fields that perf prints unless ' +
              `told otherwise: perf script -F ${fields} tells both`,
          ]
        : []),
      ...told(this.unweighted, 'tell no period: each counts as one access'),
      ...told(this.of_kernel, 'without an address, or of the kernel, left out'),
      ...told(this.of_guests, 'of virtual machines, whose addresses are not its own, left out'),
      ...told(this.of_others, 'of other processes left out'),
      ...told(this.no_access, 'of other events, which are no access to memory, left out'),
      ...this.severalEvents(),
      ...told(this.records.again, 'are further events of one record of ARM SPE: it counts once'),
      ...this.line.notes(),
      ...(this.writes ? [] : [this.unknownWrites()]),
      ...(misses
        ? told(
            this.without_source,
            'do not tell whether the last-level cache had it (data_src): their misses are not known and count as none',
          )
        : [
            "misses are left out: --llc-mb, the machine's last-level cache, takes them from data_src",
          ]),
    ];
  }

  private severalEvents(): string[] {
    const those = [...this.events.values()]
      .map((names) => [...names].filter((name) => !SpeRecords.has(name)))
      .filter((names) => names.length > 1);
    return those.map(
      (names) => `one access may count for each of the events ${names.sort().join(' and ')}`,
    );
  }

  private unknownWrites(): string {
    return this.untold > 0
      ? `${this.untold} samples do not tell whether they read or wrote: they count as loads, and writes are unknown`
      : 'no store was sampled, so writes are unknown (perf mem record samples both, if the machine can)';
  }

  private sample(): Sighting | undefined {
    const { line } = this;
    const access = accessOf(line.event, line.text);
    if (access === 'none') {
      this.no_access += 1;
      return undefined;
    }
    const address = line.address();
    if (access === 'store' || access === 'both') this.stores += 1;
    if (line.is_of_guest) {
      this.of_guests += 1;
      return undefined;
    }
    const page = Number(address / 4096n);
    const is_of_user = page !== 0 && page < Math.min(user_end_page, number_limit);
    // What runs only in the kernel, as idle processors do, leaves open which process is meant.
    if (is_of_user && !this.isMeant()) return undefined;
    this.arrive(line.time_ns);
    if (!is_of_user) {
      this.of_kernel += 1;
      return undefined;
    }
    if (this.records.isAgain(line)) return undefined;
    this.samples += 1;
    const events = this.events.get(access) ?? new Set();
    // Both kinds of cores have the same event, perhaps with another least latency.
    this.events.set(access, events.add(nameOf(line.event).split(',', 1)[0]!));
    const { period } = line;
    if (access === 'unknown') this.untold += 1;
    if (period === undefined) this.unweighted += 1;
    if (period === 0) this.fail('a period of 0', 'expected 1 or more');
    const missed = isMissed(line.text);
    if (missed === undefined) this.without_source += 1;
    const weight = period ?? 1;
    const known = missed === true && typeof this.options.llc_mb === 'number';
    return {
      time_ns: line.time_ns,
      first: page,
      end: page + 1,
      counts: countsOf(access, weight, known ? weight : 0),
    };
  }

  /** Whether the sample is of the process that counts. */
  private isMeant(): boolean {
    const { line, options } = this;
    const { who } = line;
    if (options.pid !== undefined && who !== options.pid) {
      this.of_others += 1;
      this.others.add(who);
      return false;
    }
    if (who === of_nobody) {
      this.of_others += 1;
      return false;
    }
    this.who ??= who;
    this.is_thread ||= !line.is_process;
    if (who === this.who) return true;
    if (!line.is_process) {
      return this.fail(
        `a sample of ${who} after one of ${this.who}: one number before the time is a thread's, unless -F asked for pid alone`,
        `expected perf script -F ${fields}`,
      );
    }
    return this.fail(
      `a sample of process ${who} after one of ${this.who}`,
      'expected --pid with the one that is meant',
    );
  }
}

function countsOf(
  access: ReturnType<typeof accessOf>,
  weight: number,
  misses: number,
): Sighting['counts'] {
  switch (access) {
    case 'store':
      return [0, weight, 0, 0, misses, 0];
    case 'both':
      return [weight, weight, 0, misses, 0, 0];
    case 'fetch':
      return [0, 0, weight, 0, 0, misses];
    default:
      return [weight, 0, 0, misses, 0, 0];
  }
}
