/** The formats that become traces, by name; what recognises more special ones stands first. */

import { damon } from './damon.ts';
import type { TraceImporter } from './importer.ts';
import { kernelScans } from './kernel-scans.ts';
import { lackey } from './lackey.ts';
import { pageCsv } from './page-csv.ts';
import { perfScript } from './perf-script.ts';

export const importers: Readonly<Record<string, TraceImporter>> = {
  lackey,
  damon,
  perf: perfScript,
  'kernel-scans': kernelScans,
  csv: pageCsv,
};
