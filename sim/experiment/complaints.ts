/** Turns what a schema finds wrong in a YAML document into one input error with its place. */

import { z } from 'zod';
import type { Path, YamlDocument } from './document.ts';
import { InputError } from './input-error.ts';
import { proposal } from './nearest.ts';
import { noSuchSetting, type Settings, shown } from './settings.ts';

/** `value` as `schema` reads it, or the first complaint. */
export function conform<S extends z.ZodType>(
  schema: S,
  document: YamlDocument,
  settings: Settings = new Map(),
): z.output<S> {
  const result = schema.safeParse(document.value);
  if (result.success) return result.data;
  const { issues } = result.error;
  // A misspelt key also goes missing under its right name: the misspelling explains both.
  const issue = issues.find(({ code }) => code === 'unrecognized_keys') ?? issues[0]!;
  throw errorOf(issue, schema, document, settings);
}

function errorOf(
  issue: z.core.$ZodIssue,
  schema: z.ZodType,
  document: YamlDocument,
  settings: Settings,
): InputError {
  const path = issue.path as Path;
  if (issue.code === 'unrecognized_keys') {
    const key = issue.keys[0]!;
    const { what, right } = unknownKey(path, key, schema, settings);
    return new InputError(document.where([...path, key], 'key'), what, right);
  }
  if (issue.code === 'invalid_key') {
    const key = path.at(-1) as string;
    const known = keysAt(schema, path.slice(0, -1));
    return new InputError(
      document.where(path, 'key'),
      `${written(path)} is not a key here`,
      proposal(key, known),
    );
  }
  const { what, right } = issue.message.includes('; ')
    ? split(issue.message)
    : plain(issue, document);
  return new InputError(document.where(path), `${written(path)} ${what}`.trim(), right);
}

/** A complaint in our words where a schema has none of its own. */
function plain(issue: z.core.$ZodIssue, document: YamlDocument): { what: string; right: string } {
  const value = issue.path.reduce<unknown>(
    (held, key) => (held as Record<PropertyKey, unknown> | undefined)?.[key],
    document.value,
  );
  const what = value === undefined ? 'is missing' : `is ${shown(value)}`;
  if (issue.code !== 'invalid_type') return { what, right: issue.message };
  const expected = issue.expected === 'object' ? 'mapping' : issue.expected;
  return { what, right: `a ${expected} would be right` };
}

/** The parts of a message that is written `what; right`. */
export function split(message: string): { what: string; right: string } {
  const end = message.indexOf('; ');
  return { what: message.slice(0, end), right: message.slice(end + 2) };
}

function unknownKey(path: Path, key: string, schema: z.ZodType, settings: Settings) {
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
        right: proposal(key, siblings),
      };
    case 'sweep':
    case 'ranges':
      if (settings.get(key)?.draws === 'none') {
        return { what: `${path[0]}: ${key} is no number`, right: 'sweep would be right' };
      }
      return noSuchSetting(key, siblings, settings);
    default:
      return { what: `${full} is not a key`, right: proposal(key, siblings) };
  }
}

/** `a.b[2].c` */
export function written(path: Path): string {
  return path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${part}`))
    .join('')
    .replace(/^\./, '');
}

/** The keys that the mapping at `path` may have. */
function keysAt(schema: z.ZodType, path: Path): string[] {
  let at: unknown = schema;
  for (const part of path) at = shapeOf(at)[part];
  return Object.keys(shapeOf(at));
}

function shapeOf(schema: unknown): Record<string | number, unknown> {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault) {
    return shapeOf(schema.unwrap());
  }
  if (schema instanceof z.ZodObject) return schema.shape;
  if (schema instanceof z.ZodRecord && schema.keyType instanceof z.ZodEnum) {
    return schema.keyType.enum;
  }
  return {};
}
