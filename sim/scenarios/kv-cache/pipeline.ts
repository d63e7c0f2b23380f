/**
 * Bytes in chunks through stages that work side by side, with as many chunks under way as there are buffers:
 *
 *     copy     │ 1 │ 2 │     │ 3 │     │ 4 │           a buffer is free again when its chunk has left the last stage
 *     check        │ 1 │     │ 2 │     │ 3 │
 *     write            │  1  │  2  │  3  │ 4 │         the slowest stage decides, once all are busy
 */

import { transferTime_ns } from '../../units.ts';

export interface Pipeline {
  /** Bandwidths of its stages in their order, 10^9 bytes a second. */
  readonly stages_gb_per_s: readonly number[];
  readonly chunk_bytes: number;
  readonly buffers: number;
}

/** When all bytes have left the last stage. */
export function pipelineTime_ns(
  { stages_gb_per_s, chunk_bytes, buffers }: Pipeline,
  bytes: number,
): number {
  const stage_free_ns = stages_gb_per_s.map(() => 0);
  const left_ns: number[] = [];
  for (let at = 0, chunk = 0; at < bytes; at += chunk_bytes, chunk += 1) {
    const size = Math.min(chunk_bytes, bytes - at);
    let ready_ns = left_ns[chunk - buffers] ?? 0;
    for (const [stage, gb_per_s] of stages_gb_per_s.entries()) {
      ready_ns = Math.max(ready_ns, stage_free_ns[stage]!) + transferTime_ns(size, gb_per_s);
      stage_free_ns[stage] = ready_ns;
    }
    left_ns.push(ready_ns);
  }
  return left_ns.at(-1) ?? 0;
}
