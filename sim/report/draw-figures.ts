/** The figures of an experiment's results: those that can be drawn, and why others cannot. */

import type { Experiment } from '../experiment/experiment.ts';
import { readFigure } from '../experiment/figure-file.ts';
import type { Measurement } from '../results/measurements-csv.ts';
import type { SeriesPoint } from '../results/series-csv.ts';
import { circumstances } from './circumstances.ts';
import { whiskerNotes, withBands } from './figure-bands.ts';
import { lacks } from './figure-needs.ts';
import type { Figure } from './render-figure.ts';

/** Draws each figure once per backend: numbers of the model and of a machine are not mixed in one. */
export async function drawFigures(
  experiment: Experiment,
  { rows, points }: { readonly rows: Measurement[]; readonly points: SeriesPoint[] },
): Promise<{ figures: Figure[]; left_out: string[] }> {
  const figures: Figure[] = [];
  const left_out: string[] = [];
  const colours = new Map(
    experiment.policies.flatMap(({ name, colour }) => (colour ? [[name, colour] as const] : [])),
  );
  for (const { name, spec, backend } of figuresOf(experiment)) {
    const own =
      spec.data === 'series'
        ? points.filter((row) => row.backend === backend)
        : withBands(
            experiment,
            rows.filter((row) => row.backend === backend),
          );
    const nothing = `there are no ${spec.data}`;
    const reason = own.length === 0 ? nothing : lacks(spec.needs, own);
    if (reason !== undefined) {
      left_out.push(`Figure ${name} is left out: ${reason}.`);
      continue;
    }
    // Vega takes a third of a second to load: only when there is something to draw.
    const { renderFigure } = await import('./render-figure.ts');
    const about = circumstances({ ...experiment, backends: [backend] });
    const subtitle = [about, ...whiskerNotes(spec, own)].join('\n');
    const figure = await renderFigure({ ...spec, name }, own, subtitle, colours);
    figures.push(figure);
    left_out.push(...figure.warnings.map((warning) => `Figure ${name}: ${warning}`));
  }
  return { figures, left_out };
}

function figuresOf({ figures, backends }: Experiment) {
  return figures.flatMap((figure) => {
    const spec = readFigure(figure);
    return backends.map((backend) => {
      const name = backends.length === 1 ? figure.name : `${figure.name}-${backend}`;
      return { name, spec, backend };
    });
  });
}

/** Their files, by name. */
export function imagesOf(figures: readonly Figure[]): Record<string, string | Uint8Array> {
  return Object.fromEntries(
    figures.flatMap(({ name, svg, png }) => [
      [`figures/${name}.svg`, svg],
      [`figures/${name}.png`, png],
    ]),
  );
}
