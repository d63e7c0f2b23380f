/**
 * A fabric as a YAML file: what measuring or importing writes, and what `fabric: ./mine.yaml` in an
 * experiment names. Its keys are the settings below `fabric.`; all must be there, and each memory its source.
 */

import { basename } from 'node:path';
import { stringify } from 'yaml';
import { z } from 'zod';
import { LoadedLatency } from '../fabric/load-curve.ts';
import type { CurvePoint, FabricSettings, LoadCurve } from '../fabric/settings.ts';
import { readText } from '../files/read-text.ts';
import { parseDocument } from '../input/document.ts';
import { InputError } from '../input/input-error.ts';
import { proposal } from '../input/nearest.ts';
import { conform, split } from './complaints.ts';
import {
  ceilingBandwidth,
  complaint,
  mapping,
  measuredBandwidth,
  measuredLatency,
  settingsOf,
} from './settings.ts';

const kind = 'a fabric';
const most_bytes = 2 ** 20;

export interface FabricFile {
  readonly description: string;
  /** Who measured it, on what, and with what. */
  readonly source: string;
  /** What was not measured, by key path: why this value stands there. */
  readonly assumed: Readonly<Record<string, string>>;
  readonly fabric: Omit<FabricSettings, 'preset'>;
}

const settings = settingsOf(new Map());

function setting<T>(path: string): z.ZodType<T> {
  return settings.get(path)!.schema as z.ZodType<T>;
}

const sentence = z.string(complaint('a sentence')).trim().min(1, complaint('a sentence'));
const share = z
  .number(complaint('a number from 0 to 1'))
  .min(0)
  .max(1, complaint('a number from 0 to 1'));

/**
 * A curve goes from idle to loaded: each point has more bandwidth than the one before, and no less
 * latency. What bends back past saturation is left out when curves are imported.
 */
function rises({ value: points, issues }: z.core.ParsePayload<CurvePoint[]>): void {
  if (issues.length > 0) return;
  for (const [index, point] of points.entries()) {
    const before = points[index - 1];
    if (before === undefined) continue;
    for (const [key, falls] of [
      ['bandwidth_gb_per_s', point.bandwidth_gb_per_s <= before.bandwidth_gb_per_s],
      ['latency_ns', point.latency_ns < before.latency_ns],
    ] as const) {
      if (!falls) continue;
      const expected = key === 'latency_ns' ? `at least ${before[key]}` : `above ${before[key]}`;
      issues.push({
        code: 'custom',
        path: [index, key],
        message: `is ${point[key]}, after ${before[key]}; expected ${expected}, as load rises`,
        input: point[key],
      });
    }
  }
}

const curve = z.strictObject(
  {
    read_share: share,
    ceiling_gb_per_s: ceilingBandwidth.optional(),
    points: z
      .array(
        z.strictObject(
          { bandwidth_gb_per_s: measuredBandwidth, latency_ns: measuredLatency },
          mapping,
        ),
      )
      .min(1, { error: 'is empty; expected a list of points' })
      .check(rises),
  },
  mapping,
);

/** One curve for each share of reads, from each of which latency under load can be told. */
const curves = z.array(curve, complaint('a list of load curves')).check(({ value, issues }) => {
  if (issues.length > 0) return;
  try {
    new LoadedLatency(value as LoadCurve[]);
  } catch (error) {
    const message = `cannot be used: ${(error as Error).message}; one curve a share, with rising points, would be right`;
    issues.push({ code: 'custom', message, input: value });
  }
});

function memory(path: string) {
  return z.strictObject(
    {
      latency_ns: setting<number>(`${path}.latency_ns`),
      read_gb_per_s: setting<number>(`${path}.read_gb_per_s`),
      write_gb_per_s: setting<number>(`${path}.write_gb_per_s`),
      duplex: setting<'half' | 'full'>(`${path}.duplex`),
      capacity_mb: setting<number>(`${path}.capacity_mb`),
      load_curves: curves.default([]),
      source: sentence,
    },
    mapping,
  );
}

/** What may be assumed: a setting, a memory's curves, or all that is said of a memory. */
const assumable = [
  ...[...settings.keys()]
    .filter((path) => path.startsWith('fabric.'))
    .map((path) => path.slice('fabric.'.length)),
  ...['node.local', 'cxl'].flatMap((path) => [path, `${path}.load_curves`]),
];

function namesFields({ value, issues }: z.core.ParsePayload<Record<string, string>>): void {
  for (const key of Object.keys(value)) {
    if (assumable.includes(key)) continue;
    issues.push({
      code: 'custom',
      path: [key],
      message: `names nothing that a fabric has; ${proposal(key, assumable)}`,
      input: value[key],
    });
  }
}

const fabricFileSchema = z.strictObject(
  {
    description: sentence,
    source: sentence,
    assumed: z.record(z.string(), sentence, mapping).check(namesFields).default({}),
    nodes: setting<number>('fabric.nodes'),
    node: z.strictObject(
      {
        cores: setting<number>('fabric.node.cores'),
        llc_mb: setting<number>('fabric.node.llc_mb'),
        others_memory_share: setting<number>('fabric.node.others_memory_share').optional(),
        local: memory('fabric.node.local'),
      },
      mapping,
    ),
    cxl: memory('fabric.cxl'),
    coherence: setting<'hardware' | 'software'>('fabric.coherence'),
  },
  mapping,
);

/** `shown` is the file as the user wrote it, `origin` where it was named. */
export function readFabric(path: string, shown: string, origin?: string): FabricSettings {
  const text = readText(path, { kind, most_bytes, shown, ...(origin !== undefined && { origin }) });
  const content = conform(fabricFileSchema, parseDocument(shown, text, kind));
  const { description: _, source: _source, assumed: _assumed, ...fabric } = content;
  // The schema has these keys and no others; optional ones are absent there, never undefined.
  return { preset: basename(path).replace(/\.ya?ml$/, ''), ...fabric } as FabricSettings;
}

/** The file's text. */
export function printFabric(file: FabricFile): string {
  return stringify(contentOf(file), { lineWidth: 0 });
}

/** Throws where `measured` says what no fabric can have, so that no file is written that is then refused. */
export function checkFabric(file: FabricFile, measured: string): void {
  const issue = fabricFileSchema.safeParse(contentOf(file)).error?.issues[0];
  if (issue === undefined) return;
  const { what, right } = split(issue.message);
  throw new InputError(measured, `${issue.path.join('.')} ${what}`, right);
}

function contentOf({ description, source, assumed, fabric }: FabricFile) {
  const { nodes, coherence, node, cxl } = fabric;
  return { description, source, assumed, nodes, coherence, node, cxl };
}
