/**
 * Symbols of a legend that its specification gives an outline (`symbolStrokeColor`): Vega-Lite still asks for the outline of
 * the scale's colour where marks are lines, and then nobody sees a white one on white.
 */

import type { Legend, Spec } from 'vega';

/** The same drawing, with such symbols filled by their scale. */
export function withOutlinedLegends(spec: Spec): Spec {
  const { legends } = spec;
  return legends === undefined ? spec : { ...spec, legends: legends.map(outlined) };
}

function outlined(legend: Legend): Legend {
  const { stroke, ...others } = legend;
  if (stroke === undefined || !('symbolStrokeColor' in legend)) return legend;
  return { ...others, fill: legend.fill ?? stroke } as Legend;
}
