/** What happens to text files: lines lost, doubled, swapped or cut, numbers replaced, bytes changed. */

import type { RandomStream } from '../../sim/random.ts';
import { chance, pick, place } from './draw.ts';
import { mutateBytes } from './mutate-bytes.ts';

type Change = (text: string, random: RandomStream) => string;

/** Numbers that readers stumble over. */
export const numbers = [
  '0',
  '-0',
  '-1',
  '1',
  '1.5',
  '-273.15',
  '0x10',
  '0o17',
  '1e3',
  '1e308',
  '1e-320',
  '1e400',
  '65536',
  '4294967296',
  '9007199254740993',
  '9'.repeat(30),
  '1_000',
  '1,5',
  '.5',
  '5.',
  '+5',
  'NaN',
  'Infinity',
  '.inf',
  '.nan',
] as const;

const marks = ['\t', ' ', ',', ':', '-', '"', "'", '#', '{', '[', '|', '\0', '\u2028', 'é', '🦀'];

const changes: readonly Change[] = [
  // Cut short, anywhere or between lines.
  (text, random) => text.slice(0, place(random, text.length)),
  onLines((lines, random) => lines.slice(0, place(random, lines.length))),
  onLines((lines, random) => without(lines, random.integer(lines.length), 1 + random.integer(3))),
  onLines((lines, random) => {
    const at = random.integer(lines.length);
    return lines.toSpliced(at, 0, ...lines.slice(at, at + 1 + random.integer(3)));
  }),
  onLines((lines, random) => {
    const [a, b] = [random.integer(lines.length), random.integer(lines.length)];
    return lines.with(a, lines[b]!).with(b, lines[a]!);
  }),
  // A line that lost its end, or one of another place in its middle.
  onLines((lines, random) => {
    const at = random.integer(lines.length);
    return lines.with(at, lines[at]!.slice(0, place(random, lines[at]!.length)));
  }),
  onLines((lines, random) => {
    const at = random.integer(lines.length);
    const cut = place(random, lines[at]!.length);
    return lines.with(at, lines[at]!.slice(0, cut) + pick(random, lines));
  }),
  onNumber((_, random) => pick(random, numbers)),
  onNumber((number, random) => String(Number(number) * pick(random, [-1, 0.001, 2, 1000, 1e9]))),
  onNumber((number, random) => number.replace(/\d/, String(random.integer(10)))),
  onNumber((number) => `${number}${number}`),
  (text, random) => {
    const at = place(random, text.length);
    return text.slice(0, at) + pick(random, marks) + text.slice(at + random.integer(2));
  },
  (text) => text.replaceAll('\n', '\r\n'),
  (text) => `\uFEFF${text}`,
  (text, random) => text.replace(/ {2,}/g, (spaces) => (chance(random, 0.5) ? '\t' : spaces)),
  (text) => text.replace(/\n$/, ''),
];

/** `text` with one thing changed. */
export function mutateText(bytes: Uint8Array, random: RandomStream): Uint8Array {
  if (chance(random, 0.1)) return mutateBytes(bytes, random);
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
  return new TextEncoder().encode(pick(random, changes)(text, random));
}

function onLines(change: (lines: string[], random: RandomStream) => readonly string[]): Change {
  return (text, random) => change(text.split('\n'), random).join('\n');
}

function onNumber(change: (number: string, random: RandomStream) => string): Change {
  return (text, random) => {
    const found = [...text.matchAll(/\d+(\.\d+)?/g)];
    if (found.length === 0) return text;
    const { 0: number, index } = pick(random, found);
    return text.slice(0, index) + change(number, random) + text.slice(index + number.length);
  };
}

function without<T>(list: readonly T[], at: number, count: number): T[] {
  return list.toSpliced(at, count);
}
