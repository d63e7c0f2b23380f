/** `cxlsim compare`: two sets of results, metric by metric: differences, verdicts and a picture. */

import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { definitionOf } from '../../backends/registry.ts';
import { writeTogether } from '../../files/write-atomically.ts';
import { expected } from '../../input/expected.ts';
import { InputError } from '../../input/input-error.ts';
import { proposal } from '../../input/nearest.ts';
import { metricNames } from '../../metrics.ts';
import { differenceTable } from '../../report/difference-table.ts';
import { markdownTable } from '../../report/markdown-table.ts';
import { markdownList } from '../../report/markdown-text.ts';
import { movedNumbers } from '../../report/moved-numbers.ts';
import { terminalTable, terminalWidth } from '../../report/terminal-table.ts';
import {
  compareResults,
  type MetricDifference,
  type Side,
  type Verdict,
  verdicts,
} from '../../results/compare-results.ts';
import { type Results, readResults } from '../../results/read-results.ts';
import {
  differenceLines,
  differingPaths,
  type SettingDifference,
  settingDifferences,
} from '../../results/setting-differences.ts';
import { claimComparison } from '../claim-comparison.ts';
import { defineCommand, listed, often, once, single } from '../command.ts';
import { exit_different } from '../exit-codes.ts';
import { UsageError } from '../usage-error.ts';

export const compare = defineCommand({
  usage: 'compare <a> [b]',
  describe: 'hold two sets of results against each other, metric by metric',
  options: {
    a: { type: 'string', demandOption: true, describe: 'folder of results' },
    b: { type: 'string', describe: 'second folder; without it, two backends of the first' },
    backend: { ...often, describe: 'backend of A, then of B, or of both' },
    metric: { ...often, describe: 'metric to compare [all]' },
    out: { ...once, describe: 'folder for the picture and the tables [none is written]' },
    all: { type: 'boolean', describe: 'a line for every metric, also for equal ones' },
    moved: { type: 'boolean', describe: 'print what moved as an entry of a changelog' },
    'fail-on-difference': { type: 'boolean', describe: 'exit code 3 if something differs' },
    json: { type: 'boolean', describe: 'print one JSON object, nothing else' },
  },
  complaint: {
    missing: 'no folder of results; expected cxlsim compare A B',
    excess: expected('two folders'),
  },
  examples: [
    ['$0 compare results/before results/after', 'two runs, or two commits'],
    ['$0 compare results/before results/after --moved', 'Markdown: each number, before → after'],
    ['$0 compare results/agree --backend simulated,vm', 'the simulator against the kernel'],
  ],
  epilogue:
    'Intervals: of the median over pairs of repetitions where both sides are simulated with one\n' +
    'seed; else Hodges-Lehmann with the Mann-Whitney test. See docs/compare.md.\n' +
    'Exit codes: 0 compared, 2 bad input or usage, 3 different (with --fail-on-difference).',
  command(typed) {
    const backends = listed(typed.backend ?? []);
    if (backends.length > 2) {
      throw new UsageError(
        `compare: ${backends.length} backends; expected one for both sides or one for each`,
      );
    }
    if (typed.moved === true && typed.json === true) {
      throw new UsageError(`compare: --moved and --json; ${expected('one of both')}`);
    }
    const options = {
      folders: [typed.a, ...(typed.b === undefined ? [] : [typed.b])],
      backends,
      metrics: listed(typed.metric ?? []),
      out: single('out', typed.out),
      all: typed.all === true,
      fail_on_difference: typed['fail-on-difference'] === true,
      moved: typed.moved === true,
      json: typed.json === true,
    };
    return () => compareRuns(options);
  },
});

interface CompareOptions {
  /** One folder with several backends, or two. */
  readonly folders: readonly string[];
  /** None, one for both sides, or one for each. */
  readonly backends: readonly string[];
  readonly metrics: readonly string[];
  readonly out: string | undefined;
  /** Every metric on a line of its own. */
  readonly all: boolean;
  readonly fail_on_difference: boolean;
  readonly moved: boolean;
  readonly json: boolean;
}

/** A set of results and the backend of it that is compared. */
interface Chosen extends Side {
  readonly results: Results;
  readonly backend: string;
}

/** Whether the sides cannot be said to agree. Backends need not measure the same metrics. */
function disagree(a: Chosen, b: Chosen, counts: Readonly<Record<Verdict, number>>): boolean {
  if (counts.different > 0) return true;
  return a.backend === b.backend && counts['only-in-A'] + counts['only-in-B'] > 0;
}

async function compareRuns(options: CompareOptions): Promise<number> {
  for (const name of options.metrics) {
    if (metricNames.some((metric) => metric === name)) continue;
    throw new UsageError(`compare: no metric ${name}; ${proposal(name, metricNames)}`);
  }
  const [a, b] = sidesOf(options);
  const differences = compareResults(a, b).filter(
    ({ metric }) => options.metrics.length === 0 || options.metrics.includes(metric),
  );
  if (differences.every(({ verdict }) => verdict.startsWith('only-in'))) {
    throw new InputError(
      b.results.directory,
      `has no metric of a mechanism, policy, workload and swept point in common with ${a.results.directory}`,
      expected('two runs of one experiment, or of two that list the same'),
    );
  }
  const sides = { A: about(a), B: about(b) };
  const counts = Object.fromEntries(
    Object.keys(verdicts).map((verdict) => [
      verdict,
      differences.filter((each) => each.verdict === verdict).length,
    ]),
  ) as Record<Verdict, number>;
  const settings = settingDifferences(a.results.manifest, b.results.manifest);
  const object = { ...sides, settings, counts, differences };
  const notes = [...namesOf(a, b), ...notesOf(differences, counts), ...vouchers(a, b)];
  const head = [
    ...Object.entries(sides).map(([side, words]) => `${side}  ${words.text}`),
    ...differenceLines(settings),
  ];
  const figures = options.out === undefined ? [] : await store(options.out, head, notes, object);

  if (options.moved) {
    const title = `${b.results.manifest.experiment}: ${sides.A.version} → ${sides.B.version}`;
    process.stdout.write(movedNumbers(title, settings, differences));
  } else if (options.json)
    process.stdout.write(`${JSON.stringify({ ...object, figures }, null, 2)}\n`);
  else {
    const table = differenceTable(differences, options.all);
    const { text, dropped } = terminalTable(table, terminalWidth());
    const more = dropped.length > 0 ? [`No room here for: ${dropped.join(', ')}.`] : [];
    const where = options.out === undefined ? [] : [`picture and tables in ${options.out}`];
    const parts = [head.join('\n'), text, [...notes, ...more, ...where].join('\n')];
    process.stdout.write(`${parts.join('\n\n')}\n`);
  }
  return options.fail_on_difference && disagree(a, b, counts) ? exit_different : 0;
}

function sidesOf({ folders, backends }: CompareOptions): [Chosen, Chosen] {
  const [first, second = first] = folders as [string, ...string[]];
  const a = readResults(first);
  const b = second === first ? a : readResults(second);
  const [of_a, of_b = of_a] = backends;
  const sides: [Chosen, Chosen] = [chosen(a, of_a), chosen(b, of_b)];
  if (folders.length === 1 && sides[0].backend === sides[1].backend) {
    throw new UsageError(
      `compare: both sides are backend ${sides[0].backend} of ${first}; expected a second folder, ` +
        'or two backends of this one with --backend',
    );
  }
  return sides;
}

function chosen(results: Results, wanted: string | undefined): Chosen {
  const { directory, rows, manifest } = results;
  const found = [...new Set(rows.map(({ backend }) => backend))];
  if (found.length === 0) {
    throw new InputError(directory, 'no trial has measurements', expected('a run that measured'));
  }
  if (wanted !== undefined && !found.includes(wanted)) {
    throw new InputError(directory, `no rows of backend ${wanted}`, proposal(wanted, found));
  }
  if (wanted === undefined && found.length > 1) {
    const example = found.slice(0, 2).map((name) => `--backend ${name}`);
    throw new InputError(
      directory,
      `holds rows of several backends (${found.join(', ')})`,
      `name one for each side, as ${example.join(' ')}`,
    );
  }
  const backend = wanted ?? found[0]!;
  return {
    results,
    backend,
    rows: rows.filter((row) => row.backend === backend),
    seed: manifest.seed,
    relative_times: definitionOf(backend)?.clock === 'emulated',
  };
}

function about({ results, backend, relative_times }: Chosen) {
  const { directory, manifest } = results;
  const { experiment, seed, repetitions, versions, trials } = manifest;
  const version = versions['commit']?.slice(0, 12) ?? versions['cxlsim'] ?? 'unknown';
  const gaps = (['skipped', 'failed', 'missing'] as const)
    .filter((gap) => trials[gap] > 0)
    .map((gap) => `, ${trials[gap]} trials ${gap}`);
  const text =
    `${directory}: ${experiment} on backend ${backend}, ` +
    `${repetitions === 1 ? '1 repetition' : `${repetitions} repetitions`}, seed ${seed}, ` +
    `cxlsim ${version}${gaps.join('')}`;
  const { configuration: _, fitted_parameters: __, ...short } = manifest;
  return { directory, backend, relative_times, version, ...short, text };
}

/** A file may have been renamed, and two may ask the same: rows tell whether anything can be compared. */
function namesOf(a: Chosen, b: Chosen): string[] {
  const [of_a, of_b] = [a.results.manifest.experiment, b.results.manifest.experiment];
  if (of_a === of_b) return [];
  return [
    `A is of experiment ${of_a}, B of ${of_b}: rows were matched by mechanism, policy, workload and swept values.`,
  ];
}

/** Nothing was found wrong with these numbers, and nothing says that they are as they were written. */
function vouchers(a: Chosen, b: Chosen): string[] {
  const folders = [a, b].filter(({ results }) => !results.vouched);
  return [...new Set(folders.map(({ results }) => results.directory))].map(
    (directory) =>
      `${directory} has neither checksums nor a journal: nobody knows whether it was edited.`,
  );
}

function notesOf(
  differences: readonly MetricDifference[],
  counts: Readonly<Record<Verdict, number>>,
): string[] {
  const present = Object.entries(counts).filter(([, count]) => count > 0);
  // Only an interval of 95 % can exclude zero, and where nothing differs it does so once in twenty.
  const tested = differences.filter(
    ({ interval, paired }) => interval !== undefined && !paired && interval.confidence >= 0.95,
  ).length;
  return [
    `${differences.length} metrics: ${present.map(([verdict, count]) => `${count} ${verdict}`).join(', ')}.`,
    ...present
      .filter(([verdict]) => verdict !== 'equal' && verdict !== 'different')
      .map(([verdict]) => `${verdict}: ${verdicts[verdict as Verdict]}.`),
    ...(tested >= 20
      ? [
          `Of ${tested} comparisons with noise, about ${Math.round(tested / 20)} would be called different by chance.`,
        ]
      : []),
  ];
}

/** Returns the paths of the pictures. */
async function store(
  directory: string,
  head: readonly string[],
  notes: string[],
  object: {
    readonly differences: readonly MetricDifference[];
    readonly settings: readonly SettingDifference[];
  },
): Promise<string[]> {
  claimComparison(directory);
  const { differenceFigure, lacksRoom } = await import('../../report/difference-figure.ts');
  const reason = lacksRoom(object.differences);
  const pictures: [path: string, content: string | Uint8Array][] = [];
  if (reason !== undefined) {
    notes.push(`No picture: ${reason}; --metric takes fewer.`);
  } else {
    const subtitle = [...head.slice(0, 2), ...differingPaths(object.settings)].join('\n');
    const { svg, png } = await differenceFigure(object.differences, subtitle);
    pictures.push([join(directory, 'compare.svg'), svg], [join(directory, 'compare.png'), png]);
  }
  const table = markdownTable(differenceTable(object.differences, true));
  const picture = pictures.length > 0 ? '![Where the results agree](compare.svg)\n' : '';
  const markdown = ['# Comparison\n', markdownList(head), markdownList(notes), picture, table];
  writeTogether([
    // First what makes the folder a comparison's: one that is stopped must be able to be made again.
    [join(directory, 'compare.json'), `${JSON.stringify(object, null, 2)}\n`],
    ...pictures,
    [join(directory, 'compare.md'), markdown.filter(Boolean).join('\n')],
  ]);
  if (pictures.length === 0) {
    for (const ending of ['svg', 'png'])
      rmSync(join(directory, `compare.${ending}`), { force: true });
  }
  return pictures.map(([path]) => path);
}
