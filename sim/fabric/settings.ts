/** The fabric as an experiment file describes it, after presets and overrides are resolved. */

/** One measured point of a device under load. */
export interface CurvePoint {
  readonly bandwidth_gb_per_s: number;
  readonly latency_ns: number;
}

/** Latency along measured bandwidth for one share of reads; points in rising bandwidth. */
export interface LoadCurve {
  readonly read_share: number;
  /** The device's ceiling at this share where the points do not reach it; else their highest bandwidth. */
  readonly ceiling_gb_per_s?: number;
  readonly points: readonly CurvePoint[];
}

export interface MemorySettings {
  /** Unloaded load-to-use latency. */
  readonly latency_ns: number;
  /** Ceilings of reads alone and of writes alone. */
  readonly read_gb_per_s: number;
  readonly write_gb_per_s: number;
  /** Whether reads and writes take turns (a DRAM bus) or flow at once (a link with two ways). */
  readonly duplex: 'half' | 'full';
  readonly capacity_mb: number;
  /** Shape of latency under load, scaled to this device's latency and bandwidth; none: flat. */
  readonly load_curves: readonly LoadCurve[];
  readonly source: string;
}

export interface NodeSettings {
  readonly cores: number;
  readonly llc_mb: number;
  /** Share of local memory that processes outside the model hold, and give up to those in it; absent: none. */
  readonly others_memory_share?: number;
  readonly local: MemorySettings;
}

export interface FabricSettings {
  readonly preset: string;
  /** Nodes that share the CXL device; a remote fork goes from node 0 to node 1. */
  readonly nodes: number;
  readonly node: NodeSettings;
  /** The multi-headed CXL device. */
  readonly cxl: MemorySettings;
  /** Whether hosts see each other's writes to the device without flushes. */
  readonly coherence: 'hardware' | 'software';
}
