/** Imports a file of another tool as a trace. */

import { writeTrace } from '../../files/trace-file.ts';
import { InputError } from '../../input/input-error.ts';
import { proposal } from '../../input/nearest.ts';
import type { Totals } from '../../workload/cxltrace/format.ts';
import type { Metadata } from '../../workload/cxltrace/metadata.ts';
import type { ImportOptions, TraceImporter } from './importer.ts';
import { MappedPages } from './mapped-pages.ts';
import type { OpenSource } from './open-source.ts';
import { importers } from './registry.ts';

export interface ImportedTrace {
  readonly totals: Totals;
  readonly metadata: Metadata;
  readonly notes: readonly string[];
}

function importerOf(name: string, where: string): TraceImporter {
  if (Object.hasOwn(importers, name)) return importers[name]!;
  throw new InputError(where, `no format ${name}`, proposal(name, Object.keys(importers)));
}

export async function importTrace(
  source: OpenSource,
  format: string,
  output: string,
  options: ImportOptions = {},
  signal?: AbortSignal,
): Promise<ImportedTrace> {
  const { metadata, events, notes } = importerOf(format, source.shown).import(source, options);
  const mapped = options.maps && new MappedPages(options.maps);
  try {
    const all = mapped === undefined ? events : mapped.watched(events);
    const totals = await writeTrace(output, metadata, all, signal);
    return { totals, metadata, notes: [...notes(), ...(mapped?.notes() ?? [])] };
  } catch (error) {
    // What no trace can hold: the importers refuse the rest, with its place.
    if (!(error instanceof RangeError)) throw error;
    throw new InputError(source.shown, error.message, 'numbers that a trace can hold');
  }
}
