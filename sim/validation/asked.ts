/** What a claim asks of the model: the way, and what its file says of it. */

import { z } from 'zod';
import { conform } from '../experiment/complaints.ts';
import { findName } from '../experiment/find-name.ts';
import { demands } from '../experiment/settings.ts';
import type { Path, YamlDocument } from '../input/document.ts';
import { InputError } from '../input/input-error.ts';
import type { Asked } from './hows/how.ts';
import { hows } from './hows/registry.ts';

/** The key of a family's value, and the field whose place it takes. */
export interface Point {
  readonly field: string;
  readonly key: string;
  readonly where: string;
}

const names = [...hows.keys()] as [string, ...string[]];
const anyWay = z.looseObject({ how: z.enum(names, demands(names.join(', '))) });

export function askedOf(
  document: YamlDocument,
  path: Path,
  point: Point | undefined,
  experiments: readonly string[],
): Asked {
  const part = document.part(path);
  const where = document.where(path, 'key');
  const { how: word } = conform(anyWay, part);
  const how = hows.get(word)!;
  delete part.value['how'];
  if (point !== undefined)
    place(part, point, how.schema.shape, where, path.at(-1) === 'null_model');
  const content = conform(how.schema, part) as Readonly<Record<string, unknown>>;
  if (typeof content['experiment'] === 'string') {
    findName(content['experiment'], experiments, part.where(['experiment']), 'experiment');
  }
  return { how, content, where };
}

/** A swept setting's path has dots; a null model may be the same for all keys. */
function place(
  part: YamlDocument,
  { field, key, where }: Point,
  shape: Readonly<Record<string, unknown>>,
  asked: string,
  optional: boolean,
): void {
  const target = field.includes('.') ? 'at' : field;
  if (target in shape) {
    const value = key.trim() !== '' && Number.isFinite(Number(key)) ? Number(key) : key;
    part.set(target === 'at' ? ['at', field] : [field], value, where);
    return;
  }
  if (optional || Object.keys(shape).includes('reason')) return;
  const right = `expected each: ${Object.keys(shape).join(', ')}, or the path of a swept setting`;
  throw new InputError(asked, `${field} is nothing that this way of answering reads`, right);
}
