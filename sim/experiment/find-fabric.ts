/** Reads a fabric, shipped or a file of the user's, and puts over it what the experiment sets. */

import { dirname, resolve } from 'node:path';
import type { FabricSettings } from '../fabric/settings.ts';
import { shownPath } from '../files/read-text.ts';
import type { Path, YamlDocument } from '../input/document.ts';
import type { Nested } from './experiment-file.ts';
import { readFabric } from './fabric-file.ts';
import { findName } from './find-name.ts';
import { installed, offered } from './installed.ts';
import { isFile } from './overrides.ts';
import { fabricWith, flat } from './with-setting.ts';

/** A fabric's file is meant relative to the experiment's; one of an option, to the shell's folder. */
export function locatedFabric(word: string, document: YamlDocument, path: Path): string {
  if (!isFile(word)) return word;
  const typed = document.where(path).startsWith('--');
  return resolve(typed ? '.' : dirname(document.file), word);
}

export function findFabric(preset: string, where: string, overrides: Nested): FabricSettings {
  if (!isFile(preset)) findName(preset, offered.presets, where, 'fabric preset');
  const { preset: _, ...settings } = overrides;
  return flat(settings, 'fabric').reduce(
    (fabric, [path, value]) => fabricWith(fabric, path, value),
    isFile(preset) ? readFabric(preset, shownPath(preset), where) : presetFabric(preset),
  );
}

const read = new Map<string, FabricSettings>();

/** A shipped fabric. Its measured curves are large files: read once, however many sweeps and loads need them. */
export function presetFabric(name: string): FabricSettings {
  const path = installed.fabrics.get(name)!;
  const fabric = read.get(name) ?? readFabric(path, shownPath(path));
  read.set(name, fabric);
  return fabric;
}
