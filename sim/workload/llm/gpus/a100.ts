/** NVIDIA A100 SXM, 80 GB. */

import type { Gpu } from '../gpu.ts';

export default {
  name: 'a100',
  memory_bytes: 81_920 * 2 ** 20,
  memory_gb_per_s: 2039,
  tflops: 312,
  link_gb_per_s: 32,
  source: 'NVIDIA A100 data sheet; link: PCIe 4.0 x16, 32 GB/s each way before encoding',
} satisfies Gpu;
