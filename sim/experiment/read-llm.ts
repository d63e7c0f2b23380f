/** Reads a workload of engines: its YAML, and the tables and traces that this names. */

import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { z } from 'zod';
import { readBytes } from '../files/read-text.ts';
import { complaintOf, judge } from '../input/complaint.ts';
import type { YamlDocument } from '../input/document.ts';
import { expected } from '../input/expected.ts';
import { InputError } from '../input/input-error.ts';
import { proposal } from '../input/nearest.ts';
import { TextLines } from '../input/text-lines.ts';
import { modelParameters } from '../plugins.ts';
import { readRates } from '../workload/arrivals/read-rates.ts';
import { gpus } from '../workload/llm/gpus.ts';
import type { LayerProfile } from '../workload/llm/layer-profile.ts';
import { llmSchema } from '../workload/llm/llm-description.ts';
import type { LlmWorkload } from '../workload/llm/llm-workload.ts';
import { languageModels } from '../workload/llm/models.ts';
import { readLayerProfile } from '../workload/llm/read-layer-profile.ts';
import { readRequests } from '../workload/llm/read-requests.ts';
import { conform } from './complaints.ts';
import { settingsOf } from './settings.ts';

const most_bytes = 2 ** 28;

/** Where files lie that a workload names, and how they are called. */
type Folders = readonly [folder: string, shown: string];

export function readLlm(name: string, document: YamlDocument, folders: Folders): LlmWorkload {
  const {
    requests,
    agents: _,
    rates,
    profile,
    parameters,
    caveat,
    ...about
  } = conform(llmSchema, document);
  checkParameters(parameters, document);
  return {
    ...about,
    name,
    ...(caveat !== undefined && { caveat }),
    requests: requestsOf({ requests, rates }, document, folders),
    ...(profile && { profile: profileOf(profile, document, folders) }),
    settings: parameters,
  };
}

function requestsOf(
  { requests, rates }: Pick<z.output<typeof llmSchema>, 'requests' | 'rates'>,
  document: YamlDocument,
  folders: Folders,
): LlmWorkload['requests'] {
  const lines = (file: string, at: readonly string[]) => linesOf(file, folders, document.where(at));
  if (requests !== undefined) return readRequests(lines(requests, ['requests']));
  if (rates === undefined) return 'agents';
  const steps = readRates(lines(rates.file, ['rates', 'file']), rates.missing_rows);
  return { steps, lengths: readRequests(lines(rates.lengths, ['rates', 'lengths'])) };
}

function profileOf(
  { dense, per_sequence, attention, ...about }: NonNullable<z.output<typeof llmSchema>['profile']>,
  document: YamlDocument,
  folders: Folders,
): LayerProfile {
  for (const [key, known] of [
    ['gpu', gpus],
    ['model', languageModels],
  ] as const) {
    if (about[key] in known) continue;
    const where = document.where(['profile', key]);
    throw new InputError(
      where,
      `no ${key} ${about[key]}`,
      proposal(about[key], Object.keys(known)),
    );
  }
  const lines = (file: string, key: string) =>
    linesOf(file, folders, document.where(['profile', key]));
  return readLayerProfile(
    {
      dense: lines(dense, 'dense'),
      per_sequence: lines(per_sequence, 'per_sequence'),
      attention: lines(attention, 'attention'),
    },
    about,
  );
}

/** They must be as experiments may set them. */
function checkParameters(parameters: LlmWorkload['settings'], document: YamlDocument): void {
  const settings = settingsOf(modelParameters);
  for (const [plugin, values] of Object.entries(parameters)) {
    for (const [key, value] of Object.entries(values)) {
      const at = ['parameters', plugin, key];
      const setting = settings.get(at.join('.'));
      if (setting === undefined) {
        const known = [...settings.keys()].filter((path) => path.startsWith('parameters.'));
        const where = document.where(at, 'key');
        throw new InputError(
          where,
          `${at.join('.')} is not a setting`,
          proposal(at.join('.'), known),
        );
      }
      const issue = judge(setting.schema, value).error?.issues[0];
      if (issue === undefined) continue;
      const { what, expected: right } = complaintOf(issue);
      throw new InputError(document.where(at), `${at.join('.')} ${what}`, right);
    }
  }
}

/** A text, compressed or not. */
function linesOf(file: string, [folder, shown_folder]: Folders, origin: string): TextLines {
  const shown = join(shown_folder, file);
  const kind = 'a table or a trace of requests';
  const bytes = readBytes(join(folder, file), { kind, most_bytes, shown, origin });
  const text = file.endsWith('.gz') ? unzipped(bytes, shown) : bytes;
  let at = 0;
  return new TextLines((into) => {
    const count = Math.min(into.length, text.length - at);
    into.set(text.subarray(at, at + count));
    at += count;
    return count;
  }, shown);
}

function unzipped(bytes: Uint8Array, shown: string): Uint8Array {
  try {
    return gunzipSync(bytes, { maxOutputLength: most_bytes });
  } catch {
    const right = expected(`a gzip file of at most ${most_bytes / 2 ** 20} MiB, unpacked`);
    throw new InputError(shown, 'cannot be unpacked', right);
  }
}
