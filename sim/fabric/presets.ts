/**
 * Published CXL platforms as fabrics. Where sources disagree there are several presets, never an
 * average; a value that a source does not give is taken from the place named under `assumed`.
 *
 * `primary`: read in the paper or data file itself. `secondary`: from reading notes on it.
 * Devices of which no absolute latency is published (Sun et al.'s CXL-A, B and C; the single devices
 * of Melody) have no preset.
 */

import { readCurves } from './read-curves.ts';
import type { FabricSettings, LoadCurve, MemorySettings, NodeSettings } from './settings.ts';

/** Measured curves of one system in a shipped file, at some shares of reads. */
export interface CurveReference {
  /** Path from the project's root. */
  readonly file: string;
  readonly system: string;
  readonly read_shares: readonly number[];
}

export interface MemoryPreset extends Omit<MemorySettings, 'load_curves'> {
  readonly curves: CurveReference | readonly LoadCurve[];
}

export interface Preset {
  readonly description: string;
  readonly source: string;
  readonly evidence: 'primary' | 'secondary';
  /** Rows of `traces/memory-curves/cxl_device_points.csv` that give the CXL and local latency. */
  readonly points: { readonly cxl: string; readonly local?: string };
  /** What the source does not give, by key path: which value stands there and why. */
  readonly assumed: Readonly<Record<string, string>>;
  readonly nodes: number;
  readonly node: Omit<NodeSettings, 'local'> & { readonly local: MemoryPreset };
  readonly cxl: MemoryPreset;
  readonly coherence: FabricSettings['coherence'];
}

const sapphireRapidsCurves: CurveReference = {
  file: 'traces/memory-curves/mess_measured_ddr.csv',
  system: 'ddr5_4800__intel__sapphire_rapids__xeon_platinum_8480',
  read_shares: [0.5, 0.7, 1],
};

const expanderCurves: CurveReference = {
  file: 'traces/memory-curves/mess_cxl_expander.csv',
  system: 'cxl_expander_micron_model',
  read_shares: [0.5, 0.66, 0.8, 1],
};

const cxlfork = 'Alverti et al., CXLfork, ASPLOS 2025, section 6.1';
const polar = 'PolarCXLMem, SIGMOD 2025, table 1 (Intel MLC)';
const vistara = 'Meta Vistara, ISCA 2026, tables III and IV (Intel MLC)';
const memchannel = 'MemChannel, NSDI 2026, section 2.3 (Intel MLC)';
const beluga = 'Beluga, SIGMOD 2026, arXiv:2511.20172, from reading notes';
const mess = 'Mess simulator, model of a CXL expander by its maker, full duplex';
const cxlmemsim = 'Intel MLC output in the CXLMemSim artifact (mlc-sapphirerapids.txt)';
const consortium = 'CXL Consortium, Hot Chips 34 tutorial, as reported by ServeTheHome';

/** The testbed of the CXLfork paper: one socket of a Xeon with local DDR5. */
const testbedLocal: MemoryPreset = {
  latency_ns: 100,
  read_gb_per_s: 264.1,
  write_gb_per_s: 227.6,
  duplex: 'half',
  capacity_mb: 128 * 1024,
  curves: sapphireRapidsCurves,
  source: `${cxlfork}: close to 100 ns; bandwidth of another Xeon of its generation`,
};

const testbedNode = { cores: 32, llc_mb: 64, local: testbedLocal };

const assumedLocalBandwidth = {
  'node.local.read_gb_per_s':
    'not published; highest at reads alone of Mess-Paraver, Xeon Platinum 8480, DDR5-4800',
  'node.local.write_gb_per_s':
    'not published; highest at a read share of 0 of Mess-Paraver, Xeon Platinum 8480, DDR5-4800',
  'node.local.load_curves': 'not published; Mess-Paraver, Xeon Platinum 8480, stretched to 100 ns',
};

const assumedNode = {
  'node.cores': 'not given; as in cxlfork-testbed',
  'node.llc_mb': 'not given; as in cxlfork-testbed',
  'node.local.capacity_mb': 'not given; as in cxlfork-testbed',
};

const assumedLocal = {
  ...assumedNode,
  ...assumedLocalBandwidth,
  'node.local.latency_ns': 'not given; as in cxlfork-testbed',
};

const assumedCapacity = {
  nodes: 'not a property of the device; two, as in cxlfork-testbed',
  'cxl.capacity_mb': 'not given; as in cxlfork-testbed',
};

const assumedCurve = {
  'cxl.load_curves':
    'not published as a curve; shape of the Mess expander, stretched to this latency and bandwidth',
};

const assumedHalfDuplex = {
  'cxl.duplex': 'not given; reads and writes share one ceiling, which is the lower bound',
};

const assumedEqualWrite = {
  'cxl.write_gb_per_s': 'not published; assumed equal to reads',
};

/** No pool on the market keeps its hosts coherent in hardware, as far as is known. */
const assumedSoftware = {
  coherence: 'not given; CXL 2.0 pools have no coherence between hosts in hardware',
};

const capacity_mb = 16 * 1024;

const polarNode = {
  ...testbedNode,
  local: { ...testbedLocal, latency_ns: 146, source: `${polar}: local DRAM 146 ns` },
};

const polarAssumed = {
  ...assumedNode,
  ...assumedLocalBandwidth,
  ...assumedCapacity,
  ...assumedCurve,
  ...assumedHalfDuplex,
  ...assumedSoftware,
  'cxl.read_gb_per_s':
    'derived from table 2 (through the switch): 16 KB in 2.46 us less 4 KB in 1.86 us, 12,288 bytes in 600 ns',
  'cxl.write_gb_per_s':
    'derived from table 2 (through the switch): 16 KB in 1.68 us less 4 KB in 1.02 us, 12,288 bytes in 660 ns',
};

function polarPreset(description: string, point: string, latency_ns: number): Preset {
  return {
    description,
    source: polar,
    evidence: 'primary',
    points: { cxl: point, local: 'polar_dram_local' },
    assumed: polarAssumed,
    nodes: 2,
    node: polarNode,
    cxl: {
      latency_ns,
      read_gb_per_s: 20.5,
      write_gb_per_s: 18.6,
      duplex: 'half',
      capacity_mb,
      curves: expanderCurves,
      source: `${polar}: ${latency_ns} ns; bandwidth derived from table 2`,
    },
    coherence: 'software',
  };
}

function consortiumPreset(bound: 'low' | 'high', local_ns: number, latency_ns: number): Preset {
  return {
    description: `CXL Consortium's guide values, ${bound} end: DRAM ${local_ns}, CXL ${latency_ns} ns`,
    source: consortium,
    evidence: 'primary',
    points: { cxl: `hc34_cxl_${bound}`, local: `hc34_dram_${bound}` },
    assumed: {
      ...assumedNode,
      ...assumedLocalBandwidth,
      ...assumedCapacity,
      ...assumedCurve,
      ...assumedSoftware,
      'cxl.read_gb_per_s': 'not given; as in mess-expander',
      'cxl.write_gb_per_s': 'not given; as in mess-expander',
      'cxl.duplex': 'not given; as in mess-expander',
    },
    nodes: 2,
    node: {
      ...testbedNode,
      local: { ...testbedLocal, latency_ns: local_ns, source: `${consortium}: ${local_ns} ns` },
    },
    cxl: {
      latency_ns,
      read_gb_per_s: 26.8,
      write_gb_per_s: 20,
      duplex: 'full',
      capacity_mb,
      curves: expanderCurves,
      source: `${consortium}: ${latency_ns} ns; bandwidth assumed`,
    },
    coherence: 'software',
  };
}

export const presets = {
  'cxlfork-testbed': {
    description:
      'Testbed of the CXLfork paper: Agilex-7 FPGA with DDR4, two Sapphire Rapids sockets',
    source: `${cxlfork}: nodes of 32 cores, 64 MB last-level cache and 128 GB; 16 GB of CXL memory`,
    evidence: 'primary',
    points: { cxl: 'cxlfork_fpga' },
    assumed: {
      ...assumedLocalBandwidth,
      ...assumedCurve,
      ...assumedHalfDuplex,
      'cxl.read_gb_per_s':
        "not published; derived from the paper's 1.3 us to move the 4 KiB of a fault: 4096 bytes in " +
        '1300 - 391 ns is 4.5 GB/s. Sun et al. (MICRO 2023) measured 5.1 GB/s of reads on another ' +
        'FPGA (CXL-C, 20 % of 25.6 GB/s)',
      'cxl.write_gb_per_s': 'not published; assumed equal to reads',
      coherence: 'inferred: both nodes are virtual machines on one host',
    },
    nodes: 2,
    node: testbedNode,
    cxl: {
      latency_ns: 391,
      read_gb_per_s: 4.5,
      write_gb_per_s: 4.5,
      duplex: 'half',
      capacity_mb,
      curves: expanderCurves,
      source: `${cxlfork}: 391 ns, 16 GB; bandwidth derived from 1.3 us for 4 KiB (section 4.2.1)`,
    },
    coherence: 'hardware',
  },

  'polar-direct': polarPreset(
    'CXL device without a switch, same socket',
    'polar_cxl_direct',
    265.2,
  ),
  'polar-direct-remote-socket': polarPreset(
    'CXL device without a switch, from the other socket',
    'polar_cxl_direct_remote',
    345.9,
  ),
  'switch-polar': polarPreset(
    'Pool behind an XConn 2.0 switch as PolarCXLMem measured it, same socket',
    'polar_cxl_switch',
    549,
  ),
  'switch-polar-remote-socket': polarPreset(
    'Pool behind an XConn 2.0 switch as PolarCXLMem measured it, from the other socket',
    'polar_cxl_switch_remote',
    651,
  ),

  'switch-fast': {
    description: 'Switched pool of two x8 ports as MemChannel measured it',
    source: memchannel,
    evidence: 'primary',
    points: { cxl: 'memchannel_switch' },
    assumed: {
      ...assumedLocal,
      ...assumedCapacity,
      ...assumedHalfDuplex,
      ...assumedEqualWrite,
      ...assumedSoftware,
      'cxl.load_curves':
        'shape of the Mess expander: the source gives the ends only (230.2 ns idle and 1624.2 ns near ' +
        'saturation of one port, effects from 30 % load), so latency under load is a lower bound',
    },
    nodes: 2,
    node: testbedNode,
    cxl: {
      latency_ns: 220.5,
      read_gb_per_s: 47.2,
      write_gb_per_s: 47.2,
      duplex: 'half',
      capacity_mb,
      curves: expanderCurves,
      source: `${memchannel}: 220.5 ns, 47.2 GB/s`,
    },
    coherence: 'software',
  },

  'switch-beluga': {
    description: 'Pool behind an XConn switch as Beluga measured it, two adapters',
    source: beluga,
    evidence: 'secondary',
    points: { cxl: 'beluga_switch_64B' },
    assumed: {
      ...assumedLocal,
      ...assumedCapacity,
      ...assumedCurve,
      ...assumedHalfDuplex,
      ...assumedSoftware,
    },
    nodes: 2,
    node: testbedNode,
    cxl: {
      latency_ns: 750,
      read_gb_per_s: 46.2,
      write_gb_per_s: 33,
      duplex: 'half',
      capacity_mb,
      curves: expanderCurves,
      source: `${beluga}: 64 B in 750 ns at least; 46.2 GB/s read, 33 GB/s write`,
    },
    coherence: 'software',
  },

  vistara: {
    description: 'Two Vistara ASICs with DDR4-2400 beside DDR5-6400 of an AMD Turin socket',
    source: vistara,
    evidence: 'primary',
    points: { cxl: 'vistara_cxl_10', local: 'vistara_native_10' },
    assumed: {
      ...assumedNode,
      ...assumedCapacity,
      ...assumedSoftware,
      'node.local.latency_ns': 'idle is not given; the value at 10 % load',
      'node.local.write_gb_per_s': 'derived: 497 GB/s of reads and 439 GB/s at 1:1 leave 393 GB/s',
      'node.local.duplex': 'inferred: 1:1 delivers less than reads alone',
      'cxl.latency_ns': 'idle is not given; the value at 10 % load',
      'cxl.write_gb_per_s': 'derived: 48 GB/s of reads and 42 GB/s at 1:1 leave 37.3 GB/s',
      'cxl.duplex': 'inferred: 1:1 delivers less than reads alone',
      'cxl.load_curves':
        'three points; beyond 60 % load, which is not given, latency stays (a lower bound)',
    },
    nodes: 2,
    node: {
      cores: 32,
      llc_mb: 64,
      local: {
        latency_ns: 169,
        read_gb_per_s: 497,
        write_gb_per_s: 393,
        duplex: 'half',
        capacity_mb: 128 * 1024,
        curves: [
          {
            read_share: 1,
            ceiling_gb_per_s: 497,
            points: [
              { bandwidth_gb_per_s: 49.7, latency_ns: 169 },
              { bandwidth_gb_per_s: 149.1, latency_ns: 173 },
              { bandwidth_gb_per_s: 298.2, latency_ns: 234 },
            ],
          },
        ],
        source: `${vistara}: 169, 173, 234 ns at 10, 30, 60 % of 497 GB/s; 439 GB/s at 1:1`,
      },
    },
    cxl: {
      latency_ns: 269,
      read_gb_per_s: 48,
      write_gb_per_s: 37.3,
      duplex: 'half',
      capacity_mb,
      curves: [
        {
          read_share: 1,
          ceiling_gb_per_s: 48,
          points: [
            { bandwidth_gb_per_s: 4.8, latency_ns: 269 },
            { bandwidth_gb_per_s: 14.4, latency_ns: 292 },
            { bandwidth_gb_per_s: 28.8, latency_ns: 372 },
          ],
        },
      ],
      source: `${vistara}: 269, 292, 372 ns at 10, 30, 60 % of 48 GB/s; 42 GB/s at 1:1`,
    },
    coherence: 'software',
  },

  'mess-expander': {
    description:
      'CXL expander of the Mess simulator: device side only (107.4 ns without the way from core to ' +
      'port), so a lower bound of a load',
    source: mess,
    evidence: 'primary',
    points: { cxl: 'mess_cxl_r100' },
    assumed: {
      ...assumedLocal,
      ...assumedCapacity,
      ...assumedSoftware,
      'cxl.write_gb_per_s': 'derived: 40.0 GB/s at 50 % reads are 20 GB/s of writes at least',
      'cxl.duplex': 'inferred: mixed traffic delivers more than reads alone',
    },
    nodes: 2,
    node: testbedNode,
    cxl: {
      latency_ns: 107.4,
      read_gb_per_s: 26.8,
      write_gb_per_s: 20,
      duplex: 'full',
      capacity_mb,
      curves: expanderCurves,
      source: `${mess}: 107.4 ns, 26.8 GB/s at reads alone, 40.0 GB/s at 50 % reads`,
    },
    coherence: 'software',
  },

  'cxlmemsim-node': {
    description: "Second NUMA node without cores in CXLMemSim's artifact; the device is not named",
    source: cxlmemsim,
    evidence: 'primary',
    points: { cxl: 'cxlmemsim_spr_node1', local: 'cxlmemsim_spr_local' },
    assumed: {
      ...assumedNode,
      ...assumedCapacity,
      ...assumedCurve,
      ...assumedHalfDuplex,
      ...assumedEqualWrite,
      ...assumedSoftware,
      'node.local.write_gb_per_s':
        'derived: 28.6 GB/s of reads and 24.0 GB/s at 1:1 leave 20.7 GB/s',
      'node.local.load_curves': 'Mess-Paraver, Xeon Platinum 8480, stretched to this memory',
    },
    nodes: 2,
    node: {
      ...testbedNode,
      local: {
        ...testbedLocal,
        latency_ns: 106.3,
        read_gb_per_s: 28.6,
        write_gb_per_s: 20.7,
        source: `${cxlmemsim}: 106.3 ns, 28.6 GB/s of reads, 24.0 GB/s at 1:1`,
      },
    },
    cxl: {
      latency_ns: 437.5,
      read_gb_per_s: 19.2,
      write_gb_per_s: 19.2,
      duplex: 'half',
      capacity_mb,
      curves: expanderCurves,
      source: `${cxlmemsim}: 437.5 ns, 19.2 GB/s of reads`,
    },
    coherence: 'software',
  },

  'consortium-low': consortiumPreset('low', 80, 170),
  'consortium-high': consortiumPreset('high', 140, 250),
} as const satisfies Record<string, Preset>;

export type PresetName = keyof typeof presets;

/**
 * The settings of a preset, with its measured curves read in. `readText` gets the content of a shipped
 * file by its path from the project's root; the fabric itself touches no files.
 */
export function resolvePreset(
  name: PresetName,
  readText: (path: string) => string,
): FabricSettings {
  const preset: Preset = presets[name];
  const memory = ({ curves, ...rest }: MemoryPreset): MemorySettings => ({
    ...rest,
    load_curves:
      'file' in curves
        ? readCurves(readText(curves.file), curves.file, curves.system, curves.read_shares)
        : curves,
  });
  return {
    preset: name,
    nodes: preset.nodes,
    node: { ...preset.node, local: memory(preset.node.local) },
    cxl: memory(preset.cxl),
    coherence: preset.coherence,
  };
}
