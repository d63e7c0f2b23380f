/** NVIDIA H100 SXM, 80 GB. */

import type { Gpu } from '../gpu.ts';

export default {
  name: 'h100',
  memory_bytes: 81_559 * 2 ** 20,
  memory_gb_per_s: 3350,
  tflops: 989.4,
  link_gb_per_s: 64,
  source:
    'NVIDIA H100 data sheet; memory as nvidia-smi tells it; link: PCIe 5.0 x16, 64 GB/s each way before encoding',
} satisfies Gpu;
