/** Containers that processes are made in: how long one takes that is asked for now, by the kind of shell. */

import type { Values } from '../../parameters.ts';
import { ns_per_ms } from '../../units.ts';
import type { serviceParameters } from './parameters.ts';

type Shell = 'container' | 'pooled' | 'ghost';
type Settings = Values<typeof serviceParameters>;

/** `as-published` is a ghost for what clones into a container that is there. */
export function shellOf({ shell }: Settings, clones_into_shell: boolean): Shell {
  if (shell !== 'as-published') return shell as Shell;
  return clones_into_shell ? 'ghost' : 'container';
}

export class Shells {
  readonly #settings: Settings;
  /** When each that is kept is there again, by node and, for ghosts, by function. */
  readonly #there_ns = new Map<string, number[]>();

  constructor(settings: Settings) {
    this.#settings = settings;
  }

  /** Takes one on the node, and tells how long that takes. Without any that is there, it is made. */
  take(now_ns: number, node: number, of: number, shell: Shell): number {
    const { container_ms, pooled_ms, ghosts, pool } = this.#settings;
    const made_ns = Math.round(container_ms * ns_per_ms);
    if (shell === 'container') return made_ns;
    const key = shell === 'ghost' ? `${node} ${of}` : `${node}`;
    const kept = this.#kept(key, shell === 'ghost' ? ghosts : pool);
    const index = kept.findIndex((there_ns) => there_ns <= now_ns);
    if (index === -1) return made_ns;
    kept[index] = now_ns + made_ns;
    return shell === 'ghost' ? 0 : Math.min(made_ns, Math.round(pooled_ms * ns_per_ms));
  }

  #kept(key: string, count: number): number[] {
    let kept = this.#there_ns.get(key);
    if (kept === undefined) {
      kept = Array.from({ length: count }, () => 0);
      this.#there_ns.set(key, kept);
    }
    return kept;
  }

  /** Memory that kept ones hold on each node. */
  reserved_bytes(functions: number, shell: Shell): number {
    const { shell_kb, ghosts, pool } = this.#settings;
    const kept = shell === 'ghost' ? ghosts * functions : shell === 'pooled' ? pool : 0;
    return Math.round(kept * shell_kb * 1024);
  }
}
