/** What the calibration knows of the model, as data: calibration.json, which `npm run --silent calibrate:known` writes. */

import { readFileSync } from 'node:fs';
import type { MetricName } from '../metrics.ts';
import type { Workload } from '../workload/workload.ts';

export interface Known {
  readonly source: string;
  readonly functions: readonly string[];
  /** Smallest and largest value among the functions that parameters were fitted on. */
  readonly fields: Readonly<Record<string, readonly [number, number]>>;
  /** Preset of the fabric that all of this holds on. */
  readonly fabric: string;
  readonly rows: readonly KnownRow[];
  /** Times that are inputs, beside what the model makes of them. */
  readonly inputs: readonly InputRow[];
  readonly bands: Bands;
}

export interface InputRow {
  readonly workload: string;
  readonly mechanism: string;
  readonly given: number;
  readonly modelled: number;
}

/** A published time beside the model’s. */
export interface KnownRow {
  readonly workload: string;
  readonly mechanism: string;
  readonly policy?: string;
  readonly metric: MetricName;
  readonly published: number;
  readonly modelled: number;
  readonly figure: string;
}

/** Published over modelled times of one kind: between these two in `share` of all cases. */
export interface BandRow {
  readonly mechanism: string;
  /** Absent for a mechanism without policies, or for those that nothing is published of. */
  readonly policy?: string;
  readonly metric: MetricName;
  readonly low: number;
  readonly high: number;
  /** Of each function that times are published of: these ratios, and the two ends from the others alone. */
  readonly functions: Readonly<Record<string, BandFunction>>;
}

export interface BandFunction {
  readonly published_over_modelled: readonly number[];
  readonly low: number;
  readonly high: number;
}

export interface Bands {
  /** Share of published times that a band is to hold. */
  readonly share: number;
  /** How they were made. */
  readonly made: string;
  readonly rows: readonly BandRow[];
}

let loaded: Known | undefined;
export function known(): Known {
  loaded ??= JSON.parse(
    readFileSync(new URL('calibration.json', import.meta.url), 'utf8'),
  ) as Known;
  return loaded;
}

/** A shipped profile, no field of which the experiment chose. */
export function isAsPublished(workload: Workload): boolean {
  return (
    workload.kind === 'profile' &&
    workload.source.includes(known().source.split(': ')[1]!.split(',')[0]!) &&
    !Object.values(workload.sources).includes('set by the experiment')
  );
}
