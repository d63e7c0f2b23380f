/** What a file of arrivals comes to, whatever its format. */

import type { FunctionFacts } from './function-facts.ts';
import type { Spans } from './spans.ts';

export interface ReadSpans {
  readonly functions: readonly FunctionFacts[];
  readonly spans: Spans;
  readonly length_ns: number;
}
