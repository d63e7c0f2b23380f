/** Every setting as a reader needs it: unit, default, what it may hold, and what it means; from the table that loading uses. */

import { z } from 'zod';
import { default_arrivals, one_child, type Scalar } from '../backend.ts';
import { complaintOf, judge } from '../input/complaint.ts';
import type { Parameters } from '../parameters.ts';
import { of_the_experiment, preset_path } from './experiment-file.ts';
import { of_tests } from './installed.ts';
import { type Setting, settingsOf, starts_path, startTimes } from './settings.ts';

export interface SettingDescription {
  readonly path: string;
  readonly unit: string;
  /** What holds where nothing is set. */
  readonly default: string | number | boolean;
  readonly allowed: string;
  readonly description: string;
}

/** Units that names end in. */
const units: readonly (readonly [ending: string, unit: string])[] = [
  ['_gb_per_s', 'GB/s'],
  ['_ns', 'ns'],
  ['_per_s', '1/s'],
  ['_s', 's'],
  ['_ms', 'ms'],
  ['_mb', 'MiB'],
  ['_share', 'share'],
  ['_pages', 'pages'],
];

/** `parameters` are those that plug-ins declare, by plug-in. */
export function describeSettings(
  parameters: ReadonlyMap<string, Parameters>,
): SettingDescription[] {
  const declared = new Map<string, Parameters[string]>(
    [...parameters].flatMap(([plugin, each]) =>
      Object.entries(each).map(([name, of]) => [`parameters.${plugin}.${name}`, of] as const),
    ),
  );
  const own = Object.entries(of_the_experiment).map(([path, { schema, default: initial }]) => ({
    path,
    unit: '',
    default: initial,
    allowed: allowedBy(schema),
    description: z.globalRegistry.get(schema)?.description ?? '',
  }));
  const preset: SettingDescription = {
    path: preset_path,
    unit: '',
    default: 'none',
    allowed: 'a name of cxlsim list fabrics, or a file',
    description: 'the hardware, of which the settings below fabric say what differs',
  };
  const starts: SettingDescription = {
    path: starts_path,
    unit: 'ms',
    default: 'none',
    allowed: 'a list that begins with 0 and never falls; in the file alone',
    description: startTimes.description!,
  };
  const rest = new Map([...parameters].filter(([plugin]) => !of_tests.includes(plugin)));
  const settable = [...settingsOf(rest).values()].filter(({ unread }) => unread === undefined);
  const described = settable.map(({ path, schema }) => {
    const parameter = declared.get(path);
    return {
      path,
      unit: parameter?.unit ?? units.find(([ending]) => path.endsWith(ending))?.[1] ?? '',
      default: parameter?.default ?? defaultOf(path),
      allowed: allowedBy(schema),
      description: parameter?.description ?? z.globalRegistry.get(schema)?.description ?? '',
    };
  });
  return [...own, preset, starts, ...described];
}

function defaultOf(path: string): Scalar {
  const [root, key] = path.split('.');
  if (root === 'children') return one_child[key as keyof typeof one_child];
  if (root === 'arrivals') return default_arrivals[key as keyof typeof default_arrivals];
  return root === 'fabric' ? "the preset's" : "the profile's";
}

/** In the words that a value which is missing is refused with. */
function allowedBy(schema: Setting['schema']): string {
  const issue = judge(schema, undefined).error?.issues[0];
  return issue === undefined ? '' : complaintOf(issue).expected.replace(/^expected /, '');
}
