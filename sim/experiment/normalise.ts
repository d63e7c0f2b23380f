/** The document of an experiment in one form, once: nothing after it is written in two ways. */

import { dirname, resolve } from 'node:path';
import type { YamlDocument } from '../input/document.ts';
import { isFigureFile } from './figure-file.ts';
import { placedFabric } from './find-fabric.ts';
import { installed } from './installed.ts';
import { applyOverrides, isFile, type Overrides } from './overrides.ts';
import { nestShortForms } from './short-forms.ts';

/** Lists that may name files, and which words of theirs do; what names a file is looked at when it is read. */
const may_be_file = { policies: isFile, workloads: isFile, figures: isFigureFile } as const;

type FileList = keyof typeof may_be_file;

export function mayBeFile(list: string, word: string): boolean {
  return Object.hasOwn(may_be_file, list) && may_be_file[list as FileList](word);
}

/** Short forms are written out, options stand where the file would say them, files have absolute paths. */
export function normalise(document: YamlDocument, overrides: Overrides): void {
  nestShortForms(document);
  applyOverrides(document, overrides);
  placeFabricFile(document);
  for (const list of Object.keys(may_be_file) as FileList[]) placeFiles(document, list);
}

/** The fabric's file by its path; one that is swept over goes by its word, as results name it. */
function placeFabricFile(document: YamlDocument): void {
  const { fabric } = document.value;
  if (typeof fabric !== 'object' || fabric === null || !('preset' in fabric)) return;
  const { preset } = fabric;
  if (typeof preset !== 'string' || !isFile(preset)) return;
  const path = ['fabric', 'preset'];
  document.set(path, placedFabric(preset, document, path), document.where(path));
}

/** Files are meant relative to the experiment's file; shipped ones go by their names. */
function placeFiles({ file, value }: YamlDocument, list: FileList): void {
  const names = value[list];
  if (!Array.isArray(names)) return;
  const shipped = new Map([...installed[list]].map(([name, path]) => [path, name]));
  value[list] = names.map((name) => {
    if (typeof name !== 'string' || !mayBeFile(list, name)) return name;
    const path = resolve(dirname(file), name);
    return shipped.get(path) ?? path;
  });
}
