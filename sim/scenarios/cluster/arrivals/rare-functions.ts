/** Of recorded functions those alone that are asked for seldom: most functions are, and keep-alive is about them. */

import { ns_per_s } from '../../../units.ts';
import type { ReadSpans } from './read-spans.ts';
import { Spans } from './spans.ts';

const minute_ns = 60 * ns_per_s;

/** Functions that are asked for more often in the mean are left out, as if nobody had recorded them. */
export function rarerThan(most_per_minute: number, read: ReadSpans): ReadSpans {
  const most = (most_per_minute * read.length_ns) / minute_ns;
  const numbers = new Map<number, number>();
  for (const [of, { invocations }] of read.functions.entries()) {
    if (invocations <= most) numbers.set(of, numbers.size);
  }
  if (numbers.size === read.functions.length) return read;
  const spans = new Spans();
  for (let span = 0; span < read.spans.length; span += 1) {
    const of = numbers.get(read.spans.of(span));
    if (of === undefined) continue;
    const [from_ns, to_ns] = [read.spans.from_ns(span), read.spans.to_ns(span)];
    spans.add(of, from_ns, to_ns, read.spans.count(span), read.spans.duration_ns(span));
  }
  return { ...read, functions: read.functions.filter((_, of) => numbers.has(of)), spans };
}
