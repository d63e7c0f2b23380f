/** Turns what a schema finds wrong in a YAML document into input errors with their places. */

import { z } from 'zod';
import { type Complaint, complaintOf, judge } from '../input/complaint.ts';
import type { Path, YamlDocument } from '../input/document.ts';
import { InputError } from '../input/input-error.ts';
import { nearest, proposal } from '../input/nearest.ts';
import { Refusals } from '../input/refusals.ts';
import { noSuchSetting, type Settings } from './settings.ts';

/** The document as `schema` reads it; throws everything that is wrong with it. */
export function conform<S extends z.core.$ZodType>(
  schema: S,
  document: YamlDocument,
  settings: Settings = new Map(),
): z.output<S> {
  const result = judge(schema, document.value);
  const refusals = new Refusals(document.file);
  const issues = result.error?.issues ?? [];
  for (const path of passedOver(document.value)) {
    if (issues.some((issue) => names(issue, path))) continue;
    const what = `${written(path)} is not a key`;
    refusals.add(new InputError(document.where(path, 'key'), what, 'expected another word'));
  }
  if (result.success) {
    refusals.end();
    return result.data;
  }
  const meant = new Set<string>();
  for (const issue of issues) {
    if (issue.code !== 'unrecognized_keys') continue;
    const path = issue.path as Path;
    for (const key of issue.keys) {
      const { what, expected } = unknownKey(path, key, schema, settings);
      refusals.add(new InputError(document.where([...path, key], 'key'), what, expected));
      const name = nearest(key, keysAt(schema, path));
      if (name !== undefined) meant.add(written([...path, name]));
    }
  }
  for (const issue of issues) {
    // A misspelt key also goes missing under its right name: the misspelling explains both.
    if (issue.code === 'unrecognized_keys' || meant.has(written(issue.path as Path))) continue;
    refusals.add(errorOf(issue, schema, document));
  }
  refusals.end();
  throw new Error('a schema refused its document without an issue');
}

/** Whether the issue is that the key at `path` is not known. */
function names(issue: z.core.$ZodIssue, path: Path): boolean {
  if (issue.code !== 'unrecognized_keys') return false;
  return issue.keys.some((key) => written([...(issue.path as Path), key]) === written(path));
}

/** Where a mapping has the one key that schemas pass over, whichever keys they allow. */
function passedOver(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, held]) =>
    key === '__proto__' ? [[...path, key]] : passedOver(held, [...path, key]),
  );
}

function errorOf(
  issue: z.core.$ZodIssue,
  schema: z.core.$ZodType,
  document: YamlDocument,
): InputError {
  const path = issue.path as Path;
  if (issue.code === 'invalid_key') {
    const key = path.at(-1) as string;
    const known = keysAt(schema, path.slice(0, -1));
    return new InputError(
      document.where(path, 'key'),
      `${written(path)} is not a key here`,
      proposal(key, known),
    );
  }
  const { what, expected } = complaintOf(issue);
  // What speaks of several keys begins with this one by itself.
  const subject = what.startsWith(`${path.at(-1)}`) ? '' : written(path);
  return new InputError(document.where(path), `${subject} ${what}`.trim(), expected);
}

function unknownKey(
  path: Path,
  key: string,
  schema: z.core.$ZodType,
  settings: Settings,
): Complaint {
  const siblings = keysAt(schema, path);
  const full = written([...path, key]);
  switch (path[0]) {
    case 'fabric':
    case 'workload':
      return noSuchSetting(full, siblings, settings);
    case 'parameters':
      if (path.length > 1) return noSuchSetting(full, siblings, settings);
      return {
        what: `parameters.${key}: nothing named ${key} takes parameters`,
        expected: proposal(key, siblings),
      };
    case 'sweep':
    case 'ranges':
      if (settings.get(key)?.draws === 'none' && !settings.get(key)?.unread) {
        return { what: `${path[0]}: ${key} is no number`, expected: 'expected sweep' };
      }
      return noSuchSetting(key, siblings, settings);
    default:
      return { what: `${full} is not a key`, expected: proposal(key, siblings) };
  }
}

/** `a.b[2].c` */
function written(path: Path): string {
  return path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${part}`))
    .join('')
    .replace(/^\./, '');
}

/** The keys that the mapping at `path` may have. */
function keysAt(schema: z.core.$ZodType, path: Path): string[] {
  let at: unknown = schema;
  for (const part of path) at = shapeOf(at)[part];
  return Object.keys(shapeOf(at));
}

function shapeOf(schema: unknown): Record<string | number, unknown> {
  if (schema instanceof z.core.$ZodOptional || schema instanceof z.core.$ZodDefault) {
    return shapeOf(schema._zod.def.innerType);
  }
  if (schema instanceof z.core.$ZodObject) return schema._zod.def.shape;
  if (schema instanceof z.core.$ZodRecord) {
    const keys = schema._zod.def.keyType;
    if (keys instanceof z.core.$ZodEnum) return keys._zod.def.entries;
  }
  return {};
}
