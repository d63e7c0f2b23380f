/**
 * An input that a YAML file describes by its kind: what it says about itself, the tables that the kind reads, relative to the
 * file, and the kind's parameters.
 */

import { basename, dirname, isAbsolute, join, resolve } from 'node:path';
import { z } from 'zod';
import type { DescribedInput } from '../backend.ts';
import { readText } from '../files/read-text.ts';
import { tableLines } from '../files/table-lines.ts';
import { parseDocument, type YamlDocument } from '../input/document.ts';
import { valuesOf } from '../parameters.ts';
import type { FileKind } from '../scenarios/cluster/file-kind.ts';
import { conform } from './complaints.ts';
import { demands, nested, oneOf, settingsOf } from './settings.ts';

const most_yaml_bytes = 2 ** 20;

export type SetValues = Readonly<Record<string, number | boolean | string>>;

export type Places = Readonly<Record<string, string>>;

export interface About {
  /** The file's, without its ending. */
  readonly file_name: string;
  readonly kind: string;
  readonly description: string;
  /** Who recorded it, where, and its licence; or why these numbers. */
  readonly origin: string;
  readonly caveat?: string;
  /** All that was read with: what the file says, what was set over it, and defaults. */
  readonly values: SetValues;
}

const sentence = z.string(demands('a sentence')).trim().min(1, demands('a sentence'));
const file_name = z.string(demands('a file')).min(1, demands('a file'));

export interface Described<Opened> {
  readonly opened: Opened;
  readonly about: About;
  /** By what it is opened again where trials run. */
  readonly input: DescribedInput;
}

/** Files of one sort: arrivals, start times. */
export class DescribedFiles<Opened> {
  readonly #what: string;
  readonly #kinds: Readonly<Record<string, FileKind<Opened>>>;

  /** `what` is what such a file is: `a file of arrivals`. */
  constructor(what: string, kinds: Readonly<Record<string, FileKind<Opened>>>) {
    this.#what = what;
    this.#kinds = kinds;
  }

  /**
   * `shown` is the file as the user wrote it, `origin` where it was named. `set` is put over what the file says, by the
   * names that its kind declares, and `set_by` is where each of them was set, if not where the file was named.
   */
  read(
    path: string,
    shown: string,
    origin?: string,
    set: SetValues = {},
    set_by: Places = {},
  ): Described<Opened> {
    const { document, kind } = this.#document(path, shown, origin);
    for (const [key, value] of Object.entries(set)) {
      document.set([key], value, set_by[key] ?? origin ?? shown);
    }
    const { files, parameters, open } = this.#kinds[kind]!;
    const said = conform(this.#schemaOf(kind), document) as SetValues;
    const given = Object.entries(said).filter(([key]) => key in parameters);
    const values = valuesOf(parameters, Object.fromEntries(given));
    const tables = Object.keys(files)
      .filter((key) => said[key] !== undefined)
      .map((key) => {
        const named = String(said[key]);
        const at = resolve(dirname(path), named);
        const told = isAbsolute(named) ? named : join(dirname(shown), named);
        return { key, path: at, ...tableLines(at, told, document.where([key])) };
      });
    const about = {
      file_name: basename(path).replace(/\.ya?ml$/, ''),
      kind,
      description: String(said['description']),
      origin: String(said['source']),
      ...(said['caveat'] !== undefined && { caveat: String(said['caveat']) }),
      values,
    };
    const lines = tables.map(({ key, lines: of_table }) => [key, of_table] as const);
    const by_key = tables.map(({ key, path: at, sha256 }) => [key, { path: at, sha256 }] as const);
    return {
      opened: open(Object.fromEntries(lines), values),
      about,
      input: { kind, files: Object.fromEntries(by_key), values },
    };
  }

  /** What a file says about itself, without its tables. */
  about(path: string): { kind: string; description: string } {
    const { document, kind } = this.#document(path, path);
    return { kind, description: String(document.value['description']) };
  }

  #document(
    path: string,
    shown: string,
    origin?: string,
  ): { document: YamlDocument; kind: string } {
    const options = { kind: this.#what, most_bytes: most_yaml_bytes, shown };
    const text = readText(path, { ...options, ...(origin && { origin }) });
    const document = parseDocument(shown, text, this.#what);
    const kinds = z.looseObject({ kind: oneOf(Object.keys(this.#kinds), 'which kind') });
    return { document, kind: String(conform(kinds, document).kind) };
  }

  #schemaOf(kind: string) {
    const { files, parameters } = this.#kinds[kind]!;
    return z.strictObject({
      kind: z.literal(kind),
      description: sentence,
      source: sentence,
      caveat: sentence.optional(),
      ...Object.fromEntries(
        Object.entries(files).map(([key, needed]) => [
          key,
          needed === 'needed' ? file_name : file_name.optional(),
        ]),
      ),
      ...nested(settingsOf(new Map([[kind, parameters]])), `parameters.${kind}`),
    });
  }
}
