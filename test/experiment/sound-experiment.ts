/** An experiment that is right, to be changed into wrong ones, and what is said of these. */

import assert from 'node:assert/strict';
import { join, relative } from 'node:path';
import { loadExperiment } from '../../sim/experiment/load.ts';
import type { Overrides } from '../../sim/experiment/overrides.ts';
import { InputError } from '../../sim/input/input-error.ts';
import { scratchFolder } from './scratch-folder.ts';

export const sound = `question: What does BERT cost?
mechanisms: [cold-start, cxlfork]
policies: [hybrid]
workloads: [float]
fabric: cxlfork-testbed
`;

export function fileOf(text: string | Uint8Array): string {
  return join(scratchFolder({ 'x.yaml': text }), 'x.yaml');
}

/** The complaint, with the file's folder left out. */
export async function complaint(file: string, overrides?: Overrides): Promise<string> {
  try {
    await loadExperiment(file, overrides);
  } catch (error) {
    assert.ok(error instanceof InputError, String(error));
    const folder = file.slice(0, file.lastIndexOf('/') + 1);
    return error.message.replaceAll(folder, '').replaceAll(relative('.', folder), '');
  }
  assert.fail('the experiment was accepted');
}
