/** Hosts with an engine each: their memories, and what these have in common. */

import type { Trial } from '../../backend.ts';
import type { Simulation } from '../../engine/simulation.ts';
import type { MemorySettings } from '../../fabric/settings.ts';
import type { Measurements } from '../../metrics.ts';
import { bytes_per_mb } from '../../units.ts';
import type { PolicyHost } from '../fork/policy-host.ts';
import type { Asked } from './asked.ts';
import { BlockStore } from './block-store.ts';
import { ForkMemory, type ForkSizes } from './fork-memory.ts';
import { HashedMemory } from './hashed-memory.ts';
import type { KvMemory } from './kv-memory.ts';
import { type Attaches, LayeredMemory } from './layered-memory.ts';
import { Level, type LevelName, Levels, type Way } from './levels.ts';
import { Link, type LinkSettings } from './link.ts';
import { placedOutside } from './place-blocks.ts';
import { RadixMemory } from './radix-memory.ts';
import { Snapshots } from './snapshot.ts';
import { sumOf } from './sums.ts';
import { agentSettings } from './workload-requests.ts';

export interface Host {
  readonly memory: KvMemory;
  /** Absent where nothing is kept outside GPU memory. */
  readonly levels?: Levels;
}

export interface Hosts {
  readonly all: readonly Host[];
  /** Bytes over what lies below the GPUs' links; absent where nothing does. */
  readonly carried?: () => Measurements;
  readonly stores: readonly { readonly name: LevelName; readonly store: BlockStore }[];
  /** When a step of the host has read its attached blocks; absent where none are ever attached. */
  readonly readAttached?: (host: number) => (begin_ns: number, blocks: number) => number;
}

export function hostsOf(
  trial: Trial,
  asked: Asked,
  simulation: Simulation,
  policy: PolicyHost | undefined,
): Hosts {
  const { mechanism, engine, kv_blocks } = asked;
  const indexes = Array.from({ length: engine.hosts }, (_, host) => host);
  const { block_tokens } = engine;
  switch (mechanism.kept) {
    case 'tiers':
      return layered(asked, simulation, indexes, tiersOf(trial, asked), () => false);
    case 'peers':
      return layered(asked, simulation, indexes, peersOf(asked), () => false);
    case 'pool':
      return layered(asked, simulation, indexes, poolOf(trial, asked), placedOutside(policy!));
    case 'snapshot': {
      // The parent, and a pool of engines that compute its branches.
      const pool = [...indexes, engine.hosts];
      return layered(asked, simulation, pool, snapshotsOf(asked), () => false);
    }
    case 'base-and-residual':
      return {
        stores: [],
        all: indexes.map(() => ({ memory: new ForkMemory(forkSizes(trial, asked)) })),
      };
    default:
      return {
        stores: [],
        all: indexes.map(() => ({
          memory:
            asked.settings['index'] === 'radix'
              ? new RadixMemory(kv_blocks, block_tokens)
              : new HashedMemory(kv_blocks, block_tokens, mechanism.kept !== 'nowhere'),
        })),
      };
  }
}

function forkSizes(trial: Trial, asked: Asked): ForkSizes {
  const { engine, settings, model, kv_blocks } = asked;
  const { adapter_rank } = agentSettings(asked, trial);
  const layers = Math.max(0, model.layers - Number(settings['adapted_from_layer']));
  // Keys and values of a token in a layer, and what the adapter adds to each of the two.
  const base = 2 * model.layers * model.kv_heads * model.head_width;
  return {
    block_tokens: engine.block_tokens,
    capacity_blocks: kv_blocks,
    residual_share: (2 * layers * adapter_rank) / base,
    // Hidden states of adapted layers need those of all layers below; low-rank products are of adapted layers alone.
    residual_work:
      settings['residual_work'] === 'forward'
        ? 1
        : (adapter_rank / model.width) * (layers / model.layers),
  };
}

interface Below {
  /** The device that all read; absent where nothing is kept there. */
  readonly cxl?: Link;
  /** Beside the device. */
  readonly carried?: () => Measurements;
  readonly stores: Hosts['stores'];
  /** Of a host: all that it reads, and those that it writes. */
  levels(host: number): { readonly all: readonly Level[]; readonly own: readonly Level[] };
}

function layered(
  { engine, kv_blocks, block_bytes, gpu }: Asked,
  simulation: Simulation,
  indexes: readonly number[],
  below: Below,
  attaches: Attaches,
): Hosts {
  const all = indexes.map((host) => {
    const { all: levels, own } = below.levels(host);
    // Each GPU of an engine has a link of its own.
    const link = new Link(bothWays(gpu.link_gb_per_s * engine.gpu_count));
    const on_host = new Levels(levels, own, link, block_bytes);
    const memory = new HashedMemory(kv_blocks, engine.block_tokens, true);
    return { levels: on_host, memory: new LayeredMemory(simulation, memory, on_host, attaches) };
  });
  const { cxl } = below;
  return {
    all,
    stores: below.stores,
    carried: () => ({ ...(cxl && { device_bytes: bytesOver(cxl) }), ...below.carried?.() }),
    ...(cxl && {
      readAttached: (host: number) => (begin_ns: number, blocks: number) => {
        if (blocks === 0) return begin_ns;
        const bytes = blocks * block_bytes;
        return Math.max(
          cxl.read(begin_ns, bytes),
          all[host]!.levels.gpu_link.read(begin_ns, bytes),
        );
      },
    }),
  };
}

function bytesOver({ read_bytes, write_bytes }: Link): number {
  return read_bytes + write_bytes;
}

function bothWays(gb_per_s: number, latency_ns = 0): LinkSettings {
  return { read_gb_per_s: gb_per_s, write_gb_per_s: gb_per_s, latency_ns };
}

function deviceOf({ read_gb_per_s, write_gb_per_s, latency_ns, duplex }: MemorySettings): Link {
  return new Link({
    read_gb_per_s,
    write_gb_per_s,
    latency_ns,
    is_half_duplex: duplex === 'half',
  });
}

function storeOf(size_mb: number, block_bytes: number): BlockStore {
  return new BlockStore(Math.floor((size_mb * bytes_per_mb) / block_bytes));
}

function tiersOf({ fabric }: Trial, { settings, block_bytes }: Asked): Below {
  const size = (name: string) => Number(settings[name]);
  const cxl = deviceOf(fabric.cxl);
  const shared = storeOf(size('cxl_memory_mb'), block_bytes);
  const stores: { name: LevelName; store: BlockStore }[] = [];
  const disks: Link[] = [];
  if (shared.capacity > 0) stores.push({ name: 'cxl', store: shared });
  return {
    cxl,
    stores,
    carried: () => (disks.length > 0 ? { nvme_bytes: sumOf(disks, bytesOver) } : {}),
    levels() {
      const all: Level[] = [];
      const add = (name: LevelName, store: BlockStore, link?: Way) => {
        if (store.capacity === 0) return;
        all.push(new Level(name, store, link));
        if (store !== shared) stores.push({ name, store });
      };
      add('dram', storeOf(size('host_memory_mb'), block_bytes));
      add('cxl', shared, cxl);
      if (size('nvme_mb') > 0) {
        const disk = new Link({ ...bothWays(size('nvme_gb_per_s')), is_half_duplex: true });
        disks.push(disk);
        add('nvme', storeOf(size('nvme_mb'), block_bytes), disk);
      }
      return { all, own: all };
    },
  };
}

function peersOf({ engine, settings, block_bytes }: Asked): Below {
  const size_mb = Number(settings['host_memory_mb']);
  const speed = bothWays(
    Number(settings['network_gb_per_s']),
    Number(settings['network_latency_us']) * 1000,
  );
  const stores = Array.from({ length: engine.hosts }, () => storeOf(size_mb, block_bytes));
  const ports = stores.map(() => new Link(speed));
  return {
    stores: stores.map((store) => ({ name: 'dram', store })),
    // What one sends another receives.
    carried: () => ({ network_bytes: sumOf(ports, ({ read_bytes }) => read_bytes) }),
    levels(host) {
      const own = new Level('dram', stores[host]!);
      const others = stores.flatMap((store, owner) => {
        if (owner === host) return [];
        const way: Way = {
          read: (now_ns, bytes) =>
            Math.max(ports[host]!.read(now_ns, bytes), ports[owner]!.write(now_ns, bytes)),
          write: (now_ns) => now_ns,
        };
        return [new Level('peer', store, way)];
      });
      return { all: [own, ...others], own: [own] };
    },
  };
}

function snapshotsOf(asked: Asked): Below {
  const store = new BlockStore(Number.POSITIVE_INFINITY);
  const snapshots = new Snapshots(asked);
  const { way } = snapshots;
  return {
    carried: () => ({ nvme_bytes: snapshots.file_bytes }),
    stores: [{ name: 'nvme', store }],
    levels() {
      const all = [new Level('nvme', store, way)];
      return { all, own: all };
    },
  };
}

function poolOf({ fabric }: Trial, { settings, block_bytes }: Asked): Below {
  const cxl = deviceOf(fabric.cxl);
  const store = storeOf(Number(settings['pool_mb']), block_bytes);
  return {
    cxl,
    stores: [{ name: 'cxl', store }],
    levels() {
      const all = [new Level('cxl', store, cxl)];
      return { all, own: all };
    },
  };
}
