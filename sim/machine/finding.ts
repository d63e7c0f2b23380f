/** What was found out about one need of one part of the project. */

export type State =
  /** As it should be. */
  | 'there'
  /** The part does not work without it. */
  | 'missing'
  /** The part works without it, in a lesser way. */
  | 'lesser'
  /** Could not be found out from here. */
  | 'unknown';

export interface Finding {
  readonly name: string;
  readonly state: State;
  readonly found: string;
  /** What to do, where something is to be done. */
  readonly next?: string;
}

export function there(name: string, found: string): Finding {
  return { name, state: 'there', found };
}

export function missing(name: string, found: string, next: string): Finding {
  return { name, state: 'missing', found, next };
}

export function lesser(name: string, found: string, next: string): Finding {
  return { name, state: 'lesser', found, next };
}

export function unknown(name: string, found: string, next: string): Finding {
  return { name, state: 'unknown', found, next };
}
