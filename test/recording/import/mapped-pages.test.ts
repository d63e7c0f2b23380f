import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { importTrace } from '../../../sim/recording/import/import-trace.ts';
import type { ImportOptions } from '../../../sim/recording/import/importer.ts';
import { MemoryMap } from '../../../sim/recording/import/memory-map.ts';
import { openSource } from '../../../sim/recording/import/open-source.ts';
import { importers } from '../../../sim/recording/import/registry.ts';
import { scratchFolder } from '../../experiment/scratch-folder.ts';
import { fixture, imported, linesOf } from './text-source.ts';

const inputs: Readonly<Record<string, readonly [text: string, options: ImportOptions]>> = {
  lackey: [fixture('lackey.log'), {}],
  damon: [fixture('damo-report-raw.txt'), { whole: true }],
  perf: [fixture('perf-mem.txt'), { whole: true }],
  'kernel-scans': [fixture('rforkctl-numa-scans.txt'), {}],
  csv: ['invocation,page,loads\n1,5,1\n1,9,1\n', {}],
};

/** Maps of those of the pages that are in the one mapping, or of a page that nobody touches. */
const mapsOf = (first: number, end: number) =>
  new MemoryMap(
    linesOf(
      `${(first * 4096).toString(16)}-${(end * 4096).toString(16)} rw-p 0 0:0 0 [heap]\n`,
      'maps',
    ),
  );

async function importedWith(format: string, maps: MemoryMap) {
  const [text, options] = inputs[format]!;
  const cwd = scratchFolder({ in: text });
  const source = openSource(join(cwd, 'in'));
  const output = join(cwd, 'out');
  try {
    return { output, result: await importTrace(source, format, output, { ...options, maps }) };
  } catch (error) {
    return { output, error: error as Error };
  } finally {
    source.close();
  }
}

describe('maps of a recorded process', () => {
  it('are asked of every format that takes them', () => {
    const taking = Object.keys(importers).filter((name) =>
      importers[name]!.options.includes('maps'),
    );
    assert.deepEqual(Object.keys(inputs).sort(), taking.sort());
  });

  for (const [format, [text, options]] of Object.entries(inputs)) {
    const { all } = imported(format, text, options);
    const pages = all.flatMap((event) => (event.kind === 'page' ? [event.number] : []));

    it(`are refused where no page of ${format} lies in them, and nothing is written`, async () => {
      const { output, error } = await importedWith(format, mapsOf(1, 2));
      assert.equal(
        error?.message,
        `maps: 0 of ${pages.length} pages lie in a mapping; expected the maps of the process that was recorded`,
      );
      assert.ok(!existsSync(output));
    });

    it(`are taken where pages of ${format} lie in them, and those that do not are told`, async () => {
      const first = pages[0]!;
      const { result } = await importedWith(format, mapsOf(first, first + 1));
      const inside = pages.filter((number) => number === first).length;
      const told = result!.notes.filter((note) => note.includes('in no mapping of maps'));
      assert.deepEqual(told, [
        `${pages.length - inside} of ${pages.length} pages lie in no mapping of maps: their regions are as without --maps`,
      ]);
      const everywhere = await importedWith(format, mapsOf(0, 2 ** 40));
      assert.ok(!everywhere.result!.notes.some((note) => note.includes('in no mapping')));
    });
  }

  it('are refused beside a column that tells regions, too', () => {
    assert.throws(
      () => imported('csv', 'invocation,page,region,loads\n1,5,heap,1\n', { maps: mapsOf(5, 6) }),
      /^InputError: x:1:1: --maps, and a column region; expected one of them: both tell regions$/,
    );
  });
});
