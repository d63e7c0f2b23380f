/** A memory as traffic sees it: latency, bandwidth, and whoever else is using it. */

import type { Activity } from '../engine/activity.ts';
import type { Simulation } from '../engine/simulation.ts';
import { page_bytes, transferTime_ns } from '../units.ts';
import { type CoreCopy, coreCopyTime_ns } from './core-copy.ts';
import { LoadedLatency } from './load-curve.ts';
import { lossless_gb_per_s, MixedTraffic } from './mixed-traffic.ts';
import type { MemorySettings } from './settings.ts';
import type { Accounts, Direction, Moved } from './traffic.ts';

/**
 * Requests served one at a time, as they come. Nobody who comes later changes when an earlier one is
 * served, so each is told at once and waits a single time, which a queue of signals would cost five times.
 */
class Lane {
  #free_ns = 0;
  /** Asked for since it last stood idle, and so mixed on the device. */
  #mixed: Record<Direction, number> = { read: 0, write: 0 };

  /** Share of reads in what is under way together with these bytes. */
  mix(now_ns: number, bytes: number, direction: Direction): number {
    if (this.#free_ns <= now_ns) this.#mixed = { read: 0, write: 0 };
    this.#mixed[direction] += bytes;
    const { read, write } = this.#mixed;
    return read + write === 0 ? 1 : read / (read + write);
  }

  /** How long whoever comes now waits for those before. */
  backlog_ns(now_ns: number): number {
    return Math.max(0, this.#free_ns - now_ns);
  }

  /** When a request is served that comes now; those before it go first. */
  serve(now_ns: number, service_ns: number): number {
    this.#free_ns = Math.max(this.#free_ns, now_ns) + service_ns;
    return this.#free_ns;
  }
}

export class MemoryDevice {
  readonly settings: MemorySettings;
  private readonly simulation: Simulation;
  private readonly loaded: LoadedLatency;
  private readonly mixed: MixedTraffic;
  /** The same lane twice where reads and writes take turns. */
  private readonly lanes: Readonly<Record<Direction, Lane>>;
  private readonly moved_bytes: Record<Direction, number> = { read: 0, write: 0 };
  private readonly core: CoreCopy | undefined;
  /** What a core takes for a page: many thousands are asked for. */
  private readonly page_ns: Readonly<Record<Direction, number>>;

  /** `core` is who copies; without one, as on an engine of its own, the device alone says how long it takes. */
  constructor(simulation: Simulation, settings: MemorySettings, core?: CoreCopy) {
    for (const key of ['read_gb_per_s', 'write_gb_per_s'] as const) {
      if (!(settings[key] > 0)) {
        throw new RangeError(`${key} is ${settings[key]}; expected a number above 0`);
      }
    }
    if (!(settings.latency_ns >= 0 && settings.latency_ns < Number.POSITIVE_INFINITY)) {
      throw new RangeError(`latency_ns is ${settings.latency_ns}; expected 0 or more`);
    }
    this.simulation = simulation;
    this.settings = settings;
    this.loaded = new LoadedLatency(settings.load_curves);
    this.mixed = new MixedTraffic(settings);
    const read = new Lane();
    this.lanes = { read, write: settings.duplex === 'half' ? read : new Lane() };
    this.core = core;
    this.page_ns = {
      read: this.core_ns(page_bytes, 'read'),
      write: this.core_ns(page_bytes, 'write'),
    };
  }

  /** Bytes read from the device so far, transfers and single lines alike. */
  get read_bytes(): number {
    return this.moved_bytes.read;
  }

  /** Bytes written to the device so far. */
  get write_bytes(): number {
    return this.moved_bytes.write;
  }

  /**
   * One core moves bytes in one go: waits its turn, occupies the device for bytes / bandwidth, and ends one
   * latency later, or when the core can have copied them, if that is later. Latencies overlap, so transfers that queue
   * follow each other without gaps.
   * Loaded latency does not enter here: what it stands for, waiting for others, happens in the queue.
   * What was asked for is moved, even if who asked is stopped before it comes.
   */
  *transfer(bytes: number, direction: Direction, accounts: Accounts): Activity {
    const { now_ns } = this.simulation;
    const lane = this.lanes[direction];
    const alone_ns = this.service_ns(bytes, direction);
    const served_ns = lane.serve(
      now_ns,
      this.mixed.lossless
        ? alone_ns
        : Math.ceil(alone_ns / this.mixed.efficiency(lane.mix(now_ns, bytes, direction))),
    );
    const core_ns = bytes === page_bytes ? this.page_ns[direction] : this.core_ns(bytes, direction);
    const wait_ns = Math.max(served_ns - now_ns + Math.ceil(this.settings.latency_ns), core_ns);
    this.count(bytes, direction, accounts);
    if (!this.simulation.pass(wait_ns)) yield wait_ns;
  }

  /**
   * Somebody moves bytes from now on in the midst of other work, `lone_ns` in all where nobody else uses the device, and is told
   * how long that takes: its turn is waited for once, and while it works, the device is occupied for the bytes.
   */
  amid_ns(lone_ns: number, { read_bytes, write_bytes }: Moved): number {
    const { now_ns } = this.simulation;
    const { read, write } = this.lanes;
    // Both before either is served: where reads and writes take turns, they are one lane, and no queue for each other.
    const reading_ns = read_bytes > 0 ? read.backlog_ns(now_ns) : 0;
    const writing_ns = write_bytes > 0 ? write.backlog_ns(now_ns) : 0;
    if (read_bytes > 0) {
      read.serve(now_ns, this.service_ns(read_bytes, 'read'));
      this.moved_bytes.read += read_bytes;
    }
    if (write_bytes > 0) {
      write.serve(now_ns, this.service_ns(write_bytes, 'write'));
      this.moved_bytes.write += write_bytes;
    }
    return lone_ns + Math.max(reading_ns, writing_ns);
  }

  /** Time a lone transfer takes. */
  transfer_ns(bytes: number, direction: Direction): number {
    const device_ns = this.service_ns(bytes, direction) + Math.ceil(this.settings.latency_ns);
    return Math.max(device_ns, this.core_ns(bytes, direction));
  }

  /** What each page of a long stream adds to a lone transfer. */
  get streamed_page_ns(): number {
    const many = 2 ** 20;
    return this.transfer_ns(many * page_bytes, 'read') / many;
  }

  /** Counts bytes that flowed, for the device and for whoever moved them. */
  count(bytes: number, direction: Direction, accounts: Accounts): void {
    this.moved_bytes[direction] += bytes;
    for (const account of accounts) account.add(bytes, direction);
  }

  /** What one load takes at a utilisation, 0 to 1, and share of reads; exactly the unloaded latency when idle. */
  latency_at_ns(utilisation: number, read_share: number): number {
    return this.settings.latency_ns * this.loaded.stretch(utilisation, read_share);
  }

  /** Share of the bandwidth that so many bytes take in a time, at their mix of reads and writes, 0 to 1. */
  utilisationOf(bytes: Readonly<Record<Direction, number>>, elapsed_ns: number): number {
    const moved = bytes.read + bytes.write;
    if (elapsed_ns <= 0 || moved === 0) return 0;
    const read_share = bytes.read / moved;
    const most = lossless_gb_per_s(read_share, this.settings) * this.mixed.efficiency(read_share);
    return Math.min(1, moved / elapsed_ns / most);
  }

  private core_ns(bytes: number, direction: Direction): number {
    if (this.core === undefined) return 0;
    return Math.ceil(coreCopyTime_ns(bytes, direction, this.settings.latency_ns, this.core));
  }

  private service_ns(bytes: number, direction: Direction): number {
    assertBytes(bytes);
    const { read_gb_per_s, write_gb_per_s } = this.settings;
    return transferTime_ns(bytes, direction === 'read' ? read_gb_per_s : write_gb_per_s);
  }
}

function assertBytes(bytes: number): void {
  if (Number.isSafeInteger(bytes) && bytes >= 0) return;
  throw new RangeError(`${bytes} bytes; expected a whole number of at least 0`);
}
