/** `cxlsim arrivals`: what a service would be asked for, by whom and how often, before anything is run. */

import type { SetValues } from '../../experiment/described-file.ts';
import { findArrivals } from '../../experiment/described-inputs.ts';
import { expand } from '../../experiment/expand.ts';
import { loadExperiment } from '../../experiment/load.ts';
import { assignmentOf, scalar } from '../../experiment/overrides.ts';
import { expected } from '../../input/expected.ts';
import { InputError } from '../../input/input-error.ts';
import type { Values } from '../../parameters.ts';
import { randomStream } from '../../random.ts';
import { inColumns, widthsOf } from '../../report/text-columns.ts';
import { mappingRule } from '../../scenarios/cluster/arrivals/kind.ts';
import { mapFunctions } from '../../scenarios/cluster/arrivals/mapping.ts';
import {
  Preview,
  type PreviewedFunction,
  type PreviewTotals,
} from '../../scenarios/cluster/arrivals/preview.ts';
import { arrivalSources } from '../../scenarios/cluster/arrivals/registry.ts';
import { CostsOfFunctions } from '../../scenarios/service/function-costs.ts';
import { candidatesOf } from '../../scenarios/service/requests.ts';
import { FunctionModels } from '../../workload/models.ts';
import { defineCommand, listed, often, once, wholeNumber } from '../command.ts';
import { findExperiment } from '../find-experiment.ts';

/** Its functions stand for those of traces where none are named, as it has them. */
const usual_experiment = 'porter-azure';
const most_listed = 10;

export const arrivals = defineCommand({
  usage: 'arrivals <source>',
  describe: 'what requests would come: how many, when, of whom, and what stands for them',
  options: {
    source: {
      type: 'string',
      demandOption: true,
      describe: 'arrivals by name (cxlsim list arrivals), or a file of them (YAML)',
    },
    set: { ...often, describe: 'what the file may say, as spacing=exponential' },
    workload: { ...often, describe: `workloads that stand for functions [${usual_experiment}'s]` },
    seed: { ...once, describe: 'seed of what is drawn [1]' },
    json: { type: 'boolean', describe: 'print one JSON object, nothing else' },
  },
  complaint: {
    missing: 'no arrivals; expected cxlsim arrivals NAME or FILE',
    excess: expected('one NAME or FILE'),
  },
  examples: [
    ['$0 arrivals azure-2019-500', 'an hour of Azure as experiments have it'],
    [
      '$0 arrivals azure-2019-500 --set spacing=exponential',
      'all functions begin minutes together',
    ],
  ],
  epilogue: 'Exit codes: 0 told, 2 bad input or usage.',
  command(typed) {
    const seed = wholeNumber('seed', typed.seed, { least: 0, most: Number.MAX_SAFE_INTEGER }) ?? 1;
    const options = {
      source: typed.source,
      set: [typed.set ?? []].flat(),
      workloads: typed.workload && listed(typed.workload),
      seed,
      json: typed.json === true,
    };
    return () => preview(options);
  },
});

interface ArrivalsOptions {
  readonly source: string;
  readonly set: readonly string[];
  readonly workloads: readonly string[] | undefined;
  readonly seed: number;
  readonly json: boolean;
}

async function preview({ source, set, workloads, seed, json }: ArrivalsOptions): Promise<number> {
  if (source in arrivalSources) {
    throw new InputError(
      source,
      'what this source makes follows from an experiment alone',
      'expected arrivals of a file: cxlsim list arrivals',
    );
  }
  const { opened, about } = findArrivals(source, source, ...settingsOf(set));
  const candidates = await candidatesFor(workloads);
  const rule = mappingRule(about.values as Values);
  const { workload_of, unmapped } = mapFunctions(opened.facts, candidates, rule);
  const played = new Preview(opened, randomStream(seed, 'service', 'arrivals'));
  const functions = played.functions.map((each) => {
    const found = workload_of[each.index];
    return { ...each, stands: found === undefined ? undefined : candidates[found]!.name };
  });
  const told = {
    source: about.file_name,
    kind: about.kind,
    description: about.description,
    origin: about.origin,
    ...(about.caveat !== undefined && { caveat: about.caveat }),
    values: about.values,
    seed,
    ...played.totals,
    unmapped: { ...unmapped, workloads: candidates.map(({ name }) => name), rule },
  };
  if (json) process.stdout.write(`${JSON.stringify({ ...told, functions })}\n`);
  else process.stdout.write(`${[...linesOf(told), '', ...tableOf(functions)].join('\n')}\n`);
  return 0;
}

/** What is set, and by which option. */
function settingsOf(set: readonly string[]): [SetValues, Record<string, string>] {
  const settings: Record<string, number | boolean | string> = {};
  const set_by: Record<string, string> = {};
  for (const each of set) {
    const { origin, name, text } = assignmentOf(each, 'spacing=exponential');
    const value = scalar(text, origin);
    if (value === null || typeof value === 'object') {
      throw new InputError(origin, `${name} takes one value`, 'expected a number or a word');
    }
    settings[name] = value as number | boolean | string;
    set_by[name] = origin;
  }
  return [settings, set_by];
}

/** As trials of a service have them: how long they compute when they are warm, and what they hold. */
async function candidatesFor(workloads: readonly string[] | undefined) {
  const experiment = await loadExperiment(
    findExperiment(usual_experiment),
    workloads && { workloads: [...workloads] },
  );
  const [trial] = expand(experiment);
  const costs = new CostsOfFunctions(new FunctionModels());
  return candidatesOf(
    trial!.service!.functions.map((each) => costs.of(trial!, each, undefined)),
    trial!.fabric,
  );
}

interface Told extends PreviewTotals {
  readonly source: string;
  readonly description: string;
  readonly caveat?: string;
  readonly values: Readonly<Record<string, unknown>>;
  readonly seed: number;
  readonly unmapped: {
    readonly functions: number;
    readonly invocations_share: number;
    readonly time_share?: number;
    readonly workloads: readonly string[];
    readonly rule: { readonly by: string; readonly within_factor: number };
  };
}

function linesOf(told: Told): string[] {
  const { values, unmapped, requests, length_s } = told;
  const { spacing, computing, variation } = values;
  const words = [
    spacing === undefined ? [] : [`in a minute ${spacing}`],
    computing === undefined ? [] : [`computing ${computing}`],
    variation === undefined ? [] : [`variation of gaps ${variation}`],
  ].flat();
  const time = unmapped.time_share === undefined ? '' : `, ${percent(unmapped.time_share)} of time`;
  return [
    `${told.source}: ${told.description}`,
    ...(told.caveat === undefined ? [] : [told.caveat]),
    '',
    ...(words.length === 0 ? [] : [`rule       ${words.join(', ')}`]),
    `requests   ${requests} in ${hours(length_s)}, ${(requests / Math.max(length_s, 1e-9)).toPrecision(3)} a second`,
    `peak       ${told.most_in_a_second} in a second, ${told.most_in_a_minute} in a minute (seed ${told.seed})`,
    `functions  ${told.functions_asked} that are asked for; the busiest has ${percent(told.busiest_share)} of requests, ` +
      `the busiest tenth ${percent(told.busiest_tenth_share)}; ${percent(told.seldom_share)} of them once a minute at most`,
    `unmapped   ${unmapped.functions} functions, ${percent(unmapped.invocations_share)} of requests${time}, by ` +
      `${unmapped.rule.by} within a factor of ${unmapped.rule.within_factor} of ${unmapped.workloads.join(', ')}`,
  ];
}

function percent(share: number): string {
  return `${Number((100 * share).toPrecision(3))} %`;
}

function hours(s: number): string {
  if (s >= 7200) return `${Number((s / 3600).toPrecision(3))} h`;
  return s >= 120 ? `${Number((s / 60).toPrecision(3))} min` : `${Number(s.toPrecision(3))} s`;
}

function tableOf(functions: readonly (PreviewedFunction & { stands: string | undefined })[]) {
  const told = (value: number | undefined) =>
    value === undefined ? '-' : String(Number(value.toPrecision(3)));
  const rows = [
    ['function', 'requests', 'a minute', 'computes ms', 'holds MB', 'workload'],
    ...functions
      .slice(0, most_listed)
      .map(({ name, requests, per_minute, duration_ms, memory_mb, stands }) => [
        name.length > 24 ? `${name.slice(0, 23)}…` : name,
        String(requests),
        told(per_minute),
        told(duration_ms),
        told(memory_mb),
        stands ?? 'none',
      ]),
  ];
  const widths = widthsOf(rows);
  const more = functions.length - most_listed;
  return [
    ...rows.map((row) => inColumns(row, widths, 'right')),
    ...(more > 0 ? [`and ${more} more (--json has them all)`] : []),
  ];
}
