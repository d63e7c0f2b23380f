/** What goes wrong in YAML files: values of wrong types and sizes, keys twice, unknown, lost or moved. */

import { isPair, isScalar, isSeq, type Node, parseDocument, visit } from 'yaml';
import type { RandomStream } from '../../sim/random.ts';
import { chance, pick } from './draw.ts';
import { mutateText, numbers } from './mutate-text.ts';

/** Names of nothing, names that are paths, and names that every object has. */
export const names = [
  'nothing',
  '../../../evil/mine',
  './mine.ts',
  './nowhere.yaml',
  '/etc/hostname',
  '/tmp/cxlsim-fuzz-evil',
  'l/cal-fork',
  'cxl.fork',
  'a\\b',
  '.',
  '..',
  '__proto__',
  'constructor',
  'toString',
  'none',
  'CXLFORK',
  'bert ',
  'bert,float',
  'naïve 🦀',
  'x'.repeat(5000),
] as const;

const values = [
  ...numbers,
  ...names.map((name) => JSON.stringify(name)),
  'null',
  '~',
  '',
  'true',
  'no',
  '""',
  '" "',
  '"12"',
  '[]',
  '{}',
  '[1, 2]',
  '[[]]',
  '[~]',
  '{a: 1}',
  '{__proto__: 1}',
  '2026-01-01',
  '!!binary aGVsbG8=',
  '!!str 12',
  '!!int "12"',
  '!thing x',
  '&a 1',
  '*a',
  '&a [*a]',
  '"\\u2028line\\nbreak"',
  '"\\uD800"',
  '"\\0"',
  '|\n  text',
  '?',
] as const;

type Range = readonly [from: number, to: number];
type Change = (text: string, random: RandomStream) => string | undefined;

const changes: readonly Change[] = [
  onValue((_, random) => pick(random, values)),
  onValue((_, random) => pick(random, values)),
  onValue((_, random) => pick(random, numbers)),
  onNumber((number, random) => String(number * pick(random, [-1, 1e-300, 0.5, 2, 1000, 1e9]))),
  onNumber((number) => `0x${Math.round(Math.abs(number)).toString(16)}`),
  onNumber((number) => `"${number}"`),
  onValue((value) => `&anchor ${value}`),
  onValue((value) => `[${value}]`),
  onValue((value) => `${value} # said`),
  onKey((key, random) => misspelt(key, random)),
  onKey((_, random) => JSON.stringify(pick(random, names))),
  onKey((key) => key.toUpperCase()),
  onKey((key) => `? ${key}\n`),
  // A key twice, at one place or at another.
  onPair((text, [from, to]) =>
    insertAt(text, from, `${text.slice(from, to)}\n${indent(text, from)}`),
  ),
  onPair((text, [from, to], random) => {
    const [target] = pick(random, pairsOf(text));
    return insertAt(text, target, `${text.slice(from, to)}\n${indent(text, target)}`);
  }),
  onPair((text, [from, to]) => text.slice(0, from) + text.slice(to)),
  onPair((text, [from], random) =>
    insertAt(
      text,
      from,
      `${pick(random, ['extra', 'fabric', 'seed', 'x y', '<<'])}: 1\n${indent(text, from)}`,
    ),
  ),
  onItem((item) => `${item}, ${item}`),
  onItem((_, random) => JSON.stringify(pick(random, names))),
  onItem(() => ''),
  (text) => `${text}---\n${text}`,
  (text) => `%YAML 1.1\n---\n${text}`,
  (text) => text.replaceAll('  ', '\t'),
];

/** One change, of the document's parts or of its text. */
export function mutateYaml(bytes: Uint8Array, random: RandomStream): Uint8Array {
  if (chance(random, 0.2)) return mutateText(bytes, random);
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
  const changed = pick(random, changes)(text, random);
  return changed === undefined ? mutateText(bytes, random) : new TextEncoder().encode(changed);
}

function rangeOf(node: unknown): Range | undefined {
  const range = (node as Node | undefined)?.range;
  return range ? [range[0], range[1]] : undefined;
}

/** Where the parts lie that `choose` finds in pairs and in lists. */
function found(text: string, choose: (node: unknown) => unknown[]): Range[] {
  const ranges: Range[] = [];
  visit(parseDocument(text, { logLevel: 'silent' }), {
    Pair: (_, pair) =>
      void ranges.push(...choose(pair).flatMap((each) => [rangeOf(each) ?? []].filter(isRange))),
    Seq: (_, seq) =>
      void ranges.push(...choose(seq).flatMap((each) => [rangeOf(each) ?? []].filter(isRange))),
  });
  return ranges;
}

function isRange(range: readonly number[]): range is Range {
  return range.length === 2;
}

function replacing(
  choose: (node: unknown) => unknown[],
  change: (old: string, random: RandomStream) => string | undefined,
): Change {
  return (text, random) => {
    const ranges = found(text, choose);
    if (ranges.length === 0) return undefined;
    const [from, to] = pick(random, ranges);
    const put = change(text.slice(from, to), random);
    return put === undefined ? undefined : text.slice(0, from) + put + text.slice(to);
  };
}

function onValue(change: (old: string, random: RandomStream) => string): Change {
  return replacing((node) => (isPair(node) ? [node.value] : isSeq(node) ? node.items : []), change);
}

function onNumber(change: (old: number, random: RandomStream) => string): Change {
  const number = (node: unknown) => isScalar(node) && typeof node.value === 'number';
  return replacing(
    (node) => (isPair(node) ? [node.value] : isSeq(node) ? node.items : []).filter(number),
    (old, random) => change(Number(old), random),
  );
}

function onKey(change: (old: string, random: RandomStream) => string): Change {
  return replacing((node) => (isPair(node) ? [node.key] : []), change);
}

function onItem(change: (old: string, random: RandomStream) => string): Change {
  return replacing((node) => (isSeq(node) ? node.items : []), change);
}

function pairsOf(text: string): Range[] {
  const ranges: Range[] = [];
  visit(parseDocument(text, { logLevel: 'silent' }), {
    Pair(_, pair) {
      const key = rangeOf(pair.key);
      const value = rangeOf(pair.value) ?? key;
      if (key && value && value[1] >= key[0]) ranges.push([key[0], value[1]]);
    },
  });
  return ranges;
}

function onPair(change: (text: string, pair: Range, random: RandomStream) => string): Change {
  return (text, random) => {
    const pairs = pairsOf(text);
    return pairs.length === 0 ? undefined : change(text, pick(random, pairs), random);
  };
}

function insertAt(text: string, at: number, put: string): string {
  return text.slice(0, at) + put + text.slice(at);
}

/** The spaces before a place in its line. */
function indent(text: string, at: number): string {
  const start = text.lastIndexOf('\n', at - 1) + 1;
  return ' '.repeat(Math.max(0, at - start));
}

function misspelt(word: string, random: RandomStream): string {
  const at = random.integer(Math.max(1, word.length));
  return pick(random, [
    word.slice(0, at) + word.slice(at + 1),
    word.slice(0, at) + word.slice(at, at + 1) + word.slice(at),
    word.replace('_', '-'),
    `${word}s`,
  ]);
}
