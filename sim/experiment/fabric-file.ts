/**
 * A fabric as a YAML file: what measuring or importing writes, and what `fabric: ./mine.yaml` in an
 * experiment names. Its keys are the settings below `fabric.`; all must be there, and each memory its source.
 */

import { basename } from 'node:path';
import { stringify } from 'yaml';
import { z } from 'zod';
import { LoadedLatency } from '../fabric/load-curve.ts';
import type { FabricSettings, LoadCurve } from '../fabric/settings.ts';
import { conform } from './complaints.ts';
import { parseDocument } from './document.ts';
import { readText } from './read-text.ts';
import { complaint, mapping, settingsOf } from './settings.ts';

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
const positive = z.number(complaint('a number above 0')).positive(complaint('a number above 0'));
/** Idle curves may begin at 0. */
const bandwidth = z
  .number(complaint('a number of at least 0'))
  .min(0, complaint('a number of at least 0'));
const share = z
  .number(complaint('a number from 0 to 1'))
  .min(0)
  .max(1, complaint('a number from 0 to 1'));

const curve = z.strictObject(
  {
    read_share: share,
    ceiling_gb_per_s: positive.optional(),
    points: z
      .array(z.strictObject({ bandwidth_gb_per_s: bandwidth, latency_ns: positive }, mapping))
      .min(1, { error: 'is empty; a list of points would be right' }),
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

const fabricFileSchema = z.strictObject(
  {
    description: sentence,
    source: sentence,
    assumed: z.record(z.string(), sentence, mapping).default({}),
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
export function printFabric({ description, source, assumed, fabric }: FabricFile): string {
  const { nodes, coherence, node, cxl } = fabric;
  const content = { description, source, assumed, nodes, coherence, node, cxl };
  return stringify(content, { lineWidth: 0 });
}
