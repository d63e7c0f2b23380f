/**
 * What is there over time, by points that are equally far apart: a millisecond at first, and twice as far whenever they are
 * too many, since nobody knows beforehand how long requests take.
 */

import type { Activity } from '../../engine/activity.ts';
import type { Simulation } from '../../engine/simulation.ts';
import type { Points, SeriesName, SeriesOf } from '../../series.ts';
import { bytes_per_mb, ns_per_ms } from '../../units.ts';
import type { Engine } from './engine.ts';
import type { Hosts } from './hosts.ts';
import type { LevelName } from './levels.ts';
import { sumOf } from './sums.ts';

const most_points = 400;

/** At one time; `so_far` are sums from the beginning on. */
interface Sample {
  readonly at_ms: number;
  readonly running: number;
  readonly queue: number;
  readonly used_blocks: number;
  readonly gpu_blocks: number;
  readonly below_blocks: Readonly<Partial<Record<LevelName, number>>>;
  readonly so_far: {
    readonly busy_ns: number;
    readonly prompts: number;
    readonly found: Readonly<Partial<Record<LevelName | 'gpu', number>>>;
  };
}

export interface Watched {
  readonly simulation: Simulation;
  readonly engines: readonly Engine[];
  readonly hosts: Hosts;
}

const memory_series: Readonly<Partial<Record<LevelName, SeriesName>>> = {
  dram: 'host_kv_over_time_mb',
  cxl: 'cxl_kv_over_time_mb',
  nvme: 'nvme_kv_over_time_mb',
};

export class Timeline {
  readonly #watched: Watched;
  #samples: Sample[] = [];
  #apart_ms = 1;
  #closed = false;

  constructor(watched: Watched) {
    this.#watched = watched;
  }

  /** All requests are done. */
  close(): void {
    if (!this.#closed) this.#samples.push(this.#sample());
    this.#closed = true;
  }

  *run(): Activity {
    for (;;) {
      if (this.#closed) return;
      this.#samples.push(this.#sample());
      if (this.#samples.length > most_points) {
        this.#samples = this.#samples.filter((_, index) => index % 2 === 0);
        this.#apart_ms *= 2;
      }
      const next_ns = (this.#samples.at(-1)!.at_ms + this.#apart_ms) * ns_per_ms;
      yield next_ns - this.#watched.simulation.now_ns;
    }
  }

  #sample(): Sample {
    const { simulation, engines, hosts } = this.#watched;
    const { now_ns } = simulation;
    const schedulers = engines.map(({ scheduler }) => scheduler);
    const below_blocks: Partial<Record<LevelName, number>> = {};
    for (const { name, store } of hosts.stores) {
      below_blocks[name] = (below_blocks[name] ?? 0) + store.size;
    }
    const found: Partial<Record<LevelName | 'gpu', number>> = {};
    for (const { name, found_tokens } of hosts.all.flatMap(({ levels }) => levels?.all ?? [])) {
      found[name] = (found[name] ?? 0) + found_tokens;
    }
    const all_found = sumOf(schedulers, (each) => each.found_tokens);
    found.gpu = all_found - sumOf(Object.values(found), (tokens) => tokens);
    return {
      at_ms: Math.ceil(now_ns / ns_per_ms),
      running: sumOf(schedulers, (each) => each.running_count),
      queue: sumOf(schedulers, (each) => each.queue_length + each.loading_count),
      used_blocks: sumOf(hosts.all, ({ memory }) => memory.used_blocks),
      gpu_blocks: sumOf(hosts.all, ({ memory }) => memory.filled_blocks),
      below_blocks,
      so_far: {
        busy_ns: sumOf(engines, (each) => each.busyUntil(now_ns)),
        prompts: all_found + sumOf(schedulers, (each) => each.computed_tokens),
        found,
      },
    };
  }

  /** `block_bytes` is the size of a block. */
  series(block_bytes: number): SeriesOf {
    const samples = this.#samples.filter(
      ({ at_ms }, index, all) => index === 0 || at_ms > all[index - 1]!.at_ms,
    );
    const points = (of: (sample: Sample) => number): Points =>
      samples.map((sample) => [sample.at_ms, of(sample)]);
    const mb = (blocks: number) => (blocks * block_bytes) / bytes_per_mb;
    const names = Object.keys(samples[0]?.below_blocks ?? {}) as LevelName[];
    const levels = Object.keys(samples[0]?.so_far.found ?? {}) as (LevelName | 'gpu')[];
    return {
      running_over_time: points(({ running }) => running),
      queue_over_time: points(({ queue }) => queue),
      used_kv_over_time_mb: points(({ used_blocks }) => mb(used_blocks)),
      gpu_kv_over_time_mb: points(({ gpu_blocks }) => mb(gpu_blocks)),
      ...Object.fromEntries(
        names.map((name) => [memory_series[name]!, points((each) => mb(each.below_blocks[name]!))]),
      ),
      busy_share_over_time: this.#busy(samples),
      ...Object.fromEntries(
        levels.map((name) => [`found_${name}_share_over_time`, foundShare(samples, name)]),
      ),
    };
  }

  #busy(samples: readonly Sample[]): Points {
    const all_ns = this.#watched.engines.length * ns_per_ms;
    return between(samples, (before, after) => {
      const busy_ns = after.so_far.busy_ns - before.so_far.busy_ns;
      // The last point is at a whole millisecond, and what was done before.
      return Math.min(1, busy_ns / ((after.at_ms - before.at_ms) * all_ns));
    });
  }
}

function foundShare(samples: readonly Sample[], name: LevelName | 'gpu'): Points {
  return between(samples, (before, after) => {
    const prompts = after.so_far.prompts - before.so_far.prompts;
    const found = after.so_far.found[name]! - before.so_far.found[name]!;
    // What is found and then driven out before it comes is not found any more.
    return prompts <= 0 ? undefined : Math.min(1, Math.max(0, found / prompts));
  });
}

/** A point at the end of each stretch between two samples, but where nothing is known of it. */
function between(
  samples: readonly Sample[],
  of: (before: Sample, after: Sample) => number | undefined,
): Points {
  const points: [number, number][] = [];
  for (let i = 1; i < samples.length; i += 1) {
    const value = of(samples[i - 1]!, samples[i]!);
    if (value !== undefined) points.push([samples[i]!.at_ms, value]);
  }
  return points;
}
