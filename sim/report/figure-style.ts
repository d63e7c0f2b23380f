/** The look that all figures share: one font, thin grey axes, room for every label. */

import type { Config } from 'vega-lite';
import { font_family } from './font-metrics.ts';

const ink = '#222222';
const grey = '#888888';

/** Metric-compatible stand-ins, for viewers that lack the font. */
const font = `${font_family}, Liberation Sans, Arial, Helvetica, sans-serif`;

/** PNG pixels per SVG pixel: sharp at the width of a printed column. */
export const png_scale = 2;

export const subtitle_size_px = 12;
export const subtitle_width_px = 720;

export const figureStyle: Config = {
  background: 'white',
  padding: 12,
  font,
  title: {
    anchor: 'start',
    frame: 'bounds',
    color: ink,
    fontSize: 15,
    // There is one font file, and it is regular: asking for bold would measure and draw differently.
    fontWeight: 'normal',
    subtitleColor: '#555555',
    subtitleFontSize: subtitle_size_px,
    subtitleFontWeight: 'normal',
    subtitlePadding: 4,
    offset: 14,
  },
  axis: {
    domainColor: grey,
    tickColor: grey,
    gridColor: '#E6E6E6',
    // A number stands under its tick, also at the ends.
    labelFlush: false,
    labelColor: ink,
    labelFontSize: 12,
    labelLimit: 400,
    titleColor: ink,
    titleFontSize: 12,
    titleFontWeight: 'normal',
    titleLimit: 600,
  },
  axisBand: { grid: false },
  header: {
    labelFontWeight: 'normal',
    titleFontWeight: 'normal',
    labelColor: ink,
    labelLimit: 400,
  },
  legend: {
    labelColor: ink,
    labelFontSize: 12,
    labelLimit: 600,
    titleColor: ink,
    titleFontSize: 12,
    titleFontWeight: 'normal',
    titleLimit: 600,
    symbolType: 'square',
    symbolStrokeWidth: 0.5,
  },
  text: { fontSize: 11, fill: ink },
  view: { stroke: null },
};
