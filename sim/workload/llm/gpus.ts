/** All accelerators by name: the one place that lists them. */

import type { Gpu } from './gpu.ts';
import a100 from './gpus/a100.ts';
import h100 from './gpus/h100.ts';
import h200 from './gpus/h200.ts';
import rtx4090 from './gpus/rtx-4090.ts';
import rtxPro6000 from './gpus/rtx-pro-6000.ts';

export const gpus: Readonly<Record<string, Gpu>> = Object.fromEntries(
  [rtx4090, rtxPro6000, a100, h100, h200].map((gpu) => [gpu.name, gpu]),
);
