/**
 * A fabric as a YAML file: what ships in `traces/fabrics/`, what measuring or importing writes, and what
 * `fabric: ./mine.yaml` in an experiment names. Its keys are the settings below `fabric.`; all must be there, and each memory its source.
 */

import { basename } from 'node:path';
import { stringify } from 'yaml';
import { z } from 'zod';
import type { FabricSettings, MemorySettings } from '../fabric/settings.ts';
import { readText } from '../files/read-text.ts';
import { complain, complaintOf, judge } from '../input/complaint.ts';
import { parseDocument } from '../input/document.ts';
import { InputError } from '../input/input-error.ts';
import { proposal } from '../input/nearest.ts';
import { conform } from './complaints.ts';
import { curvesElsewhere, curvesNamed, loadCurves } from './load-curves.ts';
import { demands, mapping, settingsOf } from './settings.ts';

const kind = 'a fabric';
const most_bytes = 2 ** 20;

export interface FabricFile {
  readonly description: string;
  /** Who measured it, on what, and with what. */
  readonly source: string;
  /** What was not measured, by key path: why this value stands there. */
  readonly assumed: Readonly<Record<string, string>>;
  /** Whether its numbers were read in the source itself, or in notes on it. */
  readonly evidence?: 'primary' | 'secondary' | undefined;
  /** Published points by which latencies can be checked: rows of `traces/memory-curves/cxl_device_points.csv`. */
  readonly points?: { readonly cxl: string; readonly local?: string | undefined } | undefined;
  readonly fabric: Omit<FabricSettings, 'preset'>;
}

const settings = settingsOf(new Map());

function setting<T>(path: string): z.ZodType<T> {
  return settings.get(path)!.schema as z.ZodType<T>;
}

const sentence = z.string(demands('a sentence')).trim().min(1, demands('a sentence'));
function memory(path: string, value: unknown) {
  return z.strictObject(
    {
      latency_ns: setting<number>(`${path}.latency_ns`),
      read_gb_per_s: setting<number>(`${path}.read_gb_per_s`),
      write_gb_per_s: setting<number>(`${path}.write_gb_per_s`),
      duplex: setting<'half' | 'full'>(`${path}.duplex`),
      capacity_mb: setting<number>(`${path}.capacity_mb`),
      load_curves: namesCurves(value) ? curvesElsewhere : loadCurves.default([]),
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
    const what = 'names nothing that a fabric has';
    issues.push(complain(value[key], what, proposal(key, assumable), [key]));
  }
}

/** Whether a memory's curves stand in another file. */
function namesCurves(memory: unknown): boolean {
  const { load_curves } = (memory ?? {}) as { load_curves?: unknown };
  return typeof load_curves === 'object' && load_curves !== null && !Array.isArray(load_curves);
}

/** What a file that says `value` must say. */
const fabricFileSchema = (value: Readonly<Record<string, unknown>>) =>
  z.strictObject(
    {
      description: sentence,
      source: sentence,
      evidence: z.enum(['primary', 'secondary'], demands('primary or secondary')).optional(),
      points: z.strictObject({ cxl: sentence, local: sentence.optional() }, mapping).optional(),
      assumed: z.record(z.string(), sentence, mapping).check(namesFields).default({}),
      nodes: setting<number>('fabric.nodes'),
      node: z.strictObject(
        {
          cores: setting<number>('fabric.node.cores'),
          llc_mb: setting<number>('fabric.node.llc_mb'),
          others_memory_share: setting<number>('fabric.node.others_memory_share').optional(),
          local: memory(
            'fabric.node.local',
            (value['node'] as { local?: unknown } | undefined)?.local,
          ),
        },
        mapping,
      ),
      cxl: memory('fabric.cxl', value['cxl']),
      coherence: setting<'hardware' | 'software'>('fabric.coherence'),
    },
    mapping,
  );

/** `shown` is the file as the user wrote it, `origin` where it was named. */
export function readFabricFile(path: string, shown: string, origin?: string): FabricFile {
  const text = readText(path, { kind, most_bytes, shown, ...(origin !== undefined && { origin }) });
  const document = parseDocument(shown, text, kind);
  const content = conform(fabricFileSchema(document.value), document);
  const { description, source, assumed, evidence, points, ...fabric } = content;
  const { node, cxl } = fabric;
  const withCurves = (memory: typeof cxl, ...at: string[]) => {
    const { load_curves } = memory;
    if (Array.isArray(load_curves)) return memory as MemorySettings;
    const where = document.where([...at, 'load_curves', 'file']);
    return { ...memory, load_curves: curvesNamed(load_curves, path, where) } as MemorySettings;
  };
  return {
    description,
    source,
    assumed,
    evidence,
    points,
    // The schema has these keys and no others; optional ones are absent there, never undefined.
    fabric: {
      ...fabric,
      node: { ...node, local: withCurves(node.local, 'node', 'local') },
      cxl: withCurves(cxl, 'cxl'),
    } as FabricFile['fabric'],
  };
}

/** The settings alone, which go by the file's name. */
export function readFabric(path: string, shown: string, origin?: string): FabricSettings {
  const { fabric } = readFabricFile(path, shown, origin);
  return { preset: basename(path).replace(/\.ya?ml$/, ''), ...fabric };
}

/** The file's text. */
export function printFabric(file: FabricFile): string {
  return stringify(contentOf(file), { lineWidth: 0 });
}

/** Throws where `measured` says what no fabric can have, so that no file is written that is then refused. */
export function checkFabric(file: FabricFile, measured: string): void {
  const content = contentOf(file);
  const issue = judge(fabricFileSchema(content), content).error?.issues[0];
  if (issue === undefined) return;
  const { what, expected } = complaintOf(issue);
  throw new InputError(measured, `${issue.path.join('.')} ${what}`, expected);
}

function contentOf({ description, source, assumed, fabric }: FabricFile) {
  const { nodes, coherence, node, cxl } = fabric;
  return { description, source, assumed, nodes, coherence, node, cxl };
}
