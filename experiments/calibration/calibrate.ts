/**
 * `npm run --silent calibrate > docs/calibration.md`: fits the model's fitted parameters to the published results again, and says
 * in Markdown how far the model is off, in the sample and with each function left out in turn.
 */

import { median } from 'simple-statistics';
import { averages } from './averages.ts';
import { bandsPage } from './bands-page.ts';
import {
  fitOn,
  fitted,
  functionNames,
  linearise,
  measure,
  mechanismNames,
  policyOf,
  predict,
  presentValue,
  workloadOf,
} from './fitted-model.ts';
import { chosenOn, promotion, promotionWays } from './promotion.ts';
import { phases, published, total_ms } from './published.ts';
import { publishedSystems } from './residuals.ts';

const linearised = await linearise(publishedSystems);
const refitted = fitOn(functionNames, linearised);
const none = fitted.map(() => 0);

const percent = (value: number) => `${value >= 0 ? '+' : '−'}${Math.abs(100 * value).toFixed(1)} %`;
const row = (cells: readonly (string | number)[]) => console.log(`| ${cells.join(' | ')} |`);
function table(header: readonly string[]): void {
  row(header);
  row(header.map((_, index) => (index === 0 ? '---' : '---:')));
}
function summary(errors: readonly number[]): string {
  const sizes = errors.map(Math.abs);
  return `${(100 * median(sizes)).toFixed(1)} % median, ${(100 * Math.max(...sizes)).toFixed(1)} % worst`;
}

console.log(`# Calibration: what is fitted, on what, and how far the model is off

Written by \`npm run --silent calibrate > docs/calibration.md\` (deterministic: seed 1, fabric
\`cxlfork-testbed\`). Published values are CXLfork's (ASPLOS 2025, CC BY 4.0), read from its vector
figures. Functions for which only inputs are here (Chameleon, HTML, Cnn, Rnn) were held back from the
fit. “Left out” means: the fitted parameters were fitted again without that function. Cold start and
local fork are inputs and count as no prediction; the null model says that a mechanism costs what a
local fork costs. Where the model fails, and why, stands in [model.md](model.md).
`);

console.log(
  `## Fitted parameters\n\n${fitted.length} parameters are fitted to published results, and two more, cxlfork.promotion (below) and mitosis.descriptor, are choices made on them. Two others, kernel.fork_fixed_ns and kernel.fork_page_ns, are fitted to the local-fork restore times of all ten functions, which are inputs.\n`,
);
table(['parameter', 'in the model', 'fitted now', 'lowest and highest with one function left out']);
const leftOut = functionNames.map((name) =>
  fitOn(
    functionNames.filter((other) => other !== name),
    linearised,
  ),
);
for (const [index, one] of fitted.entries()) {
  const values = leftOut.map((values) => values[index]!);
  const show = (value: number) => String(Number(value.toPrecision(3)));
  row([
    `${one.plugin}.${one.parameter}`,
    show(presentValue(one)),
    show(refitted[index]!),
    `${show(Math.min(...values))} … ${show(Math.max(...values))}`,
  ]);
}

console.log('\n## End-to-end latency, figure 7\n');
table([
  'function',
  'mechanism',
  'published ms',
  'model ms',
  'error',
  'error when left out',
  'null model (local fork)',
]);
const errors: Record<string, number[]> = { all: [], 'all, left out': [] };
const note = (key: string, error: number) => {
  errors[key] ??= [];
  errors[key].push(error);
};
const added: { model: number[]; null: number[] } = { model: [], null: [] };
for (const [index, name] of functionNames.entries()) {
  for (const mechanism of mechanismNames) {
    const real = published.functions[name]!.mechanisms[mechanism]!;
    const model = predict(mechanism, name, none, linearised);
    const changes = leftOut[index]!.map((value, at) => value - presentValue(fitted[at]!));
    const out = predict(mechanism, name, changes, linearised);
    const fork_ms = total_ms(published.functions[name]!.local_fork);
    const error = total_ms(model) / total_ms(real) - 1;
    const out_error = total_ms(out) / total_ms(real) - 1;
    note('all', error);
    note('all, left out', out_error);
    note(mechanism, error);
    note(`${mechanism}, left out`, out_error);
    note(`${mechanism}, null model`, fork_ms / total_ms(real) - 1);
    for (const phase of phases) note(`${mechanism} ${phase}`, model[phase] / real[phase] - 1);
    for (const phase of ['restore_ms', 'faults_ms'] as const) {
      note('restore and faults of all', model[phase] / real[phase] - 1);
      note(`${mechanism} restore and faults`, model[phase] / real[phase] - 1);
    }
    if (mechanism === 'cxlfork') {
      added.model.push(total_ms(out) - total_ms(real));
      added.null.push(fork_ms - total_ms(real));
    }
    row([
      name,
      mechanism,
      total_ms(real).toFixed(2),
      total_ms(model).toFixed(2),
      percent(error),
      percent(out_error),
      percent(fork_ms / total_ms(real) - 1),
    ]);
  }
}

console.log('\n## Summary\n');
table(['errors of', 'size']);
for (const [key, values] of Object.entries(errors)) row([key, summary(values)]);
const squares = (values: readonly number[]) => values.reduce((sum, value) => sum + value ** 2, 0);
const skill = 1 - squares(added.model) / squares(added.null);
console.log(
  `\nSkill on the cost that CXLfork adds to a local fork, each function left out of its own fit: ` +
    `${skill.toFixed(2)} (1 is perfect, 0 is the null model “CXLfork = local fork”).`,
);

console.log(`\n${bandsPage(linearised).trimEnd()}`);

console.log(`
## How a hot page comes, hybrid's cold times of figure 8a

\`cxlfork.promotion\` is a choice, which counts as one more fitted parameter. Only BFS and Bert have enough hot pages to tell.
`);
const ways = await promotionWays();
table(['function', ...ways.map(({ way }) => way), 'chosen without it', 'error then']);
for (const name of functionNames) {
  const without = chosenOn(
    functionNames.filter((other) => other !== name),
    ways,
  );
  row([
    name,
    ...ways.map(({ errors: of_way }) => percent(of_way[name]!)),
    without.way,
    percent(without.errors[name]!),
  ]);
}
console.log(
  `\nChosen on all six: \`${chosenOn(functionNames, ways).way}\`; in the model: \`${promotion.default}\`.`,
);

console.log('\n## Policies, figure 8 (nothing fitted but how a hot page comes)\n');
table([
  'function',
  'policy',
  'published cold ms',
  'model cold ms',
  'error',
  'published warm ms',
  'model warm ms',
  'error',
]);
for (const name of functionNames) {
  for (const [policy, real] of Object.entries(published.functions[name]!.policies)) {
    const model = await measure('cxlfork', policy, workloadOf(name));
    const cells = (value: number | undefined, modelled: number) =>
      value === undefined
        ? ['input', modelled.toFixed(2), '']
        : [value.toFixed(2), modelled.toFixed(2), percent(modelled / value - 1)];
    row([
      name,
      policy,
      ...cells(real.cold_ms, model.end_to_end_ms!),
      ...cells(real.warm_ms, model.warm_ms!),
    ]);
  }
}

console.log(
  '\n## Local memory after the first invocation, as a share of a cold start’s, figure 7b\n',
);
table(['function', ...mechanismNames.flatMap((name) => [`${name} published`, 'model'])]);
for (const name of functionNames) {
  const cold = await measure('cold-start', undefined, workloadOf(name));
  const cells: string[] = [];
  for (const mechanism of mechanismNames) {
    const model = await measure(mechanism, policyOf(mechanism), workloadOf(name));
    cells.push(
      published.functions[name]!.mechanisms[mechanism]!.local_memory_share_of_cold.toFixed(2),
      (model.local_memory_mb! / cold.local_memory_mb!).toFixed(2),
    );
  }
  row([name, ...cells]);
}

console.log(
  '\n## Geometric means over all ten functions, no result of four of which was used in a fit\n',
);
table(['what', 'published', 'model', 'error']);
for (const { what, published: real, model } of await averages()) {
  row([what, real.toFixed(3), model.toFixed(3), percent(model / real - 1)]);
}
