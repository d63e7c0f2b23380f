/**
 * Gives a specification's channels the order, fills and shapes of series: each channel whose field is a column of
 * style.json, and that sets no scale, gets the scale of those that the data holds.
 */

import type { TopLevelSpec } from 'vega-lite';
import { fillOf } from './hatches.ts';
import { printStyle, seriesOf } from './style.ts';

type Mapping = Readonly<Record<string, unknown>>;

export function withSeries(
  spec: TopLevelSpec,
  rows: readonly Readonly<Record<string, unknown>>[],
): TopLevelSpec {
  return placed(spec, rows) as TopLevelSpec;
}

function placed(held: unknown, rows: readonly Mapping[]): unknown {
  if (Array.isArray(held)) return held.map((each) => placed(each, rows));
  if (typeof held !== 'object' || held === null) return held;
  return Object.fromEntries(
    Object.entries(held).map(([key, value]) => [
      key,
      isChannel(key, value) ? { ...value, scale: scaleOf(key, value, rows) } : placed(value, rows),
    ]),
  );
}

interface Channel {
  readonly field: string;
  readonly scale?: Mapping;
}

function isChannel(key: string, value: unknown): value is Channel {
  if (!['fill', 'color', 'shape', 'strokeDash'].includes(key)) return false;
  const { field, scale } = (value ?? {}) as Partial<Channel>;
  return field !== undefined && field in printStyle().series && !('range' in (scale ?? {}));
}

const dashes = [[], [4, 2], [1, 1.5], [6, 1.5, 1, 1.5], [2, 1], [8, 2]];

function scaleOf(key: string, { field, scale }: Channel, rows: readonly Mapping[]): Mapping {
  const known = Object.values(printStyle().series[field]!).map(({ label }) => label);
  const held = new Set(rows.map((row) => row[field]).filter((label) => typeof label === 'string'));
  const present = [
    ...known.filter((label) => held.has(label)),
    ...[...held].filter((label) => label !== '' && !known.includes(label as string)),
  ];
  // A column that the specification makes itself is not there yet.
  const wanted = (present.length > 0 ? present : known) as string[];
  const series = seriesOf(field, wanted);
  const range = series.map((each, index) => {
    if (key === 'shape') return each.shape ?? 'circle';
    if (key === 'strokeDash') return dashes[index % dashes.length];
    return fillOf(each);
  });
  return { ...scale, domain: wanted, range };
}
