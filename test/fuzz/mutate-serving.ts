/** What goes wrong in keep-alive and routing policies: answers that are none, ticks of no length, words misspelt. */

import type { RandomStream } from '../../sim/random.ts';
import { chance, pick } from './draw.ts';
import { type Change, misspelt, onMatch, spoiltFile } from './mutate-policy.ts';
import { mutateText } from './mutate-text.ts';

const answers = [
  'undefined',
  'null',
  '10n',
  'NaN',
  '-1',
  '-0',
  '1e300',
  '5e-324',
  '1.5',
  'Infinity',
  '"10"',
  '"a; b"',
  'Symbol("x")',
  '[]',
  '{}',
  '(() => 1)',
  'Promise.resolve(1)',
  'new Proxy({}, { get() { throw new Error("no"); } })',
  'Date.now()',
  'Math.random()',
  '(() => { throw new Error("no"); })()',
  '(() => { throw null; })()',
] as const;

const asked = /\b(idle|priority|gone|cap_s|scale|route|begin)\b(?=[:(])/g;
const words =
  /\b(keep_s|after_s|ahead|idle|priority|gone|cap_s|scale|route|begin|tick_s|starts_by_scale|parameters|default|unit|description|source|now_s|memory_used|running|waiting|index)\b/g;

const changes: readonly Change[] = [
  onMatch(/keep_s: [^,}]+/g, (_, random) => `keep_s: ${pick(random, answers)}`),
  onMatch(/=> (?=\(\{|[a-z0-9])/g, (word, random) => `${word}${pick(random, answers)} ?? `),
  onMatch(/return (?=[^;]+;)/g, (_, random) => `return ${pick(random, answers)}; return `),
  onMatch(
    asked,
    (word, random) => `${word}: () => ${pick(random, answers)}, ${misspelt(word, random)}`,
  ),
  onMatch(asked, (word) => `${word}: 5, ${word}x`),
  onMatch(asked, (word) => `async ${word}`),
  onMatch(words, (word, random) => misspelt(word, random)),
  onMatch(/description:/g, (word, random) => `tick_s: ${pick(random, answers)}, ${word}`),
  onMatch(
    /description:/g,
    (word, random) => `starts_by_scale: ${pick(random, ['1', '"yes"', 'true', 'null'])}, ${word}`,
  ),
  onMatch(/default: [^,]+,/g, (_, random) => `default: ${pick(random, answers)},`),
  onMatch(/default: [^,]+,/g, (word) => `${word} minimum: 5, maximum: 1,`),
  onMatch(
    /[{;]\n/g,
    (end, random) => `${end}    functions[0].memory_mb = ${pick(random, answers)};\n`,
  ),
  spoiltFile,
];

export function mutateServing(bytes: Uint8Array, random: RandomStream): Uint8Array {
  if (chance(random, 0.2)) return mutateText(bytes, random);
  const text = new TextDecoder().decode(bytes);
  return new TextEncoder().encode(pick(random, changes)(text, random));
}
