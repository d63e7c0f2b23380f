/** Resolves a fabric preset, or reads a fabric's file, and puts over it what the experiment sets. */

import { join } from 'node:path';
import { type PresetName, resolvePreset } from '../fabric/presets.ts';
import type { FabricSettings } from '../fabric/settings.ts';
import { readText, shownPath } from '../files/read-text.ts';
import type { Nested } from './experiment-file.ts';
import { readFabric } from './fabric-file.ts';
import { findName } from './find-name.ts';
import { offered, project_root } from './installed.ts';
import { isFile } from './overrides.ts';
import { flat, placeFabric } from './place-setting.ts';

export function findFabric(preset: string, where: string, overrides: Nested): FabricSettings {
  if (!isFile(preset)) findName(preset, offered.presets, where, 'fabric preset');
  const { preset: _, ...settings } = overrides;
  return flat(settings, 'fabric').reduce(
    (fabric, [path, value]) => placeFabric(fabric, path, value),
    isFile(preset)
      ? readFabric(preset, shownPath(preset), where)
      : presetFabric(preset as PresetName),
  );
}

const resolved = new Map<PresetName, FabricSettings>();

/** A preset's measured curves are large files: read once, however many sweeps and loads need them. */
export function presetFabric(preset: PresetName): FabricSettings {
  let fabric = resolved.get(preset);
  if (fabric === undefined) {
    fabric = resolvePreset(preset, (path) =>
      readText(join(project_root, path), { kind: 'a measured curve', most_bytes: 2 ** 26 }),
    );
    resolved.set(preset, fabric);
  }
  return fabric;
}
