/** Puts command-line options in their place in an experiment's document. */

import { isAlias, isScalar, isSeq, parseDocument as parseYaml } from 'yaml';
import { inOtherBase, type YamlDocument } from '../input/document.ts';
import { expected } from '../input/expected.ts';
import { InputError } from '../input/input-error.ts';
import { proposal } from '../input/nearest.ts';
import { preset_path } from './experiment-file.ts';
import { starts_path } from './settings.ts';
import { keyBelow } from './short-forms.ts';

/** Options as they were typed; each replaces what the file says. */
export interface Overrides {
  /** `key.path=value`, the value as YAML writes it. */
  readonly set?: readonly string[];
  readonly backends?: readonly string[];
  readonly mechanisms?: readonly string[];
  readonly policies?: readonly string[];
  readonly keep_alive?: readonly string[];
  readonly routing?: readonly string[];
  readonly workloads?: readonly string[];
  readonly seed?: string;
  readonly repetitions?: string;
}

const lists = {
  backends: '--backend',
  mechanisms: '--mechanism',
  policies: '--policy',
  keep_alive: '--keep-alive',
  routing: '--routing',
  workloads: '--workload',
} as const;

/** Lists of which a word may be a file's. */
const names_files: ReadonlySet<string> = new Set([
  'policies',
  'keep_alive',
  'routing',
  'workloads',
]);

/** What `--set` may begin with. */
const roots = [
  'fabric',
  'children',
  'arrivals',
  'parameters',
  'workload',
  'scenario',
  'invocations',
  'repetitions',
  'seed',
];

/** `placed` is where a file lies that was typed. */
export function applyOverrides(
  document: YamlDocument,
  overrides: Overrides,
  placed: (word: string) => string,
): void {
  for (const [key, option] of Object.entries(lists) as [keyof typeof lists, string][]) {
    const given = overrides[key];
    if (given === undefined) continue;
    document.set([key], [], option);
    for (const [index, item] of given.entries()) {
      // The shell's folder is meant, not the experiment file's.
      const names_file = names_files.has(key) && isFile(item);
      document.set([key, index], names_file ? placed(item) : item, `${option} ${item}`);
    }
  }
  for (const key of ['seed', 'repetitions'] as const) {
    const given = overrides[key];
    const origin = `--${key} ${given}`;
    if (given !== undefined) document.set([key], scalar(given, origin), origin);
  }
  for (const assignment of overrides.set ?? []) applySetting(document, assignment);
}

/** Names of plug-ins hold neither dots nor slashes. */
export function isFile(name: string): boolean {
  return /[./]/.test(name);
}

/** The parts of what was typed behind `--set`. */
export function assignmentOf(assignment: string, example: string) {
  const origin = `--set ${assignment}`;
  const equals = assignment.indexOf('=');
  if (equals < 1) {
    throw new InputError(origin, 'this is not path=value', expected(`--set ${example}`));
  }
  return { origin, name: assignment.slice(0, equals).trim(), text: assignment.slice(equals + 1) };
}

function applySetting(document: YamlDocument, assignment: string): void {
  const { origin, name, text } = assignmentOf(assignment, 'fabric.cxl.latency_ns=200');
  const path = name.split('.');
  const [root] = path as [string];
  if (!roots.includes(root) || !path.every((part) => /^[a-z][\w-]*$/i.test(part))) {
    throw new InputError(origin, `${name} is not a setting`, proposal(root, roots));
  }
  const value = scalar(text, origin);
  if (name === starts_path) {
    throw new InputError(origin, `${name} is a list`, 'expected it in the experiment file');
  }
  if (typeof value === 'object') {
    throw new InputError(
      origin,
      `${name} takes one value`,
      value === null ? 'write it after =' : 'several belong under sweep in the file',
    );
  }
  const { sweep, ranges } = document.value;
  if (has(sweep, name)) {
    // The column stays, with this value alone.
    document.set(['sweep', name], [value], origin);
    // Every fabric has a preset, swept or not.
    if (name !== preset_path) return;
  }
  if (has(ranges, name)) delete ranges[name];
  const below = path.length === 1 ? keyBelow(root, value) : undefined;
  document.set(path, below === undefined ? value : {}, origin);
  if (below !== undefined) document.set([root, below], value, origin);
}

function has(mapping: unknown, key: string): mapping is Record<string, unknown> {
  return typeof mapping === 'object' && mapping !== null && Object.hasOwn(mapping, key);
}

/**
 * What YAML makes of the text of an option, of which only scalars are any use here; the text itself where
 * it is no YAML, or where something in it means nothing: an alias of nothing, a tag that nobody knows.
 */
export function scalar(text: string, origin: string): unknown {
  const { contents, errors, warnings } = parseYaml(text, { prettyErrors: false });
  if (errors.length + warnings.length > 0 || isAlias(contents)) return text;
  if (contents !== null && !isScalar(contents)) return isSeq(contents) ? [] : {};
  const other = contents === null ? undefined : inOtherBase(contents);
  if (other !== undefined) throw new InputError(origin, ...other);
  return contents?.value ?? null;
}
