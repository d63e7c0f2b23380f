/** Answers to claims as a table: published, model, error, null model and verdict, by source. */

import type { Answer } from '../validation/answer.ts';
import type { Published } from '../validation/claim.ts';
import type { SourceAnswers } from '../validation/validate.ts';
import type { Column, Table } from './table.ts';

const columns: readonly Column[] = [
  { title: 'claim', unit: '', align: 'left', expendable: 0 },
  { title: 'window', unit: '', align: 'left', expendable: 2 },
  { title: 'published', unit: '', align: 'right', expendable: 0 },
  { title: 'model', unit: '', align: 'right', expendable: 0 },
  { title: 'unit', unit: '', align: 'left', expendable: 1 },
  { title: 'error', unit: '', align: 'right', expendable: 0 },
  { title: 'null model', unit: '', align: 'right', expendable: 3 },
  { title: 'verdict', unit: '', align: 'left', expendable: 0 },
];

export function validationTable(sources: readonly SourceAnswers[]): Table {
  return {
    columns,
    sections: sources.map(({ name, title, answers }) => ({
      heading: `${name}: ${title}`,
      rows: answers.map(rowOf),
    })),
  };
}

function rowOf(answer: Answer): string[] {
  const { claim, verdict, modelled, reason, guessed } = answer;
  const { family, key } = claim;
  return [
    key === undefined ? family : `${family}/${key}`,
    claim.window,
    publishedWords(claim.published),
    modelled === undefined ? '' : numberWords(modelled),
    claim.unit,
    errorWords(answer),
    guessed === undefined ? '' : numberWords(guessed),
    reason === undefined ? verdict : `${verdict}: ${reason}`,
  ];
}

export function publishedWords(published: Published): string {
  if ('value' in published) return numberWords(published.value);
  const { at_least, at_most } = published;
  if (at_most === undefined) return `≥ ${numberWords(at_least!)}`;
  if (at_least === undefined) return `≤ ${numberWords(at_most)}`;
  return `${numberWords(at_least)} to ${numberWords(at_most)}`;
}

/** Relative as a share, else in the claim's unit; nothing where a bound is kept. */
export function errorWords({ claim, error, modelled }: Answer): string {
  if (error === undefined || modelled === undefined) return '';
  if (!('value' in claim.published) && error === 0) return '';
  const size = Math.abs(error);
  const words = claim.tolerance.relative ? `${(100 * size).toFixed(1)} %` : numberWords(size);
  if (Number.parseFloat(words) === 0) return words;
  return `${error < 0 ? '−' : '+'}${words}`;
}

/** Four digits, and no more than the number has. */
export function numberWords(value: number): string {
  if (Number.isInteger(value) || Math.abs(value) >= 10_000) return Math.round(value).toString();
  const text = Number(value.toPrecision(4)).toString();
  return text.includes('e') ? value.toFixed(6) : text;
}
