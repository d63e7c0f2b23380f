/** The question that an experiment's file asks. */

import { readFileSync } from 'node:fs';
import { parse } from 'yaml';

export function questionOf(path: string): string {
  return parse(readFileSync(path, 'utf8')).question;
}
