/**
 * Results with all that a reviewer needs to check and repeat them, in one zip archive whose bytes follow from its contents:
 *
 *     NAME-artifact/
 *       README.md        what is here, what it takes, how to check and to repeat it: the text of an artifact appendix
 *       SHA256SUMS       of every other file, for sha256sum -c
 *       results/         as the run wrote them
 *       report.html      the same as a page
 *       figures/         for print, where there are any of this experiment
 *       inputs/          experiment, functions and fabric, package.json, package-lock.json
 *       LICENSE, CITATION.cff
 */

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { zipSync } from 'fflate';
import { installed, project_root } from '../../experiment/installed.ts';
import { readBytes } from '../../files/read-text.ts';
import { InputError } from '../../input/input-error.ts';
import { again } from '../../results/measurements-csv.ts';
import type { Results } from '../../results/read-results.ts';
import { sumOf } from '../../results/seal.ts';
import { pageOfResults } from '../page/page-of-results.ts';
import { storedExperiment } from '../page/stored-experiment.ts';
import { appendix } from './appendix.ts';

type Contents = Record<string, string | Uint8Array>;

export const sums_file = 'SHA256SUMS';

/** The same bytes for the same contents: all files have the first date that the format knows, in any time zone. */
export function archiveOf(name: string, contents: Contents): Uint8Array {
  const encoder = new TextEncoder();
  const files = Object.entries(contents)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([path, content]) => [
      `${name}/${path}`,
      typeof content === 'string' ? encoder.encode(content) : content,
    ]);
  return zipSync(Object.fromEntries(files), { level: 9, mtime: new Date(1980, 0, 1) });
}

/** `figures` are those for print, by name of their file. */
export async function bundleOf(
  results: Results,
  figures: Readonly<Record<string, string | Uint8Array>>,
): Promise<Uint8Array> {
  const experiment = storedExperiment(results);
  const contents: Contents = {
    ...resultFiles(results),
    ...inputFiles(results),
    'report.html': await pageOfResults(results),
    ...Object.fromEntries(Object.entries(figures).map(([name, each]) => [`figures/${name}`, each])),
    LICENSE: ofProject('LICENSE'),
    'CITATION.cff': ofProject('CITATION.cff'),
  };
  contents['README.md'] = appendix(experiment, results, Object.keys(contents).sort());
  const sums = Object.entries(contents).map(([path, content]) => `${sumOf(content)}  ${path}`);
  contents[sums_file] = `${sums.sort((a, b) => (a.slice(64) < b.slice(64) ? -1 : 1)).join('\n')}\n`;
  return archiveOf(`${experiment.name}-artifact`, contents);
}

/** As the manifest names them; what was changed since, or is gone, is no result. */
function resultFiles({ directory, manifest }: Results): Contents {
  const contents: Contents = { 'results/manifest.json': fileIn(directory, 'manifest.json') };
  for (const [name, sum] of Object.entries(manifest.files ?? {})) {
    const path = join(directory, name);
    if (!existsSync(path)) {
      throw new InputError(path, 'the manifest names this file, and it is gone', again);
    }
    const content = fileIn(directory, name);
    if (sumOf(content) !== sum) {
      throw new InputError(path, 'this file was changed after the run', again);
    }
    contents[`results/${name}`] = content;
  }
  return contents;
}

const most_bytes = 2 ** 30;

function fileIn(directory: string, name: string): Uint8Array {
  return readBytes(join(directory, name), { kind: 'a file of results', most_bytes });
}

/** What of this installation went into them; files of the user's own are in the manifest as settings and checksums. */
function inputFiles(results: Results): Contents {
  const { name, workloads, fabric } = storedExperiment(results);
  const shipped: [string, string | undefined][] = [
    [`${name}.yaml`, installed.experiments.get(name)],
    ...workloads.map((each): [string, string | undefined] => [
      `functions/${each.name}.yaml`,
      installed.workloads.get(each.name),
    ]),
    [`fabrics/${fabric.preset}.yaml`, installed.fabrics.get(fabric.preset)],
  ];
  const found = shipped.flatMap(([path, from]) =>
    from === undefined ? [] : [[`inputs/${path}`, readFileSync(from)]],
  );
  const packages = ['package.json', 'package-lock.json'].flatMap((file) =>
    existsSync(join(project_root, file)) ? [[`inputs/${file}`, ofProject(file)]] : [],
  );
  return Object.fromEntries([...found, ...packages]);
}

function ofProject(file: string): Uint8Array {
  return readFileSync(join(project_root, file));
}
