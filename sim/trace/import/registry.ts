/** The formats that `cxlsim trace import` turns into traces, by name. */

import type { TraceImporter } from './importer.ts';
import { kernelScans } from './kernel-scans.ts';

export const importers: Readonly<Record<string, TraceImporter>> = {
  'kernel-scans': kernelScans,
};
