/** The part of docs/calibration.md on bands: what they are, whether they hold, and which are wide and why. */

import { whyWide, wide_share } from '../../sim/report/error-bands.ts';
import { bandRows, type Coverage, coverage } from './bands.ts';
import {
  fitOn,
  fitted,
  functionNames,
  type Linearised,
  mechanismNames,
  predict,
  presentValue,
  type TimeMetric,
} from './fitted-model.ts';
import { nullLeftOut } from './null-model.ts';
import { band_share } from './prediction-band.ts';
import { published, total_ms } from './published.ts';
import { modelLeftOut } from './residuals.ts';

const names: Readonly<Record<TimeMetric, string>> = {
  restore_ms: 'restore',
  faults_ms: 'faults',
  execution_ms: 'execution',
  end_to_end_ms: 'end to end',
  warm_ms: 'warm',
};

/** `linearised` is of all systems that times are published of. */
export function bandsPage(linearised: Linearised): string {
  const model = modelLeftOut(linearised);
  return `## Bands of the model's own error

Every simulated time that something alike is published of carries a ${100 * band_share} % band: what its published value would be
multiplied by, after what published over modelled was, with each function left out of the fit of all parameters.
A band is Student's prediction interval of the logarithms of these ratios, m ± t(n − 1) · s · √(1 + 1/n), over n functions; the mean m
is not taken out, so a model that is always too fast has a band that lies above its times. Empirical quantiles of six
values cannot be used: their ends hold five in seven. Bands are nested: the one that reports show around a
function of this page comes from the other functions, as in the table below. (The fits behind their ratios did see it. Without
both, too little is left that costs are fitted to: ${worstOfFour(linearised)}.) Bands speak of errors of the model alone, beside what repetitions and \`ranges\` vary, and of
functions, fabrics and settings like the paper's; how near a row is to them is its *basis*.

### Do they hold?

How many of the published times lie in the band of the other functions, and the mean interval score of Gneiting and Raftery as a
share of the published time: the width of the band, and 20 times what the time lies outside. Smaller is better.
The null model is refitted without the function, too: CXLfork = local fork, CRIU = local fork + a · footprint + b, Mitosis = local
fork + a · touched + b.

${grid(
  ['times', 'cells', 'in the band', 'mean interval score', 'in the null’s', 'mean interval score'],
  [
    held('all', () => true),
    ...Object.entries(names).map(([metric, name]) => held(name, (each) => each === metric)),
    ...['criu', 'mitosis', 'cxlfork'].map((mechanism) =>
      held(
        `end to end, ${mechanism}`,
        (metric, own) => metric === 'end_to_end_ms' && own === mechanism,
      ),
    ),
  ],
)}

### The bands

Of functions that nothing is published of. “Any other” is of policies that nothing is published of, from all that is. Those
that reach further than ${100 * wide_share} % say what makes them wide: the function that the model is furthest off on, left out.

${grid(
  ['mechanism', 'policy', 'time', 'band', 'wide because'],
  bandRows(model).map((row) => [
    row.mechanism,
    row.policy ?? (row.mechanism === 'cxlfork' ? 'any other' : ''),
    names[row.metric as TimeMetric],
    `${signed(row.low)} … ${signed(row.high)}`,
    whyWide(row, row) ?? '',
  ]),
)}
`;

  function held(name: string, chosen: (metric: TimeMetric, mechanism: string) => boolean) {
    const of = (predict: typeof model) =>
      coverage(predict, ({ metric, mechanism }) => chosen(metric, mechanism));
    const [own, guess] = [of(model), of(nullLeftOut)];
    return [name, String(own.cells), ...words(own), ...words(guess)];
  }
}

/** What becomes of a prediction where two functions are left out of the fit. */
function worstOfFour(linearised: Linearised): string {
  const pairs = functionNames.flatMap((name) =>
    functionNames.flatMap((other) => (name < other ? [[name, other] as const] : [])),
  );
  const all = pairs.flatMap((pair) => {
    const values = fitOn(
      functionNames.filter((each) => !pair.includes(each)),
      linearised,
    );
    const changes = values.map((value, at) => value - presentValue(fitted[at]!));
    return pair.flatMap((workload) =>
      mechanismNames.map((mechanism) => {
        const real_ms = total_ms(published.functions[workload]!.mechanisms[mechanism]!);
        const { end_to_end_ms } = predict(mechanism, workload, changes, linearised);
        return { pair, workload, mechanism, real_ms, error: end_to_end_ms / real_ms - 1 };
      }),
    );
  });
  const worst = all.reduce((most, each) =>
    Math.abs(each.error) > Math.abs(most.error) ? each : most,
  );
  const { pair, workload, mechanism, real_ms, error } = worst;
  return (
    `without ${pair.join(' and ')}, ${workload} under ${mechanism} is put at ` +
    `${((1 + error) * real_ms).toFixed(0)} ms, where ${real_ms.toFixed(0)} ms are published`
  );
}

function words({ inside, cells, score }: Coverage): string[] {
  return [`${inside} (${((100 * inside) / cells).toFixed(0)} %)`, score.toFixed(2)];
}

function signed(factor: number): string {
  return `${factor < 1 ? '−' : '+'}${Math.abs(100 * (factor - 1)).toFixed(1)} %`;
}

function grid(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const rule = header.map((_, index) => (index === 0 ? '---' : '---:'));
  return [header, rule, ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
