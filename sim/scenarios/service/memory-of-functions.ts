/** Memory times time that each function holds: what it held is noted when it gives it back. */

/** Local memory of instances and parents, of that while they are idle, and CXL memory of checkpoints. */
export type MemoryKind = 'local' | 'idle' | 'cxl';

export class MemoryOfFunctions {
  readonly #from_ns: number;
  /** Bytes times nanoseconds by function; a function that held nothing has none. */
  readonly sums: Readonly<Record<MemoryKind, number[]>> = { local: [], idle: [], cxl: [] };

  /** Nothing counts that was before. */
  constructor(from_ns: number) {
    this.#from_ns = from_ns;
  }

  /** A function has held so much since then. */
  held(kind: MemoryKind, of: number, bytes: number, since_ns: number, now_ns: number): void {
    const passed_ns = now_ns - Math.max(since_ns, this.#from_ns);
    if (passed_ns <= 0) return;
    const sums = this.sums[kind];
    sums[of] = (sums[of] ?? 0) + bytes * passed_ns;
  }
}
