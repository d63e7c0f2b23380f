/** What stands above and below a figure for print: what it shows, whose values, and what whiskers are. */

import type { Experiment } from '../../experiment/experiment.ts';
import type { PrintFigure } from '../../experiment/figure-file.ts';
import { circumstances } from '../circumstances.ts';
import { bandShare } from '../error-bands.ts';
import type { Point } from './point.ts';
import type { PublishedValues } from './published.ts';

export function notesOf(
  { note, spec, print }: PrintFigure,
  points: readonly Point[],
  published: PublishedValues | undefined,
  repetitions: number,
): string[] {
  const drawn = JSON.stringify(spec);
  const metrics = points.filter(({ metric }) => drawn.includes(metric));
  const notes = note === undefined ? [] : [note];
  if (published && print.published && metrics.some((point) => point.published !== undefined)) {
    // What follows a semicolon tells how the numbers were read.
    const [source] = published.source.split(';');
    notes.push(`${print.published.mark} published: ${source}, ${print.published.figure}.`);
  }
  if (drawn.includes('datum.low') && metrics.some(({ low }) => low !== undefined)) {
    notes.push(`Whiskers: ${100 * bandShare()} % band of the model’s own error.`);
  }
  if (drawn.includes('datum.least') && metrics.some(({ least }) => least !== undefined)) {
    notes.push(`Whiskers: range over ${repetitions} repetitions.`);
  }
  return [notes.join(' ')];
}

export function headOf({ spec }: PrintFigure, experiment: Experiment): string[] {
  const { text } = spec.title as { text: string };
  return [text, circumstances(experiment)];
}
