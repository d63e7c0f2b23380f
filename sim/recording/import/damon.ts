/**
 * What DAMON, the kernel's data access monitor, saw: regions of addresses and in how many of its checks
 * each was found accessed. Text comes in two forms, of damo (damon-report.ts) and of the kernel's own
 * events (damon-event.ts). A page counts as loaded once for each check that found its region accessed.
 */

import type { TextLines } from '../../input/text-lines.ts';
import { attached_notes, type Sighting, SightingReader, TwoReadings } from './attached.ts';
import { DamonEvents, recognisesEvents } from './damon-event.ts';
import { DamonReport, recognisesReport } from './damon-report.ts';
import { DamonTarget } from './damon-target.ts';
import {
  type Imported,
  type ImportOptions,
  metadataOf,
  regionNotes,
  type TraceImporter,
} from './importer.ts';

export const damon: TraceImporter = {
  describe:
    'damo report access --raw_form, or the kernel tracepoint damon:damon_aggregated as text',
  options: ['maps', 'pid', 'spans', 'whole'],
  recognises: (head) => recognisesReport(head) || recognisesEvents(head),
  import(source, options): Imported {
    const readings = new TwoReadings(source, (lines) => new DamonReader(lines, options));
    return {
      metadata: metadataOf(options, {
        recorder: 'DAMON, writes not told from reads',
        gap_unit: 'ns',
        completeness: 'scanned',
        writes: 'unknown',
      }),
      events: readings.events(options),
      notes: () => [
        ...readings.current.notes(),
        'DAMON does not tell writes from reads: all accesses count as loads, and writes are unknown',
        'a region that was found accessed counts as accessed in each of its pages',
        ...attached_notes,
        ...regionNotes(options),
      ],
    };
  },
};

class DamonReader extends SightingReader {
  private readonly target: DamonTarget;
  private readonly report: DamonReport;
  private readonly events: DamonEvents;

  constructor(lines: TextLines, { pid }: ImportOptions) {
    super(lines);
    const fail = (what: string, right: string) => this.fail(what, right);
    const arrive = (time_ns: number) => this.arrive(time_ns);
    this.target = new DamonTarget(pid, fail);
    this.report = new DamonReport(this.target, arrive, fail);
    this.events = new DamonEvents(this.target, arrive, fail);
  }

  *sightings(): Generator<Sighting, void, void> {
    const { lines, report, events } = this;
    while (lines.next()) {
      const text = lines.looseText().trim();
      if (text === '') continue;
      const region = events.read(text) ? events.region : report.read(text);
      if (region !== undefined) yield { ...region, time_ns: this.time_ns };
    }
    lines.checkEnd();
    report.end();
    events.end();
    this.target.end();
  }

  notes(): string[] {
    return [...this.target.notes(), ...this.events.notes(), ...this.report.notes()];
  }
}
