/** NVIDIA H200 SXM, 141 GB. */

import type { Gpu } from '../gpu.ts';

export default {
  name: 'h200',
  memory_bytes: 143_771 * 2 ** 20,
  memory_gb_per_s: 4800,
  tflops: 989.4,
  link_gb_per_s: 64,
  source:
    'NVIDIA H200 data sheet; memory as nvidia-smi tells it; link: PCIe 5.0 x16, 64 GB/s each way before encoding',
} satisfies Gpu;
