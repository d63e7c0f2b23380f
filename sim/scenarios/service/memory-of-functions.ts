/** Memory times time that each function holds: what it held is noted when it gives it back. */

/** Local memory of instances and parents, of that while they are idle, and CXL memory of checkpoints. */
export type MemoryKind = 'local' | 'idle' | 'cxl';

export class MemoryOfFunctions {
  readonly local: MemoryTime;
  readonly idle: MemoryTime;
  readonly cxl: MemoryTime;

  /** Nothing counts that was before. */
  constructor(functions: number, from_ns: number) {
    this.local = new MemoryTime(functions, from_ns);
    this.idle = new MemoryTime(functions, from_ns);
    this.cxl = new MemoryTime(functions, from_ns);
  }
}

export class MemoryTime {
  /** Bytes times nanoseconds by function. */
  readonly sums: Float64Array;
  readonly #from_ns: number;

  constructor(functions: number, from_ns: number) {
    this.sums = new Float64Array(functions);
    this.#from_ns = from_ns;
  }

  /** A function has held so much since then. */
  held(of: number, bytes: number, since_ns: number, now_ns: number): void {
    const passed_ns = now_ns - Math.max(since_ns, this.#from_ns);
    if (passed_ns > 0) this.sums[of]! += bytes * passed_ns;
  }
}
