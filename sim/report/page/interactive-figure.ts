/**
 * A figure as a page draws it: its Vega specification with the data beside it, so that the page can draw a part. What
 * colours and shapes stand for is fixed when it is made: a part of the data keeps the colours of the whole.
 */

import * as vega from 'vega';
import { compile, type TopLevelSpec } from 'vega-lite';
import { withOutlinedLegends } from '../outlined-legends.ts';

export interface InteractiveFigure {
  readonly spec: object;
  /** The name of its rows in the specification. */
  readonly data: string;
}

type Mapping = Record<string, unknown>;

/** `spec` holds its rows under `datasets`, as `renderFigure` was given them. */
export async function interactiveFigure(
  spec: TopLevelSpec,
  config: Parameters<typeof compile>[1],
): Promise<InteractiveFigure> {
  const { name } = (spec as { data: { name: string } }).data;
  const compiled = withOutlinedLegends(compile(spec, config).spec);
  const view = new vega.View(vega.parse(compiled), { renderer: 'none' });
  await view.runAsync();
  const domains = domainsOf(view);
  view.finalize();
  return { spec: fixed(compiled, domains) as object, data: name };
}

/** Values of every scale that maps words to looks, by the scale's name, also of groups in groups. */
function domainsOf(view: vega.View): Map<string, unknown[]> {
  const domains = new Map<string, unknown[]>();
  const visit = (item: Mapping) => {
    const context = item['context'] as
      | { scales?: Record<string, { value?: vega.Scale }> }
      | undefined;
    for (const [name, { value }] of Object.entries(context?.scales ?? {})) {
      const { type } = value as unknown as { type?: string };
      if (type === 'ordinal')
        domains.set(name, [...(value as unknown as { domain(): unknown[] }).domain()]);
    }
    for (const child of (item['items'] ?? []) as Mapping[]) visit(child);
  };
  visit((view.scenegraph() as unknown as { root: Mapping }).root);
  return domains;
}

/** Marks say on hover what they say to screen readers. */
function fixed(held: unknown, domains: ReadonlyMap<string, unknown[]>): unknown {
  if (Array.isArray(held)) return held.map((each) => fixed(each, domains));
  if (typeof held !== 'object' || held === null) return held;
  const parts = Object.fromEntries(
    Object.entries(held).map(([key, value]) => [key, fixed(value, domains)]),
  ) as Mapping;
  const { name, type, domain, description, tooltip } = parts;
  if (type === 'ordinal' && domain !== undefined && domains.has(String(name))) {
    return { ...parts, domain: domains.get(String(name)) };
  }
  return description !== undefined && tooltip === undefined && isEncoding(description)
    ? { ...parts, tooltip: description }
    : parts;
}

function isEncoding(held: unknown): boolean {
  return typeof held === 'object' && held !== null;
}
