/** NVIDIA RTX PRO 6000 Blackwell, Server Edition. */

import type { Gpu } from '../gpu.ts';

export default {
  name: 'rtx-pro-6000',
  memory_bytes: 101_976_440_832,
  memory_gb_per_s: 1597,
  tflops: 503.8,
  link_gb_per_s: 64,
  source:
    'memory: data sheet of the Server Edition, and as the measured run names it; products: RTX Blackwell PRO architecture paper, Workstation Edition; link: PCIe 5.0 x16, 64 GB/s each way before encoding',
} satisfies Gpu;
