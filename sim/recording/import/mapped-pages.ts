/** Whether /proc/PID/maps that was given is that of the process which was recorded. */

import { InputError } from '../../input/input-error.ts';
import type { TraceEvent, TraceExtent } from '../../workload/cxltrace/format.ts';
import type { MemoryMap } from './memory-map.ts';

export class MappedPages {
  private readonly maps: MemoryMap;
  private pages = 0;
  private mapped = 0;

  constructor(maps: MemoryMap) {
    this.maps = maps;
  }

  /** The same events; refuses maps in which none of their pages lies. */
  *watched(
    events: Iterable<TraceEvent | TraceExtent>,
  ): Generator<TraceEvent | TraceExtent, void, void> {
    for (const event of events) {
      if (event.kind === 'page') this.add(event.number, event.number + 1);
      if (event.kind === 'pages') this.add(event.number, event.number + event.pages);
      yield event;
    }
    if (this.pages === 0 || this.mapped > 0) return;
    throw new InputError(
      this.maps.file,
      `0 of ${this.pages} pages lie in a mapping`,
      'expected the maps of the process that was recorded',
    );
  }

  notes(): string[] {
    const outside = this.pages - this.mapped;
    if (outside === 0) return [];
    return [
      `${outside} of ${this.pages} pages lie in no mapping of ${this.maps.file}: their regions are as without --maps`,
    ];
  }

  private add(first: number, end: number): void {
    this.pages += end - first;
    for (let number = first; number < end; ) {
      const stretch = this.maps.stretch(number);
      const stop = Math.min(end, stretch.end);
      if (stretch.region !== undefined) this.mapped += stop - number;
      number = stop;
    }
  }
}
