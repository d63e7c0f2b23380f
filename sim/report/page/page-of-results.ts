/** Stored results as a page: what they say, from their tables and their manifest alone. */

import { readFigure } from '../../experiment/figure-file.ts';
import { installed } from '../../experiment/installed.ts';
import { readPolicy } from '../../experiment/read-policy.ts';
import type { MetricName } from '../../metrics.ts';
import type { Measurement } from '../../results/measurements-csv.ts';
import type { Results } from '../../results/read-results.ts';
import { summarize } from '../../results/summarize.ts';
import { caveats, circumstances } from '../circumstances.ts';
import { errorBand } from '../error-bands.ts';
import { whiskerNotes, withBands } from '../figure-bands.ts';
import { lacks } from '../figure-needs.ts';
import { notModelled } from '../not-modelled.ts';
import type { PolicyColours } from '../palette.ts';
import { propertiesTable } from '../properties-table.ts';
import { renderForPage } from '../render-figure.ts';
import type { Table } from '../table.ts';
import { answerOf, digits, systemName } from './answer.ts';
import { interactivePage, type PageColumn, type PageFigure } from './page.ts';
import { reproduction } from './reproduction.ts';
import { type StoredExperiment, storedExperiment } from './stored-experiment.ts';

/** What a table has room for, in this order, as far as it was measured. */
const shown: readonly MetricName[] = [
  ...(['checkpoint_ms', 'restore_ms', 'faults_ms', 'execution_ms', 'end_to_end_ms'] as const),
  ...(['warm_ms', 'all_ready_ms', 'all_done_ms', 'local_memory_mb', 'cxl_memory_mb'] as const),
  ...(['instances_that_fit', 'pages_copied'] as const),
];

export async function pageOfResults(results: Results): Promise<string> {
  const { rows, manifest } = results;
  const experiment = storedExperiment(results);
  const groups = summarize(rows);
  const metrics = shown.filter((name) => groups.some((group) => group.metrics[name]));
  const swept = experiment.sweep.map(({ path }) => path);
  const bandOf = (group: (typeof groups)[number], metric: MetricName) =>
    errorBand(experiment, group, metric);
  const columns: PageColumn[] = [
    ...['system', 'function', ...swept].map((title) => ({ title, unit: '' })),
    ...metrics.flatMap((name) => [
      { title: name.replace(/_(ms|mb)$/, '').replaceAll('_', ' '), unit: unitOf(name) },
      ...(name === 'end_to_end_ms' ? bandColumns : []),
    ]),
  ];
  const { figures, left_out } = await figuresOf(experiment, rows);
  const gaps = [...manifest.skipped, ...manifest.failed].map(
    ({ reason, count }) => `${count === 1 ? '1 trial' : `${count} trials`}: ${reason}`,
  );
  return interactivePage({
    experiment: experiment.name,
    question: experiment.question,
    answer:
      answerOf(groups, bandOf) ??
      'Nothing can be compared: no two systems were measured at the same point.',
    circumstances: circumstances(experiment),
    columns,
    rows: groups.map((group) => ({
      system: systemName(group),
      function: group.workload,
      cells: [
        systemName(group),
        group.workload,
        ...swept.map((path) => group.swept[path] ?? ''),
        ...metrics.flatMap((name) => {
          const summary = group.metrics[name];
          const own = summary === undefined ? '' : digits(summary.median);
          if (name !== 'end_to_end_ms') return [own];
          const band = bandOf(group, name);
          return [own, band ? digits(band.low) : '', band ? digits(band.high) : ''];
        }),
      ],
    })),
    figures,
    lists: [
      { title: 'Skipped and failed trials', lines: gaps },
      { title: 'What must be said of these numbers', lines: [...caveats(experiment), ...left_out] },
      {
        title: 'What each system is',
        lines: linesOf(propertiesTable(experiment)),
      },
      {
        title: 'What is not modelled',
        lines: notModelled(experiment.scenario, experiment.mechanisms),
      },
    ],
    fitted: manifest.fitted_parameters.map(({ name, value, unit = '', source = '' }) => [
      name,
      String(value),
      unit,
      source,
    ]),
    reproduce: reproduction(experiment, manifest),
    configuration: manifest.configuration,
  });
}

const bandColumns = [
  { title: 'band, low', unit: 'ms' },
  { title: 'band, high', unit: 'ms' },
];

/** A row a line: what it is called, then each cell with its title. */
function linesOf(table: Table | undefined): string[] {
  if (table === undefined) return [];
  const [, ...titles] = table.columns.map(({ title }) => title);
  return table.sections.flatMap(({ rows }) =>
    rows.map(
      ([name, ...cells]) =>
        `${name}: ${cells.map((cell, i) => `${titles[i]} ${cell}`).join('; ')}.`,
    ),
  );
}

function unitOf(metric: MetricName): string {
  const [, unit] = /_(ms|mb)$/.exec(metric) ?? [];
  return unit === 'ms' ? 'ms' : unit === 'mb' ? 'MB, 2²⁰ bytes' : '';
}

async function figuresOf(
  experiment: StoredExperiment,
  rows: readonly Measurement[],
): Promise<{ figures: PageFigure[]; left_out: string[] }> {
  const figures: PageFigure[] = [];
  const left_out: string[] = [];
  const colours = await coloursOf(experiment);
  for (const name of experiment.figures) {
    const path = installed.figures.get(name);
    const figure = path === undefined ? undefined : readFigure({ name, path });
    for (const backend of experiment.backends) {
      const all = withBands(
        experiment,
        rows.filter((row) => row.backend === backend),
      );
      const reason =
        figure === undefined
          ? 'its specification is the user’s own, and not among the results'
          : figure.data !== 'measurements'
            ? `it is drawn from ${figure.data}`
            : lacks(figure.needs, all);
      if (figure === undefined || reason !== undefined) {
        left_out.push(`Figure ${name} is left out: ${reason}.`);
        continue;
      }
      const spec_text = JSON.stringify(figure.spec);
      const own = all.filter(({ metric }) => spec_text.includes(metric));
      const subtitle = [
        circumstances({ ...experiment, backends: [backend] }),
        ...whiskerNotes(figure, own),
      ].join('\n');
      const shown_name = experiment.backends.length === 1 ? name : `${name}-${backend}`;
      const drawn = await renderForPage({ ...figure, name: shown_name }, own, subtitle, colours);
      const system = (row: object) => ({ ...row, system_of: systemName(row as Measurement) });
      figures.push({ ...drawn, rows: drawn.rows.map(system) });
    }
  }
  return { figures, left_out };
}

/** As shipped policies declare them; of others nothing is known here. */
async function coloursOf({ policies }: StoredExperiment): Promise<PolicyColours> {
  const known = await Promise.all(
    policies.map(async ({ name }) => {
      const path = installed.policies.get(name);
      const colour = path === undefined ? undefined : (await readPolicy(path, path)).colour;
      return colour === undefined ? [] : [[name, colour] as const];
    }),
  );
  return new Map(known.flat());
}
