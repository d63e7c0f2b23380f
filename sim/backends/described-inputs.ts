/** Opens the arrivals and start times of a trial, each once in a thread however many trials read it. */

import type { DescribedInput, ServiceSettings } from '../backend.ts';
import { shownPath } from '../files/read-text.ts';
import { tableLines } from '../files/table-lines.ts';
import type { Values } from '../parameters.ts';
import { mappingRule } from '../scenarios/cluster/arrivals/kind.ts';
import { arrivalKinds } from '../scenarios/cluster/arrivals/kinds.ts';
import type { FileKind } from '../scenarios/cluster/file-kind.ts';
import { startTimeKinds } from '../scenarios/cluster/start-times/kinds.ts';
import type { ServiceHosts } from '../scenarios/service/hosts.ts';

export function describedInputs({
  recorded,
  start_times,
}: ServiceSettings): Pick<ServiceHosts, 'recorded' | 'start_times'> {
  return {
    ...(recorded && {
      recorded: { ...opened(recorded, arrivalKinds), rule: mappingRule(recorded.values as Values) },
    }),
    ...(start_times && { start_times: opened(start_times, startTimeKinds) }),
  };
}

const known = new Map<string, unknown>();

function opened<Opened>(
  { kind, files, values }: DescribedInput,
  kinds: Readonly<Record<string, FileKind<Opened>>>,
): Opened {
  const key = JSON.stringify([kind, files, values]);
  if (!known.has(key)) {
    const lines = Object.entries(files).map(([name, { path, sha256 }]) => {
      const table = tableLines(path, shownPath(path));
      if (table.sha256 === sha256) return [name, table.lines] as const;
      throw new Error(`${shownPath(path)} was changed since the run began; run it again`);
    });
    known.set(key, kinds[kind]!.open(Object.fromEntries(lines), values as Values));
  }
  return known.get(key) as Opened;
}
