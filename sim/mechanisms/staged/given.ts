/** Parameters of systems that others published, each with how well its number is known. */

import type { Parameter } from '../../parameters.ts';

/** Read in the system's own repository; stated by its makers; by others; derived from such; unknown. */
export const grades = {
  A: "grade A: read in the project's own files",
  B: 'grade B: stated in its documentation, paper or by its makers',
  C: 'grade C: from articles and notes of others',
  D: 'grade D: derived from numbers of grade A or B',
  U: 'grade U: unknown, to be swept',
} as const;

export type Grade = keyof typeof grades;

/** No stage of a start lasts longer than an hour. */
const most_ms = 3.6e6;

function number(unit: string, maximum: number) {
  return (
    initial: number,
    description: string,
    grade: Grade,
    source: string,
  ): Parameter<number> => ({
    default: initial,
    unit,
    minimum: 0,
    maximum,
    description,
    source: `${source}; ${grades[grade]}`,
  });
}

export const ms = number('ms', most_ms);
export const us = number('us', most_ms);
export const mb = number('MiB', 1_048_576);
export const share = number('share', 1);
export const ratio = number('times', 1_000);

/** How much a stage varies from start to start, read off two of its published quantiles. */
export function sigma(initial: number, grade: Grade, source: string): Parameter<number> {
  return {
    default: initial,
    unit: 'ratio',
    minimum: 0,
    maximum: 3,
    description:
      'how much it varies from start to start: standard deviation of the logarithm of its time',
    source: `${source}; ${grades[grade]}`,
  };
}

/** One of several ways or machines that numbers were published of. */
export function choice<const C extends readonly [string, ...string[]]>(
  choices: C,
  description: string,
  source: string,
): Parameter<string> {
  return { default: choices[0], unit: 'choice', choices, description, source };
}
