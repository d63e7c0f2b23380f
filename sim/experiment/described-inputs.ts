/** Arrivals and start times, by name or file. */

import { shownPath } from '../files/read-text.ts';
import type { Opened } from '../scenarios/cluster/arrivals/kind.ts';
import { arrivalKinds } from '../scenarios/cluster/arrivals/kinds.ts';
import { startTimeKinds } from '../scenarios/cluster/start-times/kinds.ts';
import type { StartTimes } from '../scenarios/cluster/start-times/start-times.ts';
import { type Described, DescribedFiles, type Places, type SetValues } from './described-file.ts';
import { findName } from './find-name.ts';
import { installed } from './installed.ts';
import { isFile } from './overrides.ts';

export const arrivalFiles = new DescribedFiles<Opened>('a file of arrivals', arrivalKinds);
export const startTimeFiles = new DescribedFiles<StartTimes>(
  'a file of start times',
  startTimeKinds,
);

/** `where` is the place that names them; `set` is put over what the file says, as `set_by` has it. */
export function findArrivals(
  name: string,
  where: string,
  set: SetValues = {},
  set_by: Places = {},
): Described<Opened> {
  return find(arrivalFiles, installed.arrivals, 'arrivals', name, where, set, set_by);
}

export function findStartTimes(
  name: string,
  where: string,
  set: SetValues = {},
): Described<StartTimes> {
  return find(startTimeFiles, installed.start_times, 'start times', name, where, set);
}

function find<Opened>(
  files: DescribedFiles<Opened>,
  shipped: ReadonlyMap<string, string>,
  one: string,
  name: string,
  where: string,
  set: SetValues,
  set_by: Places = {},
): Described<Opened> {
  if (!isFile(name)) findName(name, [...shipped.keys()], where, one);
  const path = shipped.get(name) ?? name;
  return files.read(path, shownPath(path), where, set, set_by);
}
