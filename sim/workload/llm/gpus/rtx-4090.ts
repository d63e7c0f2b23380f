/** NVIDIA GeForce RTX 4090. */

import type { Gpu } from '../gpu.ts';

export default {
  name: 'rtx-4090',
  memory_bytes: 24 * 2 ** 30,
  memory_gb_per_s: 1008,
  tflops: 165.2,
  link_gb_per_s: 32,
  source:
    'NVIDIA Ada architecture paper, table of the RTX 4090; link: PCIe 4.0 x16, 32 GB/s each way before encoding',
} satisfies Gpu;
