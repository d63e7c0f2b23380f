/** Arrivals and the tables that they name: what is published, with bytes, cells, rows and whole minutes of it wrong. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { parse } from 'yaml';
import { project_root } from '../../../sim/experiment/installed.ts';
import type { RandomStream } from '../../../sim/random.ts';
import { command } from '../attempt.ts';
import { chance } from '../draw.ts';
import { bytesOf, Fault, type Input, type Kind, targetOf, textOf, withTarget } from '../input.ts';
import { mutateBytes } from '../mutate-bytes.ts';
import { mutateTable } from '../mutate-table.ts';
import { mutateYaml } from '../mutate-yaml.ts';
import { filesIn, type Shipped } from '../shipped.ts';
import { checkFinite } from '../sound-numbers.ts';
import { unpacked } from '../unpacked.ts';

const folder = 'traces/arrivals';
const file = 'mine.yaml';
/** The rest of a table goes the way of its first rows. */
const most_rows = 12;
/** What no text says unless it was typed so. */
const garbled = /\bNaN\b|undefined|Infinity|\[object/;

export const arrivals: Kind = {
  name: 'arrivals',
  async corpus() {
    return filesIn(folder, /\.yaml$/).flatMap(inputsOf);
  },
  mutate(input, random) {
    const bytes = targetOf(input);
    if (input.target === file) return withTarget(input, mutateYaml(bytes, random));
    if (!input.target.endsWith('.gz')) return withTarget(input, mutateTable(bytes, random));
    // Bytes of what is packed, or of the packet.
    if (chance(random, 0.3)) return withTarget(input, mutateBytes(bytes, random));
    return withTarget(input, repacked(bytes, random));
  },
  async judge(input, box) {
    box.fill(input);
    const told = await command(input, ['arrivals', file, '--json']);
    box.checkFiles();
    if (told === undefined) return 'refused';
    const typed = Object.values(input.files).map(textOf).join('\n');
    if (garbled.test(told.out) && !garbled.test(typed)) throw new Fault(`says: ${told.out}`);
    checkFinite(JSON.parse(told.out));
    return 'accepted';
  },
};

/** The description itself and each table that it names may be what is wrong. */
function inputsOf({ path, bytes }: Shipped): Input[] {
  const { file: first, ...others } = parse(textOf(bytes)) as Record<string, unknown>;
  const named = [first, ...Object.values(others)].filter(
    (value): value is string => typeof value === 'string' && /\.csv(\.gz)?$/.test(value),
  );
  const rows = named.length > 0 ? rowsOf(named[0]!).slice(0, most_rows) : [];
  const functions = new Set(functionsOf(rows));
  const beside = named.map((name, position): [string, Uint8Array] => {
    const others = rowsOf(name);
    const of = functionsOf(others);
    const some = others.filter((_, at) => at === 0 || of === undefined || functions.has(of[at]!));
    const text = bytesOf(`${(position === 0 ? rows : some.slice(0, most_rows)).join('\n')}\n`);
    return [name, isPacked(name) ? new Uint8Array(gzipSync(text)) : text];
  });
  return [file, ...named].map((target) => ({
    name: `${path} ${target}`,
    files: { [file]: bytes, ...Object.fromEntries(beside) },
    target,
  }));
}

function rowsOf(name: string): string[] {
  const bytes = readFileSync(join(project_root, folder, name));
  return textOf(isPacked(name) ? gunzipSync(bytes) : bytes)
    .trimEnd()
    .split('\n');
}

/** Azure's tables of one day tell of the same functions. */
function functionsOf(rows: readonly string[]): string[] | undefined {
  const cells = rows.map((row) => row.split(','));
  const column = cells[0]?.indexOf('HashFunction') ?? -1;
  return column < 0 ? undefined : cells.map((row) => row[column]!);
}

function isPacked(name: string): boolean {
  return name.endsWith('.gz');
}

/** A packet that cannot be opened any more is changed itself. */
function repacked(bytes: Uint8Array, random: RandomStream): Uint8Array {
  const text = unpacked(bytes);
  if (text === undefined) return mutateBytes(bytes, random);
  return new Uint8Array(gzipSync(mutateTable(text, random)));
}
