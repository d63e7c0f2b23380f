/** Imports a file of a keep-alive or routing policy and checks that it is one, before any trial. */

import type { KeepAlive } from '../keep-alive.ts';
import type { Routing } from '../routing.ts';
import {
  checkColourAndParameters,
  checkDescribed,
  checkKeys,
  is,
  readPolicyFile,
  refusalOf,
} from './read-policy.ts';

const shared_keys = ['description', 'parameters', 'colour', 'begin'];

export function readKeepAlive(path: string, named: string): Promise<KeepAlive> {
  return readPolicyFile(path, named, checkKeepAlive);
}

export function readRouting(path: string, named: string): Promise<Routing> {
  return readPolicyFile(path, named, checkRouting);
}

function checkKeepAlive(policy: unknown, named: string): void {
  const right = 'expected export default defineKeepAlive({ description, begin })';
  const refuse = refusalOf(named, right);
  checkKeys(policy, [...shared_keys, 'tick_s', 'starts_by_scale'], refuse);
  const { begin, tick_s, starts_by_scale } = policy as Record<string, unknown>;
  if (typeof begin !== 'function') refuse(`begin ${is(begin)}`, 'expected begin(setting) { … }');
  checkDescribed(policy, refuse);
  if (tick_s !== undefined && !(typeof tick_s === 'number' && tick_s >= 0.001 && tick_s <= 1e6)) {
    refuse(`tick_s ${is(tick_s)}`, 'expected a time from 0.001 to 1e6');
  }
  if (starts_by_scale !== undefined && typeof starts_by_scale !== 'boolean') {
    refuse(`starts_by_scale ${is(starts_by_scale)}`, 'expected true or false');
  }
  if (starts_by_scale === true && tick_s === undefined) {
    refuse('starts_by_scale is true, and there is no tick_s', 'expected both, or neither');
  }
  checkColourAndParameters(policy, refuse);
}

function checkRouting(policy: unknown, named: string): void {
  const right = 'expected export default defineRouting({ description, begin })';
  const refuse = refusalOf(named, right);
  checkKeys(policy, shared_keys, refuse);
  const { begin } = policy as Record<string, unknown>;
  if (typeof begin !== 'function') refuse(`begin ${is(begin)}`, 'expected begin(setting) { … }');
  checkDescribed(policy, refuse);
  checkColourAndParameters(policy, refuse);
}
