/** `cxlsim trace inspect`: what a trace says, as text, JSON and pictures. */

import { join } from 'node:path';
import { makeDirectory } from '../../files/make-directory.ts';
import { storageFailure } from '../../files/storage-failure.ts';
import { writeAtomically } from '../../files/write-atomically.ts';
import { expected } from '../../input/expected.ts';
import {
  type InvocationSummary,
  inspectTrace,
  type TraceSummary,
} from '../../recording/inspect-trace.ts';
import { inColumns, widthsOf } from '../../report/text-columns.ts';
import { pages_per_mb } from '../../units.ts';
import { defineCommand, once, single } from '../command.ts';

export const traceInspect = defineCommand({
  usage: 'trace inspect <file>',
  describe: 'what a trace says of its function: footprint, split, reuse; as pictures, too',
  options: {
    file: { type: 'string', demandOption: true, describe: 'trace (.cxltrace)' },
    figures: { ...once, describe: 'folder to draw into, as SVG and PNG' },
    json: { type: 'boolean', describe: 'print one JSON object, nothing else' },
  },
  complaint: {
    missing: 'no trace; expected cxlsim trace inspect FILE.cxltrace',
    excess: expected('one FILE'),
  },
  examples: [['$0 trace inspect mine.cxltrace --figures figures', 'numbers, and three pictures']],
  epilogue: 'Exit codes: 0 inspected, 2 bad input or usage.',
  command(typed) {
    const figures = single('figures', typed.figures);
    return () => inspect(typed.file, { figures, json: typed.json === true });
  },
});

const most_listed = 12;

async function inspect(
  file: string,
  { figures, json }: { readonly figures: string | undefined; readonly json: boolean },
): Promise<number> {
  const summary = inspectTrace(file);
  const drawn = figures === undefined ? [] : await draw(file, summary, figures);
  if (json) {
    process.stdout.write(`${JSON.stringify({ file, ...summary, figures: drawn })}\n`);
    return 0;
  }
  const lines = [
    ...describe(summary),
    ...drawn.map((path) => `drawn: ${path}`),
    ...(figures === undefined || tellsTime(summary)
      ? []
      : ['not drawn: heat-map, as no time passes in this trace']),
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
  return 0;
}

async function draw(file: string, summary: TraceSummary, folder: string): Promise<string[]> {
  const { heatMap } = await import('../../recording/heat-map.ts');
  const { traceFigures } = await import('../../report/trace-figures.ts');
  const drawn = await traceFigures(summary, heatMap(file), origin(summary));
  try {
    makeDirectory(folder);
  } catch (error) {
    throw storageFailure(folder, error, 'choose another folder with --figures');
  }
  return drawn.flatMap(({ name, svg, png }) => {
    if (name === 'heat-map' && !tellsTime(summary)) return [];
    const path = join(folder, name);
    writeAtomically(`${path}.svg`, svg);
    writeAtomically(`${path}.png`, png);
    return [`${path}.svg`, `${path}.png`];
  });
}

function tellsTime({ totals }: TraceSummary): boolean {
  return totals.gap > 0;
}

function origin({ metadata, invocations }: TraceSummary): string {
  const { command, recorder, completeness, memory } = metadata;
  const how = completeness === 'all' ? 'every access counted' : completeness;
  const where = memory === 'local' ? '' : `, memory on NUMA node ${memory.numa_node}: emulated CXL`;
  const count = `${invocations.length} invocation${invocations.length === 1 ? '' : 's'}`;
  return `${command.join(' ') || 'a program'} (${recorder}, ${how}${where}; ${count})`;
}

function describe(summary: TraceSummary): string[] {
  const { metadata, totals, footprint_pages, regions, invocations } = summary;
  const share = (pages: number) => `${((100 * pages) / Math.max(1, footprint_pages)).toFixed(0)} %`;
  const time = metadata.gap_unit === 'ns' ? 'ms' : 'million instructions';
  return [
    origin(summary),
    `${totals.events} events, ${totals.pages} pages, ${(totals.gap / 1e6).toFixed(1)} ${time}`,
    '',
    `footprint         ${mb(footprint_pages)} at the end of the last invocation`,
    `  initialisation  ${mb(summary.init_pages)}  ${share(summary.init_pages)}  touched by no invocation`,
    ...usedLines(summary, share),
    `regions           ${Object.entries(regions)
      .filter(([, pages]) => pages > 0)
      .map(([name, pages]) => `${name} ${share(pages)}`)
      .join(', ')}`,
    ...checkpointLines(summary),
    ...(invocations.length === 0 ? [] : ['', ...invocationLines(invocations, time)]),
    ...(summary.unknown.length === 0
      ? []
      : ['', 'not known from this trace:', ...summary.unknown.map((each) => `  ${each}`)]),
  ];
}

function usedLines(
  { used_pages, read_only_pages, read_write_pages }: TraceSummary,
  share: (pages: number) => string,
): string[] {
  if (read_only_pages === null || read_write_pages === null) {
    return [`  read or written ${mb(used_pages)}  ${share(used_pages)}  by any invocation`];
  }
  return [
    `  read only       ${mb(read_only_pages)}  ${share(read_only_pages)}  by any invocation`,
    `  read and write  ${mb(read_write_pages)}  ${share(read_write_pages)}  written by any`,
  ];
}

/** Other pages at another time than the footprint above: what runs fork, and profiles say. */
function checkpointLines({ checkpoint }: TraceSummary): string[] {
  if (checkpoint === null) return [];
  const { footprint_pages, init_pages, read_only_pages, read_write_pages } = checkpoint;
  const part = (pages: number) =>
    `${mb(pages)}  ${((100 * pages) / Math.max(1, footprint_pages)).toFixed(0)} %`;
  return [
    '',
    `at the checkpoint ${mb(footprint_pages)} as runs and trace profile have it: before the last two invocations`,
    `  initialisation  ${part(init_pages)}  neither of the following`,
    `  read only       ${part(read_only_pages)}  touched by the child's first, not written before`,
    `  read and write  ${part(read_write_pages)}  written since the first invocation`,
  ];
}

function mb(pages: number): string {
  return `${(pages / pages_per_mb).toFixed(2).padStart(9)} MiB`;
}

const columns: readonly (readonly [string, (of: InvocationSummary) => string])[] = [
  ['touched', ({ touched_pages }) => String(touched_pages)],
  ['again', ({ retouched_pages }) => String(retouched_pages)],
  ['new', ({ new_pages }) => String(new_pages)],
  ['written', ({ written_pages }) => told(written_pages)],
  ['again', ({ rewritten_pages }) => told(rewritten_pages)],
  [
    "of the parent's written",
    ({ parent_rewritten_pages: again, parent_written_pages: all }) =>
      again === null ? '-' : `${again} of ${told(all)}`,
  ],
  ['LLC misses', ({ llc_misses }) => told(llc_misses)],
];

function told(count: number | null): string {
  return count === null ? '-' : String(count);
}

function invocationLines(invocations: readonly InvocationSummary[], time: string): string[] {
  const first = invocations.slice(0, most_listed);
  const rows = [
    ['pages by invocation', time, ...columns.map(([title]) => title)],
    ...first.map((each, i) => [
      String(i + 1),
      (each.gap / 1e6).toFixed(2),
      ...columns.map(([, cell]) => cell(each)),
    ]),
  ];
  const widths = widthsOf(rows);
  const lines = rows.map((row) => inColumns(row, widths, 'right'));
  const more = invocations.length - first.length;
  return more > 0 ? [...lines, `and ${more} more (--json has them all)`] : lines;
}
