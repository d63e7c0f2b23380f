/** What goes wrong in policy files: answers, parameters and exports of the wrong kind, words misspelt. */

import type { RandomStream } from '../../sim/random.ts';
import { chance, pick } from './draw.ts';
import { mutateText } from './mutate-text.ts';

export type Change = (text: string, random: RandomStream) => string;

const answers = [
  'undefined',
  'null',
  '10n',
  '1',
  'NaN',
  'Symbol("x")',
  '[]',
  '{}',
  '(() => 1)',
  '"migrate-never"',
  '"Migrate-Now"',
  '""',
  '"x".repeat(1e6)',
  'page',
  'Object.create(null)',
  'new Proxy({}, {})',
  '/x/',
  'new Date(NaN)',
] as const;

const thrown = [
  'new Error("no")',
  'new Error("a\\nb")',
  'null',
  'undefined',
  '10n',
  '"x"',
  'Symbol("x")',
  '{}',
  'Object.create(null)',
  'new Error("x".repeat(1e6))',
] as const;

const changes: readonly Change[] = [
  onMatch(/'migrate-[a-z-]+'/g, (_, random) => pick(random, answers)),
  onMatch(/'migrate-[a-z-]+'/g, (_, random) => `(() => { throw ${pick(random, thrown)}; })()`),
  onMatch(/'migrate-[a-z-]+'/g, (word) => `(Math.random() < 0.5 ? ${word} : 'migrate-now')`),
  onMatch(
    /\b(default|unit|description|source|place|parameters|clairvoyant|export|tick)\b/g,
    (word, random) => misspelt(word, random),
  ),
  onMatch(/: ('[^']*'|true|false|\d+)/g, (_, random) => `: ${pick(random, answers)}`),
  onMatch(/\bpage\.([a-z]+)/g, (word, random) => misspelt(word, random)),
  onMatch(/default: [^,]+,/g, (word) => `${word} minimum: 5, maximum: 1,`),
  onMatch(
    /default: [^,]+,/g,
    (word, random) => `${word} choices: ${pick(random, ['[]', '["x"]', '3', '[NaN]'])},`,
  ),
  onMatch(
    /default: [^,]+,/g,
    (_, random) =>
      `default: ${pick(random, ['NaN', 'Infinity', '-0', '5e-324', '""', '2 ** 53'])},`,
  ),
  onMatch(
    /place[:(]/g,
    (word) => `tick: () => ({ promote: [0], demote: [0, 1e9, -1, NaN] }), ${word}`,
  ),
  onMatch(/place[:(]/g, (word, random) => `tick: () => ${pick(random, answers)}, ${word}`),
  onMatch(/export default/g, (_, random) =>
    pick(random, ['export const x =', 'const x =', 'module.exports =', 'export default null ??']),
  ),
  onMatch(/import [^;]*;/g, () => 'import { definePolicy } from "cxlsim/polciy";'),
  spoiltFile,
];

export function mutatePolicy(bytes: Uint8Array, random: RandomStream): Uint8Array {
  if (chance(random, 0.2)) return mutateText(bytes, random);
  const text = new TextDecoder().decode(bytes);
  return new TextEncoder().encode(pick(random, changes)(text, random));
}

export function onMatch(
  what: RegExp,
  change: (word: string, random: RandomStream) => string,
): Change {
  return (text, random) => {
    const found = [...text.matchAll(what)];
    if (found.length === 0) return text;
    const { 0: word, index } = pick(random, found);
    return text.slice(0, index) + change(word, random) + text.slice(index + word.length);
  };
}

export function misspelt(word: string, random: RandomStream): string {
  const at = random.integer(word.length);
  return word.slice(0, at) + word.slice(at + 1);
}

/** The whole file is not what it was. */
export function spoiltFile(text: string, random: RandomStream): string {
  return `${pick(random, ['throw 10n;', 'throw new Error("no");', 'throw null;', 'import "./nowhere.ts";', 'await 0;', 'let x: number = ;', 'enum A { a }', '#!/usr/bin/env node\n', '/*'])}\n${text}`;
}
