/** With which kernel, interpreter and libraries counts were recorded, and whether docs/agreement.md was made with these. */

import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import type { Recording } from '../workload/live-function.ts';
import type { Workload } from '../workload/workload.ts';

export type MadeWith = Pick<Recording, 'made_on' | 'versions'>;

const file = fileURLToPath(new URL('../../experiments/agreement/made-with.json', import.meta.url));

const schema = z.record(
  z.string(),
  z.array(z.object({ made_on: z.string(), versions: z.record(z.string(), z.string()) })),
);

/** Live functions by name, and what each was recorded with; several where several kernels did. */
export type MadeWithByFunction = Readonly<Record<string, readonly MadeWith[]>>;

/** What docs/agreement.md was made with. */
export function documented(): MadeWithByFunction {
  return existsSync(file) ? schema.parse(JSON.parse(readFileSync(file, 'utf8'))) : {};
}

/** A line of what results were recorded with, and one more where the documented ones were made with something else. */
export function madeWithNotes(
  workloads: readonly Workload[],
  known: MadeWithByFunction = documented(),
): string[] {
  const recorded = workloads.flatMap((workload) =>
    workload.kind === 'live' && workload.recording
      ? [{ name: workload.name, ...workload.recording }]
      : [],
  );
  if (recorded.length === 0) return [];
  const other = new Set<string>();
  for (const { name, made_on, versions } of recorded) {
    const same_kernel = (known[name] ?? []).filter((each) => each.made_on === made_on);
    if (same_kernel.length === 0) other.add(made_on.split(' in ')[0]!);
    const [of_docs] = same_kernel.length > 0 ? same_kernel : (known[name] ?? []);
    for (const [part, version] of Object.entries(versions)) {
      if (of_docs !== undefined && of_docs.versions[part] !== version) other.add(part);
    }
  }
  const parts = recorded.flatMap(({ made_on, versions }) => [made_on, ...wordsOf(versions)]);
  const with_what = `Recorded with ${[...new Set(parts)].join(', ')}.`;
  if (other.size === 0) return [with_what];
  return [
    with_what,
    `Other than what docs/agreement.md was made with: ${[...other].join(', ')}. ` +
      'Agreement is claimed here, too; the counts themselves may be others.',
  ];
}

/** What names itself; digests are for comparing. */
export function wordsOf(versions: Readonly<Record<string, string>>): string[] {
  return ['interpreter', 'C library'].flatMap((part) => versions[part] ?? []);
}
