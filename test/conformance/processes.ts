/**
 * Processes as a test drives them: a parent, its checkpoints and their children, next to a naive
 * model that only knows who wrote what last.
 */

import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Activity } from '../../sim/engine/activity.ts';
import type { Checkpoint, Mechanism, Parent } from '../../sim/mechanism.ts';
import type { AddressSpace } from '../../sim/memory/address-space.ts';
import { audit } from '../../sim/memory/audit.ts';
import type { Layout } from '../../sim/memory/layout.ts';
import type { Machine } from '../../sim/memory/machine.ts';
import { demote, isLocal, promote } from '../../sim/memory/migration.ts';
import { dirty } from '../../sim/memory/page-table.ts';
import { residentProcess } from '../../sim/memory/parent.ts';
import { valuesOf } from '../../sim/parameters.ts';
import { finish, machineOf, mayWrite, pagesIn } from '../arbitraries.ts';

/** One access: of the `who`-th live process (0 is the parent) to its `page`-th page. */
interface Access {
  readonly who: number;
  readonly page: number;
  readonly store: boolean;
}

export type Step =
  | { readonly do: 'checkpoint' }
  | { readonly do: 'restore'; readonly of: number }
  /** All accesses of one process in order, processes at the same time. */
  | { readonly do: 'run'; readonly accesses: readonly Access[] }
  | { readonly do: 'move'; readonly who: number; readonly page: number; readonly up: boolean }
  | { readonly do: 'end'; readonly who: number };

const small = fc.nat(1_000);

const accesses = fc.array(fc.record({ who: small, page: small, store: fc.boolean() }), {
  minLength: 1,
  maxLength: 12,
});

/** Runs are what shows leaks, so they come most often. */
export const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { weight: 1, arbitrary: fc.constant<Step>({ do: 'checkpoint' }) },
    { weight: 2, arbitrary: small.map((of): Step => ({ do: 'restore', of })) },
    { weight: 4, arbitrary: accesses.map((each): Step => ({ do: 'run', accesses: each })) },
    {
      weight: 1,
      arbitrary: fc
        .record({ who: small, page: small, up: fc.boolean() })
        .map((move): Step => ({ do: 'move', ...move })),
    },
    { weight: 1, arbitrary: small.map((who): Step => ({ do: 'end', who })) },
  ),
  { maxLength: 24, size: 'max' },
);

type Contents = Map<number, number>;

interface Frozen {
  readonly checkpoint: Checkpoint;
  readonly contents: Contents;
}

interface Process {
  readonly space: AddressSpace;
  readonly contents: Contents;
  readonly from: Frozen | undefined;
}

/**
 * What a child of each mechanism starts with: the parent at its checkpoint, except where nothing is
 * frozen: a fork sees the parent as it forks, a cold start sees nobody.
 */
const inherits: Readonly<Record<string, 'checkpoint' | 'restore' | 'nothing'>> = {
  'local-fork': 'restore',
  'cold-start': 'nothing',
};

export class Processes {
  readonly machine: Machine;
  readonly #mechanism: Mechanism;
  readonly #layout: Layout;
  readonly #placements: Uint8Array;
  readonly #pages: readonly number[];
  readonly #parent: Process;
  readonly #frozen: Frozen[] = [];
  readonly #children: Process[] = [];

  constructor(mechanism: Mechanism, layout: Layout, placements: Uint8Array) {
    this.machine = machineOf();
    this.#mechanism = mechanism;
    this.#layout = layout;
    this.#placements = placements;
    this.#pages = pagesIn(layout);
    const space = residentProcess(this.machine, 0, layout);
    this.#parent = { space, contents: this.#contentsOf(space), from: undefined };
  }

  take(step: Step): void {
    if (step.do === 'checkpoint') this.#checkpoint();
    else if (step.do === 'restore') this.#restore(step.of);
    else if (step.do === 'run') this.#run(step.accesses);
    else if (step.do === 'move') this.#move(step.who, step.page, step.up);
    else this.#end(step.who);
    this.check();
  }

  /** Checkpoints hold what they froze, and every frame is accounted for. */
  check(): void {
    if (inheritanceOf(this.#mechanism) === 'checkpoint') {
      for (const { checkpoint, contents } of this.#frozen) {
        for (const slot of this.#pages) assert.equal(checkpoint.content(slot), contents.get(slot));
      }
    }
    const held = this.#frozen.flatMap(({ checkpoint }) => [...checkpoint.held_frames]);
    audit(
      [this.#parent, ...this.#children].map(({ space }) => space),
      [Uint32Array.from(held)],
    );
  }

  /** Every process reads every page once more; then all end, and nothing is left in use. */
  finish(): void {
    const { machine } = this;
    for (const process of [this.#parent, ...this.#children]) {
      for (const slot of this.#pages)
        this.#read(process, slot, finish(machine, process.space.read(slot)));
    }
    this.check();
    for (const { space } of this.#children) space.release();
    for (const { checkpoint } of this.#frozen) checkpoint.release();
    this.#parent.space.release();
    const left = {
      leaves: machine.leaves.allocated,
      local: machine.local.map(({ allocated }) => allocated),
      cxl: machine.cxl.allocated,
      files: machine.files.allocated,
    };
    assert.deepEqual(left, { leaves: 0, local: [0, 0], cxl: 0, files: 0 });
  }

  #checkpoint(): void {
    const checkpoint = finish(
      this.machine,
      this.#mechanism.checkpoint(this.#asParent(), valuesOf(this.#mechanism.parameters)),
    );
    this.#frozen.push({ checkpoint, contents: new Map(this.#parent.contents) });
  }

  #restore(of: number): void {
    if (this.#frozen.length === 0) this.#checkpoint();
    const from = this.#frozen[of % this.#frozen.length]!;
    const space = finish(
      this.machine,
      from.checkpoint.restore(nodeOf(this.#mechanism), this.#placements),
    );
    const inherited = inheritanceOf(this.#mechanism);
    const contents =
      inherited === 'nothing'
        ? this.#contentsOf(space)
        : new Map(inherited === 'restore' ? this.#parent.contents : from.contents);
    if (inherited === 'nothing') {
      const others = new Set(
        [this.#parent, ...this.#children].flatMap((each) => [...each.contents.values()]),
      );
      for (const content of contents.values()) assert.ok(!others.has(content), 'a new page is new');
    }
    this.#children.push({ space, contents, from });
  }

  #run(accesses: readonly Access[]): void {
    const processes = [this.#parent, ...this.#children];
    for (const [index, process] of processes.entries()) {
      const own = accesses.filter(({ who }) => who % processes.length === index);
      this.machine.simulation.start(this.#live(process, own), index);
    }
    this.machine.simulation.run();
  }

  *#live(process: Process, accesses: readonly Access[]): Activity {
    for (const { page, store } of accesses) {
      const slot = this.#pages[page % this.#pages.length]!;
      if (store && mayWrite(this.#layout, slot)) {
        const content = this.machine.newContent();
        process.contents.set(slot, content);
        yield* process.space.write(slot, content);
      }
      this.#read(process, slot, yield* process.space.read(slot));
    }
  }

  #read(process: Process, slot: number, content: number): void {
    assert.equal(content, process.contents.get(slot), `slot ${slot} holds someone else's page`);
  }

  /** As a tick does: any page of a child of CXLfork goes up, a clean local one down. */
  #move(who: number, page: number, up: boolean): void {
    if (this.#mechanism.policies === 'none' || this.#children.length === 0) return;
    const { space, from } = this.#children[who % this.#children.length]!;
    const slot = this.#pages[page % this.#pages.length]!;
    const entry = space.entry(slot);
    if (up) finish(this.machine, promote(space, slot));
    else if (isLocal(entry) && !(entry & dirty)) {
      finish(this.machine, demote(space, slot, from!.checkpoint.frameAt(slot)));
    }
  }

  #end(who: number): void {
    if (this.#children.length === 0) return;
    const [ended] = this.#children.splice(who % this.#children.length, 1);
    ended!.space.release();
  }

  #asParent(): Parent {
    return { space: this.#parent.space, initialisation_ns: 1_000 };
  }

  #contentsOf(space: AddressSpace): Contents {
    return new Map(this.#pages.map((slot) => [slot, finish(this.machine, space.read(slot))]));
  }
}

function nodeOf({ reach }: Mechanism): number {
  return reach === 'own-node' ? 0 : 1;
}

function inheritanceOf({ name }: Mechanism): 'checkpoint' | 'restore' | 'nothing' {
  return inherits[name] ?? 'checkpoint';
}
