/**
 * What all figures for print share, from experiments/figures/style.json: widths, the order, names and fills of series,
 * and the hatches that tell them apart without colour. The names of plug-ins are keys there, and data here.
 */

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

const file = fileURLToPath(new URL('../../../experiments/figures/style.json', import.meta.url));

const series = z.strictObject({
  label: z.string(),
  fill: z.string().regex(/^#[0-9A-F]{6}$/),
  hatch: z.string().optional(),
  shape: z.string().optional(),
});

const schema = z.strictObject({
  /** Of one column and of two. */
  width_mm: z.strictObject({ 1: z.number(), 2: z.number() }),
  /** By the column of a figure's data, and by the name that stands there in results. */
  series: z.record(z.string(), z.record(z.string(), series)),
  /** Functions that are not written as their name with a capital. */
  functions: z.record(z.string(), z.string()),
  /** Lines within a square that is repeated: x, y, x, y. */
  patterns: z.record(
    z.string(),
    z.strictObject({ size: z.number(), lines: z.array(z.array(z.number()).length(4)) }),
  ),
});

type Style = z.output<typeof schema>;
export type Series = z.output<typeof series>;
export type Columns = 1 | 2;

let read: Style | undefined;

export function printStyle(): Style {
  read ??= schema.parse(JSON.parse(readFileSync(file, 'utf8')));
  return read;
}

/** What a name of results is called in a figure: its label, or else the name itself. */
export function labelOf(column: string, name: string): string {
  return knownLabel(column, name) ?? name;
}

export function knownLabel(column: string, name: string): string | undefined {
  return printStyle().series[column]?.[name]?.label;
}

/** The place of a name among the series of its column; those without one come last. */
export function placeOf(column: string, name: string): number {
  const at = Object.keys(printStyle().series[column] ?? {}).indexOf(name);
  return at === -1 ? Number.MAX_SAFE_INTEGER : at;
}

export function functionLabel(workload: string): string {
  const known = printStyle().functions[workload];
  return known ?? workload.charAt(0).toUpperCase() + workload.slice(1);
}

/** What has none of its own in style.json, in order of appearance. */
const others: readonly Omit<Series, 'label'>[] = [
  { fill: '#D9D9D9', hatch: 'forward', shape: 'circle' },
  { fill: '#969696', shape: 'square' },
  { fill: '#F0F0F0', hatch: 'cross', shape: 'triangle-up' },
  { fill: '#BDBDBD', hatch: 'dots', shape: 'diamond' },
  { fill: '#F7F7F7', hatch: 'dots', shape: 'triangle-down' },
  { fill: '#737373', hatch: 'cross', shape: 'cross' },
];

/** The series of these labels in a column, each told apart. */
export function seriesOf(column: string, labels: readonly string[]): Series[] {
  const known = Object.values(printStyle().series[column] ?? {});
  let free = 0;
  return labels.map(
    (label) =>
      known.find((each) => each.label === label) ?? {
        label,
        ...others[free++ % others.length]!,
      },
  );
}
