/**
 * Whether what a figure reads is there: its marks are marks, and each field is a column of the measurements or
 * made by a transform before. Vega-Lite draws a field that nobody has as nothing, or as `undefined`.
 */

import type { Complaint } from '../input/complaint.ts';
import { parseDocument } from '../input/document.ts';
import { expected } from '../input/expected.ts';
import { InputError } from '../input/input-error.ts';
import { proposal } from '../input/nearest.ts';

export const marks = [
  ...['arc', 'area', 'bar', 'image', 'line', 'point', 'rect', 'rule', 'text', 'tick', 'trail'],
  ...['circle', 'square', 'geoshape', 'boxplot', 'errorband', 'errorbar'],
];

type Keys = readonly (string | number)[];
type Mapping = Readonly<Record<string, unknown>>;

/** Nothing is known of what a transform such as `pivot` makes. */
type Columns = ReadonlySet<string> | undefined;

interface Fault extends Complaint {
  readonly keys: Keys;
}

/** Refuses the figure in `text`, named `file`, whose data has these columns. */
export function checkFields(
  file: string,
  text: string,
  spec: unknown,
  columns: readonly string[],
): void {
  const [fault] = faultsOfView(spec, [], new Set(columns));
  if (fault === undefined) return;
  throw new InputError(whereIs(file, text, fault.keys), fault.what, fault.expected);
}

/** JSON is YAML but for a few blanks, and that reader knows where everything stands. */
function whereIs(file: string, text: string, keys: Keys): string {
  try {
    return parseDocument(file, text, '').where(keys);
  } catch {
    return `${file}: ${keys.join('.')}`;
  }
}

function* faultsOfView(view: unknown, keys: Keys, inherited: Columns): Generator<Fault> {
  if (!isMapping(view)) return;
  // Rows of its own have any columns.
  const own = keys.length > 0 && view['data'] !== undefined;
  yield* faultsOfMark(view['mark'], [...keys, 'mark']);
  let columns = own ? undefined : inherited;
  for (const [index, transform] of listIn(view['transform']).entries()) {
    if (!isMapping(transform)) continue;
    yield* faultsOfTransform(transform, [...keys, 'transform', index], columns);
    columns = columnsAfter(transform, columns);
  }
  yield* faultsOfChannels(view['encoding'], [...keys, 'encoding'], columns);
  yield* faultsOfChannels(view['facet'], [...keys, 'facet'], columns);
  for (const key of ['layer', 'concat', 'hconcat', 'vconcat']) {
    for (const [index, each] of listIn(view[key]).entries()) {
      yield* faultsOfView(each, [...keys, key, index], columns);
    }
  }
  yield* faultsOfView(view['spec'], [...keys, 'spec'], columns);
}

function* faultsOfMark(mark: unknown, keys: Keys): Generator<Fault> {
  const type = isMapping(mark) ? mark['type'] : mark;
  if (type === undefined && mark === undefined) return;
  if (typeof type === 'string' && marks.includes(type)) return;
  const at = isMapping(mark) && type !== undefined ? [...keys, 'type'] : keys;
  const what = typeof type === 'string' ? `no mark named ${type}` : 'the mark has no type';
  const right =
    typeof type === 'string' ? proposal(type, marks) : expected(`one of ${marks.join(', ')}`);
  yield { keys: at, what, expected: right };
}

/** All that channels say under the key `field`, also below their conditions and sorts. */
function* faultsOfChannels(held: unknown, keys: Keys, columns: Columns): Generator<Fault> {
  if (columns === undefined) return;
  // What channels aggregate, their conditions see under these names.
  const made = new Set([...columns, ...aggregatedIn(held)]);
  yield* faultsOfFields(held, keys, made);
}

function* faultsOfFields(held: unknown, keys: Keys, columns: Columns): Generator<Fault> {
  if (Array.isArray(held)) {
    for (const [index, each] of held.entries()) {
      yield* faultsOfFields(each, [...keys, index], columns);
    }
  } else if (isMapping(held)) {
    for (const [key, value] of Object.entries(held)) {
      if (key === 'field' && typeof value === 'string') {
        yield* faultsOfField(value, [...keys, key], columns);
      } else if (key !== 'value' && key !== 'datum') {
        yield* faultsOfFields(value, [...keys, key], columns);
      }
    }
  }
}

function aggregatedIn(held: unknown): string[] {
  if (Array.isArray(held)) return held.flatMap(aggregatedIn);
  if (!isMapping(held)) return [];
  const { aggregate, field } = held;
  const own =
    typeof aggregate === 'string' && typeof field === 'string' ? [`${aggregate}_${field}`] : [];
  return [...own, ...Object.values(held).flatMap(aggregatedIn)];
}

/** Keys of transforms that name a column each, or several. */
const keys_of_fields = [
  ...['density', 'extent', 'flatten', 'fold', 'groupby', 'impute', 'key', 'loess', 'lookup'],
  ...['on', 'pivot', 'quantile', 'regression', 'stack', 'value'],
] as const;

function* faultsOfTransform(transform: Mapping, keys: Keys, columns: Columns): Generator<Fault> {
  yield* faultsOfFields(transform, keys, columns);
  for (const key of keys_of_fields) {
    // The value that is imputed, and bounds of a regression, are no columns.
    if (key === 'value' && !('pivot' in transform)) continue;
    if (key === 'extent' && !('param' in transform)) continue;
    const named = transform[key];
    if (typeof named === 'string') yield* faultsOfField(named, [...keys, key], columns);
    for (const [index, each] of listIn(named).entries()) {
      if (typeof each === 'string') yield* faultsOfField(each, [...keys, key, index], columns);
    }
  }
}

/** What the rows have when the transform is through. */
function columnsAfter(transform: Mapping, before: Columns): Columns {
  if (before === undefined || 'pivot' in transform || 'lookup' in transform) return undefined;
  const kept = ['aggregate', 'density', 'quantile', 'loess', 'regression'].some(
    (key) => key in transform,
  )
    ? listIn(transform['groupby']).map((each) => first(String(each)))
    : [...before];
  const parts = ['aggregate', 'joinaggregate', 'window'].flatMap((key) => listIn(transform[key]));
  return new Set([...kept, ...[transform, ...parts].flatMap((part) => madeBy(part as Mapping))]);
}

/** Names in `as`, or those that Vega-Lite gives without it. */
function madeBy(part: Mapping): string[] {
  const as = part['as'];
  const names = (typeof as === 'string' ? [as] : listIn(as)).map(String);
  const [name] = names;
  if (name !== undefined) {
    const ends = 'bin' in part || 'stack' in part ? [`${name}_end`] : [];
    const named = names.flatMap((each) => [each, first(each)]);
    return [...named, ...ends, ...(names.length < 2 && 'fold' in part ? ['value'] : [])];
  }
  if ('fold' in part) return ['key', 'value'];
  if ('density' in part) return ['value', 'density'];
  if ('quantile' in part) return ['prob', 'value'];
  const curve = part['loess'] ?? part['regression'];
  if (curve !== undefined) return [String(part['on']), String(curve)].map(first);
  return 'op' in part ? [`${part['op']}_${part['field'] ?? ''}`.replace(/_$/, '')] : [];
}

function* faultsOfField(field: string, keys: Keys, columns: Columns): Generator<Fault> {
  if (columns === undefined || field === '*' || columns.has(first(field))) return;
  if (columns.has(field)) {
    const escaped = JSON.stringify(field.replaceAll('.', '\\.'));
    const what = `field ${field} is read as ${first(field)}, and of that the part after the dot`;
    yield { keys, what, expected: expected(`${escaped} for the column of this name`) };
    return;
  }
  const all = [...columns];
  const named = proposal(first(field) === field ? field : field.replaceAll('\\', ''), all);
  yield { keys, what: `the measurements have no column ${field}`, expected: named };
}

/** The column of a field, which may go on into its values: `a.b` and `a[0]` are parts of `a`, `a\.b` is not. */
function first(field: string): string {
  const quoted = /^\[(?:'([^']*)'|"([^"]*)"|([^\]]*))\]/.exec(field);
  if (quoted) return quoted[1] ?? quoted[2] ?? quoted[3]!;
  return /^(?:\\.|[^.[\\])*/s.exec(field)![0].replace(/\\(.)/gs, '$1');
}

function listIn(held: unknown): readonly unknown[] {
  return Array.isArray(held) ? held : [];
}

function isMapping(held: unknown): held is Mapping {
  return typeof held === 'object' && held !== null && !Array.isArray(held);
}
