/** Which settings decide nothing in a trial, by the backend that it runs on. */

import type { Reader, Unread } from '../backend.ts';
import { pluginOf, unreadByFork } from '../scenarios/fork/unread.ts';
import { definitionOf } from './registry.ts';

/** Why the setting at `path` changes nothing in the trial; nothing where it may change something. */
export function unread(path: string, trial: Reader): Unread | undefined {
  if (pluginOf(path) === trial.backend) return undefined;
  return (definitionOf(trial.backend)?.unread ?? unreadByFork)(path, trial);
}
