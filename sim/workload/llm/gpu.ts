/** An accelerator by what its data sheet says. */

export interface Gpu {
  readonly name: string;
  readonly memory_bytes: number;
  readonly memory_gb_per_s: number;
  /** Dense products of 16-bit numbers with sums of 32 bits, 10^12 operations a second. */
  readonly tflops: number;
  /** To and from its host, each way. */
  readonly link_gb_per_s: number;
  readonly source: string;
}
