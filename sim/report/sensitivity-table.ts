/** Parameters of each row as a table, those that matter most first; those that change nothing are named below. */

import type { MetricName } from '../metrics.ts';
import { rowName } from '../sensitivity/row-name.ts';
import {
  matters,
  type ParameterSensitivity,
  type RowSensitivity,
} from '../sensitivity/sensitivity.ts';
import type { Column, Table } from './table.ts';
import { numberWords } from './validation-table.ts';

export function sensitivityTable(rows: readonly RowSensitivity[], metric: MetricName): Table {
  const number = (title: string, expendable: number): Column => {
    return { title, unit: '', align: 'right', expendable };
  };
  return {
    columns: [
      { title: 'parameter', unit: '', align: 'left', expendable: 0 },
      number('is', 3),
      number('low', 2),
      number('high', 2),
      number('at low', 0),
      number('at high', 0),
      number('swing', 1),
      number('index', 0),
      number('mean effect', 4),
      number('deviation', 4),
    ],
    sections: rows.flatMap((row) => {
      const { base, parameters } = row;
      if (base === undefined) return [];
      return [
        {
          heading: `${rowName(row)}: ${metric} ${numberWords(base)}`,
          rows: parameters.filter((each) => matters(each, base)).map((each) => cellsOf(each, base)),
        },
      ];
    }),
  };
}

function cellsOf(parameter: ParameterSensitivity, base: number): string[] {
  const { path, value, low, high, at_low, at_high, effects, index } = parameter;
  const swing = base === 0 ? '' : signed((at_high - at_low) / base);
  return [
    path,
    ...[value, low, high, at_low, at_high].map(numberWords),
    swing,
    index === undefined ? '' : `${(100 * index).toFixed(1)} %`,
    effects === undefined ? '' : small(effects.mean),
    effects?.deviation === undefined ? '' : small(effects.deviation),
  ];
}

/** No more than a thousandth, in which these are told from nothing. */
function small(value: number): string {
  return value !== 0 && Math.abs(value) < 0.001 ? '<0.001' : numberWords(value);
}

function signed(share: number): string {
  return `${share < 0 ? '−' : '+'}${Math.abs(100 * share).toFixed(2)} %`;
}

/** What the table leaves out. */
export function sensitivityNotes(rows: readonly RowSensitivity[]): string[] {
  return rows.flatMap((row) => {
    const { base, reason, parameters, unmoved } = row;
    if (base === undefined) return [`${rowName(row)}: nothing to tell: ${reason}`];
    const still = parameters.filter((each) => !matters(each, base)).map(({ path }) => path);
    return [
      ...(still.length > 0 ? [`${rowName(row)}: without effect: ${still.join(', ')}.`] : []),
      ...(unmoved.length > 0
        ? [`${rowName(row)}: not moved, for a share of them is nothing: ${unmoved.join(', ')}.`]
        : []),
    ];
  });
}
