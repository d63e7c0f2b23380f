/** Finds arrivals by name or file. */

import { shownPath } from '../files/read-text.ts';
import { type ArrivalsFile, readArrivals } from './arrivals-file.ts';
import { findName } from './find-name.ts';
import { installed, offered } from './installed.ts';
import { isFile } from './overrides.ts';

/** `where` is the place that names it; `set` is put over what the file says. */
export function findArrivals(
  name: string,
  where: string,
  set: Readonly<Record<string, number | boolean | string>> = {},
): ArrivalsFile {
  if (!isFile(name)) findName(name, offered.arrivals, where, 'arrivals', 'traces/arrivals/');
  const path = installed.arrivals.get(name) ?? name;
  return readArrivals(path, shownPath(path), where, set);
}
