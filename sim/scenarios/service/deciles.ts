/** What functions take and get by how often they are asked for: the busiest tenth of them first. */

import type { Points, SeriesOf } from '../../series.ts';
import { bytes_per_mb } from '../../units.ts';
import type { Ledger } from './ledger.ts';

const deciles = 10;

/** Of functions that were served; absent where fewer than ten were, of which no tenth is one. */
export function byDecile({
  served_of,
  cold_of,
  fork_of,
  memory_of,
  counted_ns,
}: Pick<Ledger, 'served_of' | 'cold_of' | 'fork_of' | 'memory_of' | 'counted_ns'>): SeriesOf {
  const ranked: number[] = [];
  for (const [of, count] of served_of.entries()) if (count > 0) ranked.push(of);
  if (ranked.length < deciles || counted_ns === 0) return {};
  ranked.sort((a, b) => served_of[b]! - served_of[a]! || a - b);
  const tenths = Array.from({ length: deciles }, (_, index) =>
    ranked.slice(
      Math.round((index * ranked.length) / deciles),
      Math.round(((index + 1) * ranked.length) / deciles),
    ),
  );
  const each = (told: (functions: readonly number[]) => number): Points =>
    tenths.map((functions, index) => [index + 1, told(functions)]);
  const memory = (sums: Float64Array) =>
    each((functions) => sumOf(sums, functions) / counted_ns / bytes_per_mb);
  return {
    decile_requests: each((functions) => sumOf(served_of, functions)),
    decile_cold_start_share: each(
      (functions) => sumOf(cold_of, functions) / sumOf(served_of, functions),
    ),
    decile_fork_share: each((functions) => sumOf(fork_of, functions) / sumOf(served_of, functions)),
    decile_local_memory_mb: memory(memory_of.local.sums),
    decile_idle_memory_mb: memory(memory_of.idle.sums),
    decile_cxl_memory_mb: memory(memory_of.cxl.sums),
  };
}

function sumOf(values: Float64Array | Uint32Array, functions: readonly number[]): number {
  return functions.reduce((sum, of) => sum + values[of]!, 0);
}
