/** Small machines, processes, functions and trials for tests, and fast-check's generators of them. */

import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { one_child, type PolicyReference, type Trial } from '../sim/backend.ts';
import type { Activity } from '../sim/engine/activity.ts';
import type { FabricSettings, MemorySettings } from '../sim/fabric/settings.ts';
import type { Checkpoint, Parent } from '../sim/mechanism.ts';
import { mechanisms } from '../sim/mechanisms/registry.ts';
import type { AddressSpace } from '../sim/memory/address-space.ts';
import type { Invocation } from '../sim/memory/invocation.ts';
import { kernelParameters } from '../sim/memory/kernel-costs.ts';
import {
  type Layout,
  layOut,
  marked_accessed,
  marked_dirty,
  marked_hot,
  no_region,
  type RegionPages,
  slotsOf,
} from '../sim/memory/layout.ts';
import { Machine } from '../sim/memory/machine.ts';
import { residentProcess } from '../sim/memory/parent.ts';
import { touchOf } from '../sim/memory/replay.ts';
import { valuesOf } from '../sim/parameters.ts';
import { migrate_on_write, uniformPlacements } from '../sim/placements.ts';
import { loadPolicy } from '../sim/plugins.ts';
import type { Policy } from '../sim/policy.ts';
import type { FunctionProfile } from '../sim/workload/workload.ts';

const local_memory: MemorySettings = {
  latency_ns: 100,
  read_gb_per_s: 200,
  write_gb_per_s: 200,
  duplex: 'half',
  capacity_mb: 1024,
  load_curves: [],
  source: 'test',
};

/** Two nodes and one device; 4 GB/s move a page in 1,024 ns exactly. */
export const two_nodes: FabricSettings = {
  preset: 'test',
  nodes: 2,
  node: { cores: 2, llc_mb: 1, local: local_memory },
  cxl: { ...local_memory, latency_ns: 391, read_gb_per_s: 4, write_gb_per_s: 4 },
  coherence: 'hardware',
};

/** `two_nodes` with other settings of the CXL device. */
export function withCxl(cxl: Partial<MemorySettings>): FabricSettings {
  return { ...two_nodes, cxl: { ...two_nodes.cxl, ...cxl } };
}

export function machineOf(
  fabric: FabricSettings = two_nodes,
  costs: Readonly<Record<string, number>> = {},
): Machine {
  return new Machine(fabric, valuesOf(kernelParameters, costs));
}

/** Runs the activity, and whatever it started, to the end; its result and the time it took itself. */
export function timed<R>(machine: Machine, activity: Activity<R>): { result: R; ns: number } {
  const begin_ns = machine.simulation.now_ns;
  let end_ns = Number.NaN;
  function* whole(): Activity<R> {
    const result = yield* activity;
    end_ns = machine.simulation.now_ns;
    return result;
  }
  const handle = machine.simulation.start(whole());
  machine.simulation.run();
  return { result: handle.result, ns: end_ns - begin_ns };
}

export function finish<R>(machine: Machine, activity: Activity<R>): R {
  return timed(machine, activity).result;
}

/** A parent on node 0, its checkpoint, and a first child, restored on the machine. */
export interface Forked {
  readonly machine: Machine;
  readonly parent: Parent;
  readonly checkpoint: Checkpoint;
  readonly child: AddressSpace;
  readonly restore_ns: number;
  /** One more child of the same checkpoint. */
  readonly again: () => AddressSpace;
}

/** Placements are one code for all pages, or a code per slot. */
export function forked(
  mechanism_name: string,
  layout: Layout,
  placed: number | Uint8Array = migrate_on_write,
  settings: Readonly<Record<string, number | string>> = {},
  machine = machineOf(),
): Forked {
  const mechanism = mechanisms[mechanism_name]!;
  const values = valuesOf(mechanism.parameters, settings);
  const parent = { space: residentProcess(machine, 0, layout), initialisation_ns: 1_000 };
  const checkpoint = finish(machine, mechanism.checkpoint(parent, values));
  const codes = typeof placed === 'number' ? uniformPlacements(layout, placed) : placed;
  const node = mechanism.reach === 'own-node' ? 0 : 1;
  const restore = () => timed(machine, checkpoint.restore(node, codes));
  const { result: child, ns: restore_ns } = restore();
  return { machine, parent, checkpoint, child, restore_ns, again: () => restore().result };
}

/** Slots that hold a page, in address order. */
export function pagesIn(layout: Layout): number[] {
  return Array.from({ length: slotsOf(layout) }, (_, slot) => slot).filter(
    (slot) => layout.region_of[slot] !== no_region,
  );
}

export function mayWrite(layout: Layout, slot: number): boolean {
  return layout.regions[layout.region_of[slot]!]!.writable;
}

/** A library of `file` read-only pages and a heap of `heap` pages; `dirty` of these were written. */
export function smallLayout(file: number, heap: number, dirty = 0): Layout {
  const heapMarks = new Uint8Array(heap).fill(marked_accessed | marked_dirty, 0, dirty);
  return layOut(
    [
      { name: 'library', kind: 'file', writable: false, marks: new Uint8Array(file) },
      { name: 'heap', kind: 'anonymous', writable: true, marks: heapMarks },
    ],
    2,
  );
}

function region(
  shape: Omit<RegionPages, 'marks'>,
  marks: readonly number[],
  max_pages: number,
): fc.Arbitrary<RegionPages> {
  return fc
    .array(fc.constantFrom(...marks), { maxLength: max_pages })
    .map((each) => ({ ...shape, marks: Uint8Array.from(each) }));
}

const read_marks = [0, marked_accessed, marked_hot, marked_accessed | marked_hot];
const all_marks = [...read_marks, ...read_marks.map((mark) => mark | marked_dirty)];

/** Processes of a library, a data segment and a heap, any of which may be missing, but not all. */
export function layouts(max_pages = 12): fc.Arbitrary<Layout> {
  return fc
    .tuple(
      region({ name: 'library', kind: 'file', writable: false }, read_marks, max_pages),
      region({ name: 'data', kind: 'file', writable: true }, all_marks, max_pages),
      region({ name: 'heap', kind: 'anonymous', writable: true }, all_marks, max_pages),
    )
    .filter((parts) => parts.some(({ marks }) => marks.length > 0))
    .map((parts) => layOut(parts, 3));
}

/** Touches of resident pages; stores only where the process may write. */
export function touchesOf(layout: Layout, max_touches = 40): fc.Arbitrary<Uint32Array> {
  const pages = pagesIn(layout);
  return fc
    .array(fc.tuple(fc.constantFrom(...pages), fc.boolean()), { maxLength: max_touches })
    .map((each) =>
      Uint32Array.from(each, ([slot, store]) => touchOf(slot, store && mayWrite(layout, slot))),
    );
}

/** An invocation that only touches: no time of its own, no new memory, no misses that cost. */
export function invocationOf(parts: Partial<Invocation> = {}): Invocation {
  return {
    touches: new Uint32Array(0),
    lines: 64,
    new_pages: 0,
    new_page_faults: 0,
    execution_ns: 0,
    first_touch_ns: 0,
    exposed_share: 0,
    ...parts,
  };
}

/** A function of about 2 MiB; overridden sizes must fit each other. */
export function profileOf(parts: Partial<FunctionProfile> = {}): FunctionProfile {
  return {
    kind: 'profile',
    name: 'small',
    description: 'a small function',
    source: 'test',
    sources: {},
    assumed: {},
    footprint_mb: 2,
    init_share: 0.6,
    read_only_share: 0.2,
    read_write_share: 0.2,
    touched_mb: 0.9,
    written_mb: 0.5,
    clean_file_mb: 0.4,
    accessed_share: 0.3,
    dirty_share: 1,
    rewritten_share: 0.95,
    fork_keeps_share: 1,
    run_pages: 3,
    written_leaf_share: 1,
    warm_ms: 2,
    local_fork_execution_ms: 2.3,
    local_fork_faults_ms: 0.6,
    cold_start_ms: 50,
    ...parts,
  };
}

const share = fc.integer({ min: 0, max: 100 }).map((percent) => percent / 100);

function upTo_ms(most_ms: number): fc.Arbitrary<number> {
  return fc.integer({ min: 0, max: most_ms * 1_000 }).map((us) => us / 1_000);
}

/** Profiles that the reader of profile files would accept, of at most 4 MiB. */
export const profiles: fc.Arbitrary<FunctionProfile> = fc
  .record({
    footprint_mb: fc.integer({ min: 64, max: 1_024 }).map((pages) => pages / 256),
    shares: fc.tuple(share, share),
    new_mb: fc.integer({ min: 0, max: 128 }).map((pages) => pages / 256),
    read: share,
    file: share,
    accessed_share: share,
    rewritten_share: share,
    run_pages: fc.integer({ min: 10, max: 200 }).map((tenths) => tenths / 10),
    written_leaf_share: share,
    warm_ms: upTo_ms(3),
    excess_ms: upTo_ms(1),
    faults_ms: upTo_ms(1),
    cold_ms: upTo_ms(40),
  })
  .map(({ footprint_mb, shares: [first, second], new_mb, ...drawn }) => {
    const init_share = Math.min(first, second);
    const read_write_share = 1 - Math.max(first, second);
    const unwritten_mb = footprint_mb * (1 - read_write_share);
    const written_mb = new_mb + footprint_mb * read_write_share * drawn.rewritten_share;
    return profileOf({
      footprint_mb,
      init_share,
      read_only_share: 1 - init_share - read_write_share,
      read_write_share,
      written_mb,
      touched_mb: written_mb + drawn.read * unwritten_mb,
      clean_file_mb: drawn.file * unwritten_mb,
      accessed_share: drawn.accessed_share,
      rewritten_share: drawn.rewritten_share,
      run_pages: drawn.run_pages,
      written_leaf_share: drawn.written_leaf_share,
      warm_ms: drawn.warm_ms,
      local_fork_execution_ms: drawn.warm_ms + drawn.excess_ms,
      local_fork_faults_ms: drawn.faults_ms,
      cold_start_ms: drawn.warm_ms + drawn.cold_ms,
    });
  });

export function trialOf(parts: Partial<Trial> = {}): Trial {
  return {
    index: 0,
    experiment: 'test',
    scenario: 'fork',
    backend: 'simulated',
    mechanism: 'cxlfork',
    policy: undefined,
    workload: profileOf(),
    repetition: 0,
    swept: {},
    seed: 1,
    children: one_child,
    invocations: 2,
    fabric: two_nodes,
    parameters: {},
    ...parts,
  };
}

const policies_path = fileURLToPath(new URL('../policies/', import.meta.url));

/** Where each policy of the project lies, found as the program finds them. */
export const policyReferences: readonly PolicyReference[] = readdirSync(policies_path)
  .filter((file) => file.endsWith('.ts'))
  .sort()
  .map((file) => ({ name: file.slice(0, -'.ts'.length), path: `${policies_path}${file}` }));

/** The project's policies by name. */
export const builtInPolicies: Readonly<Record<string, Policy>> = Object.fromEntries(
  await Promise.all(
    policyReferences.map(async (reference) => [reference.name, await loadPolicy(reference)]),
  ),
);
