/** What systems are beside their times, for whoever chooses one: below the table of sandboxes. */

import type { Experiment } from '../experiment/experiment.ts';
import { allMechanisms } from '../mechanisms/all.ts';
import type { Axis } from '../properties.ts';
import type { Table } from './table.ts';

/** Axes that decide what a system can be used for, in short. */
const shown = {
  isolation: 'isolation',
  other_hosts: 'on other hosts',
  inherits: 'inherits',
  writable_root: 'root file system',
  needs_parent: 'dies with parent or its node',
  poisoned_parent: 'a poisoned parent',
} as const satisfies Partial<Record<Axis, string>>;

const axes = Object.keys(shown) as (keyof typeof shown)[];

/** Nothing where no scenario puts such systems beside one another. */
export function propertiesTable({
  scenario,
  mechanisms,
}: Pick<Experiment, 'scenario' | 'mechanisms'>): Table | undefined {
  if (scenario !== 'sandboxes') return undefined;
  const column = (title: string, expendable: number) =>
    ({ title, unit: '', align: 'left', expendable }) as const;
  return {
    columns: [
      column('mechanism', 0),
      column('known', 0),
      ...axes.map((axis, index) => column(shown[axis], index + 1)),
    ],
    sections: [
      {
        heading: 'what each is',
        rows: mechanisms.flatMap((name) => {
          const { properties, inferred } = allMechanisms[name]!;
          if (properties === undefined) return [];
          const known = inferred === undefined ? 'published' : 'inferred';
          return [[name, known, ...axes.map((axis) => properties[axis])]];
        }),
      },
    ],
  };
}
