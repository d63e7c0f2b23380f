/** A YAML file as plain values that remember where each of them stands. */

import {
  Alias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseAllDocuments,
  type Scalar,
} from 'yaml';
import { expected } from './expected.ts';
import { InputError } from './input-error.ts';
import { Refusals } from './refusals.ts';

export type Path = readonly (string | number)[];

/** More values than any honest file holds; aliases of aliases grow without end. */
const most_values = 100_000;

/** What leaves the rest of the file as it was meant; after any other, the parser complains on and on. */
const local_faults: ReadonlySet<string> = new Set([
  'BAD_DQ_ESCAPE',
  'BAD_SCALAR_START',
  'DUPLICATE_KEY',
  'TAB_AS_INDENT',
  'TAG_RESOLVE_FAILED',
]);

export class YamlDocument {
  readonly file: string;
  readonly value: Record<string, unknown>;
  /** `file:line:column` or an option, by the JSON of a path. */
  readonly #places: Map<string, { key: string; value: string }>;

  constructor(
    file: string,
    value: Record<string, unknown>,
    places: Map<string, { key: string; value: string }>,
  ) {
    this.file = file;
    this.value = value;
    this.#places = places;
  }

  /** Where `path` was written, its key or its value; else where what should hold it was written. */
  where(path: Path, part: 'key' | 'value' = 'value'): string {
    const place = this.#places.get(JSON.stringify(path));
    if (place !== undefined) return place[part];
    if (path.length === 0) return this.file;
    // The whole file has no key, but a place where it begins.
    return this.where(path.slice(0, -1), path.length === 1 ? 'value' : 'key');
  }

  /** The mapping at `path` as a document of its own; complaints about it name the same places. */
  part(path: Path): YamlDocument {
    const value = path.reduce<unknown>(
      (held, key) => (held as Record<string | number, unknown> | null | undefined)?.[key],
      this.value,
    );
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      const what = `${path.at(-1)} ${value === undefined ? 'is missing' : 'is no mapping'}`;
      throw new InputError(this.where(path), what, expected('a mapping'));
    }
    const places = new Map<string, { key: string; value: string }>();
    for (const [at, place] of this.#places) {
      const full = JSON.parse(at) as Path;
      if (path.every((key, index) => full[index] === key)) {
        places.set(JSON.stringify(full.slice(path.length)), place);
      }
    }
    const copy = structuredClone(value) as Record<string, unknown>;
    return new YamlDocument(this.file, copy, places);
  }

  /** Puts `value` at `path`, as if the file said so; complaints about it name `origin`. */
  set(path: Path, value: unknown, origin: string): void {
    let holder: Record<string | number, unknown> = this.value;
    for (const [depth, part] of path.slice(0, -1).entries()) {
      const next = Object.hasOwn(holder, part) ? holder[part] : undefined;
      if (typeof next !== 'object' || next === null) {
        holder[part] = {};
        this.#places.set(JSON.stringify(path.slice(0, depth + 1)), { key: origin, value: origin });
      }
      holder = holder[part] as Record<string, unknown>;
    }
    holder[path.at(-1)!] = value;
    const below = JSON.stringify(path).slice(0, -1);
    for (const place of [...this.#places.keys()]) {
      if (place.startsWith(`${below},`)) this.#places.delete(place);
    }
    this.#places.set(JSON.stringify(path), { key: origin, value: origin });
  }
}

/** Parses one YAML document whose root is a mapping; `kind` is what the file should be. */
export function parseDocument(file: string, text: string, kind: string): YamlDocument {
  const lines = new LineCounter();
  const at = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return `${file}:${line}:${col}`;
  };
  const documents = parseAllDocuments(text, {
    lineCounter: lines,
    prettyErrors: false,
    uniqueKeys: true,
    strict: true,
    version: '1.2',
  });
  if (!Array.isArray(documents) || documents.length === 0) {
    throw new InputError(file, 'the file is empty', `expected ${kind}`);
  }
  const [document, second] = documents;
  const refusals = new Refusals(file);
  const faults = [...document!.errors, ...document!.warnings];
  for (const fault of faults.sort((a, b) => a.pos[0] - b.pos[0])) {
    refusals.add(new InputError(at(fault.pos[0]), ...explain(fault, text)));
    if (!local_faults.has(fault.code)) break;
  }
  refusals.end();
  if (second !== undefined) {
    throw new InputError(
      at(second.range[0]),
      'a second document begins here',
      expected('one document a file'),
    );
  }
  const root = document!.contents;
  if (root === null || (isScalar(root) && root.value === null)) {
    throw new InputError(file, 'the file is empty', `expected ${kind}`);
  }
  if (!isMap(root)) {
    const is = isSeq(root) ? 'a list' : 'a single value';
    throw new InputError(at(root.range![0]), `the file is ${is}`, `expected ${kind}`);
  }

  const places = new Map<string, { key: string; value: string }>();
  // What a file lacks is missing where its content begins.
  const begin = at(root.range![0]);
  let values = 0;

  function plain(node: Node | null, path: Path, key: string, aliases: readonly Node[]): unknown {
    const value = node?.range ? at(node.range[0]) : key;
    places.set(JSON.stringify(path), { key, value });
    if (++values > most_values) {
      throw new InputError(
        file,
        `there are more than ${most_values} values`,
        expected('fewer of them'),
      );
    }
    if (node instanceof Alias) {
      const target = node.resolve(document!);
      if (target === undefined || aliases.includes(target)) {
        const what = target === undefined ? 'refers to no anchor before it' : 'refers to itself';
        throw new InputError(value, `*${node.source} ${what}`, `&${node.source} belongs before it`);
      }
      return plain(target as Node, path, key, [...aliases, target]);
    }
    if (isSeq(node)) {
      return node.items.map((item, i) => plain(item as Node, [...path, i], value, aliases));
    }
    if (!isMap(node)) {
      if (!isScalar(node)) return null;
      const other = inOtherBase(node);
      if (other !== undefined) refusals.add(new InputError(value, ...other));
      return node.value;
    }
    const entries = node.items.map(({ key: name, value: content }): [string, unknown] => {
      const place = at((name as Node).range![0]);
      if (!isScalar(name) || name.value === null || typeof name.value === 'object') {
        throw new InputError(place, 'a key is not a name', expected('a word'));
      }
      const word = String(name.value);
      return [word, plain(content as Node | null, [...path, word], place, aliases)];
    });
    return Object.fromEntries(entries);
  }

  const value = plain(root, [], begin, []) as Record<string, unknown>;
  refusals.end();
  return new YamlDocument(file, value, places);
}

/** YAML also takes 0x10 for 16 and 0o10 for 8: more often a slip than meant. */
export function inOtherBase(node: Scalar): [what: string, right: string] | undefined {
  if (typeof node.value !== 'number' || (node.format !== 'HEX' && node.format !== 'OCT')) {
    return undefined;
  }
  const base = node.format === 'HEX' ? 'a hexadecimal' : 'an octal';
  return [`${node.source} is ${base} number`, `expected a decimal one, as ${node.value}`];
}

/** What is wrong and what was expected, in our words where the parser's are about itself. */
function explain(
  fault: { code: string; message: string; pos: [number, number] },
  text: string,
): [what: string, right: string] {
  switch (fault.code) {
    case 'DUPLICATE_KEY': {
      const key = /^[\w.-]+/.exec(text.slice(fault.pos[0]))?.[0] ?? 'a key';
      return [`${key} stands here a second time`, expected('each key once')];
    }
    case 'TAB_AS_INDENT':
      return ['a tab is used as indentation', 'expected spaces'];
    case 'RESOURCE_EXHAUSTION':
      return ['lists or mappings lie within each other too deeply', expected('a flatter file')];
    default:
      return [
        `not YAML: ${fault.message.charAt(0).toLowerCase()}${fault.message.slice(1)}`,
        'see https://yaml.org/spec/1.2.2',
      ];
  }
}
