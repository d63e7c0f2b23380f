/** A function that a trial takes a few milliseconds for: a shipped profile at a twelfth of its size. */

import { parse, stringify } from 'yaml';
import { bytesOf, textOf } from './input.ts';
import { filesIn } from './shipped.ts';

const scale = 1 / 12;

/** As a file that an experiment names. */
export const small_function_file = 'small.yaml';

let made: Uint8Array | undefined;

export function smallFunction(): Uint8Array {
  made ??= scaledProfile();
  return made;
}

function scaledProfile(): Uint8Array {
  const [profile] = filesIn('traces/profiles', /\.yaml$/)
    .map(({ bytes }) => parse(textOf(bytes)) as Record<string, unknown>)
    .sort((a, b) => Number(a['footprint_mb']) - Number(b['footprint_mb']));
  // Assumed ranges are of the sizes as they were.
  const { assumed: _, ...held } = profile!;
  const sizes = Object.entries(held).filter(([name]) => name.endsWith('_mb'));
  const scaled = sizes.map(([name, value]) => [name, Number(value) * scale]);
  return bytesOf(stringify({ ...held, ...Object.fromEntries(scaled) }));
}
