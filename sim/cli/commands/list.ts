/** `cxlsim list`: tables of what is installed, as text, Markdown or JSON. */

import { backends } from '../../backends/registry.ts';
import { describeSettings } from '../../experiment/describe-settings.ts';
import { arrivalFiles, startTimeFiles } from '../../experiment/described-inputs.ts';
import { readFabricFile } from '../../experiment/fabric-file.ts';
import { installed } from '../../experiment/installed.ts';
import { installedParameters } from '../../experiment/installed-schema.ts';
import { readPolicy } from '../../experiment/read-policy.ts';
import { readKeepAlive, readRouting } from '../../experiment/read-serving.ts';
import { readDescription } from '../../experiment/read-workload.ts';
import { shownPath } from '../../files/read-text.ts';
import { expected } from '../../input/expected.ts';
import { proposal } from '../../input/nearest.ts';
import { allMechanisms } from '../../mechanisms/all.ts';
import { stagedMechanisms } from '../../mechanisms/staged/registry.ts';
import { metrics } from '../../metrics.ts';
import type { Parameters } from '../../parameters.ts';
import { type Axis, axes } from '../../properties.ts';
import { breakLines } from '../../report/break-lines.ts';
import { markdownGrid } from '../../report/markdown-table.ts';
import { terminalWidth } from '../../report/terminal-table.ts';
import { gap, inColumns, widthsOf } from '../../report/text-columns.ts';
import { arrivalSources } from '../../scenarios/cluster/arrivals/registry.ts';
import { scenarios } from '../../scenarios/registry.ts';
import { type SandboxWindow, type StageName, windowNames } from '../../stages.ts';
import { workloadConstants } from '../../workload/constants.ts';
import { defineCommand } from '../command.ts';
import { figureTitle } from '../figure-title.ts';
import { questionOf } from '../question-of.ts';
import { UsageError } from '../usage-error.ts';

/** In the order in which they are listed. */
export const listSubjects = [
  'experiments',
  'scenarios',
  'mechanisms',
  'properties',
  'windows',
  'policies',
  'keep-alive',
  'routing',
  'arrivals',
  'workloads',
  'fabrics',
  'start-times',
  'backends',
  'metrics',
  'figures',
  'print-figures',
  'parameters',
  'settings',
] as const;

type ListSubject = (typeof listSubjects)[number];

export const list = defineCommand({
  usage: 'list [subject]',
  describe: 'list what there is to experiment with',
  options: {
    subject: { type: 'string', describe: listSubjects.join(', ') },
    markdown: { type: 'boolean', describe: 'print Markdown tables' },
    json: { type: 'boolean', describe: 'print one JSON object, nothing else' },
  },
  complaint: { excess: expected('one subject') },
  command(typed) {
    const subject = subjectOf(typed.subject);
    const form = typed.json === true ? 'json' : typed.markdown === true ? 'markdown' : 'text';
    return () => printTables(subject, form);
  },
});

function subjectOf(subject: string | undefined): ListSubject | undefined {
  if (subject === undefined || listSubjects.includes(subject as ListSubject)) {
    return subject as ListSubject | undefined;
  }
  throw new UsageError(`list: no subject ${subject}; ${proposal(subject, listSubjects)}`);
}

export type ListForm = 'text' | 'markdown' | 'json';

const axisNames = Object.keys(axes) as Axis[];

type Row = Readonly<Record<string, string | number | boolean>>;

function described(
  files: ReadonlyMap<string, string>,
  read: (path: string, named: string) => Promise<{ readonly description: string }>,
): Promise<Row[]> {
  return Promise.all(
    [...files].map(async ([name, path]) => {
      const { description } = await read(path, path);
      return { name, description };
    }),
  );
}

export const rows: Readonly<Record<ListSubject, () => Row[] | Promise<Row[]>>> = {
  experiments: () =>
    [...installed.experiments].map(([name, path]) => ({ name, question: questionOf(path) })),
  scenarios: () =>
    Object.entries(scenarios).map(([name, { description }]) => ({ name, description })),
  mechanisms: () =>
    Object.values(allMechanisms).map(({ name, policies, properties, description, source }) => ({
      name,
      policies,
      unit: properties?.unit ?? '',
      isolation: properties?.isolation ?? '',
      other_hosts: properties?.other_hosts ?? '',
      description,
      source,
    })),
  policies: () => described(installed.policies, readPolicy),
  'keep-alive': () => described(installed.keep_alive, readKeepAlive),
  routing: () => described(installed.routing, readRouting),
  arrivals: () => [
    ...Object.entries(arrivalSources).map(([name, { description }]) => ({
      name,
      kind: '',
      description,
    })),
    ...[...installed.arrivals].map(([name, path]) => ({ name, ...arrivalFiles.about(path) })),
  ],
  properties: () =>
    Object.values(allMechanisms).flatMap(({ name, properties }) =>
      properties === undefined
        ? []
        : [{ name, ...Object.fromEntries(axisNames.map((axis) => [axis, properties[axis]])) }],
    ),
  windows: () =>
    Object.values(stagedMechanisms).flatMap(({ name, windows }) =>
      windowNames.flatMap((window) => {
        const within = windows[window];
        return within === undefined
          ? []
          : [{ name, window, contains: containedIn(window, within) }];
      }),
    ),
  workloads: () =>
    [...installed.workloads].map(([name, path]) => {
      const { kind, description } = readDescription(path);
      return { name, kind, description };
    }),
  fabrics: () =>
    [...installed.fabrics].map(([name, path]) => {
      const { description, source, fabric } = readFabricFile(path, shownPath(path));
      return {
        name,
        cxl_ns: fabric.cxl.latency_ns,
        local_ns: fabric.node.local.latency_ns,
        cxl_read_gb_per_s: fabric.cxl.read_gb_per_s,
        description,
        source,
      };
    }),
  'start-times': () =>
    [...installed.start_times].map(([name, path]) => ({ name, ...startTimeFiles.about(path) })),
  backends: () =>
    Object.entries(backends).map(([name, { description }]) => ({ name, description })),
  metrics: () =>
    Object.entries(metrics).map(([name, { kind, description }]) => ({ name, kind, description })),
  figures: () => [...installed.figures].map(([name, path]) => ({ name, title: figureTitle(path) })),
  'print-figures': () =>
    [...installed.print_figures].map(([name, path]) => ({ name, title: figureTitle(path) })),
  settings: async () =>
    describeSettings(await installedParameters()).map((setting) => ({ ...setting })),
  parameters: async () => [
    ...[...(await installedParameters())].flatMap(([plugin, declared]) =>
      declarations(`parameters.${plugin}`, declared),
    ),
    ...declarations('constants', workloadConstants),
  ],
};

function declarations(prefix: string, declared: Parameters): Row[] {
  return Object.entries(declared).map(
    ([name, { default: initial, unit, description, source }]) => ({
      name: `${prefix}.${name}`,
      default: initial,
      unit,
      description,
      source,
    }),
  );
}

/** Of the critical path its own stages; any other window begins when a child is asked for. */
function containedIn(window: SandboxWindow, stages: readonly StageName[]): string {
  if (window === 'critical-path') return `${stages.join(', ')}, and their waits`;
  return `all from asking for a child to the end of ${stages.at(-1)}`;
}

async function printTables(subject: ListSubject | undefined, form: ListForm): Promise<number> {
  const subjects = subject === undefined ? listSubjects : [subject];
  const tables = await Promise.all(
    subjects.map(async (each) => [each, await rows[each]()] as const),
  );
  const write = (text: string) => process.stdout.write(`${text}\n`);
  if (form === 'json') {
    write(JSON.stringify(Object.fromEntries(tables), null, 2));
    return 0;
  }
  for (const [position, [each, table]] of tables.entries()) {
    if (position > 0) write('');
    if (subject === undefined) write(form === 'markdown' ? `## ${each}\n` : each.toUpperCase());
    write(form === 'markdown' ? markdownTable(table) : textTable(table));
  }
  return 0;
}

export function markdownTable(table: readonly Row[]): string {
  const keys = Object.keys(table[0] ?? {});
  const cell = (value: unknown) => String(value).replaceAll('|', '\\|').replace(/\s+/g, ' ');
  return markdownGrid(
    keys,
    keys.map((key) => (typeof table[0]![key] === 'number' ? 'right' : 'left')),
    table.map((row) => keys.map((key) => cell(row[key]))),
  );
}

/** Descriptions may take this few characters a line; a terminal without so much breaks lines itself. */
const least_width = 20;

/** Names and numbers in columns, the description last; sources are left to the other forms. */
export function textTable(table: readonly Row[], width = terminalWidth()): string {
  const keys = Object.keys(table[0] ?? {}).filter((key) => key !== 'source');
  const cells = [keys, ...table.map((row) => keys.map((key) => String(row[key])))];
  const widths = widthsOf(cells);
  const indent = widths.slice(0, -1).reduce((sum, each) => sum + each + gap.length, gap.length);
  const room = Math.max(least_width, width - indent);
  return cells
    .map((row) => {
      const lines = breakLines(row.at(-1) ?? '', (line) => line.length <= room);
      const last = lines.join(`\n${' '.repeat(indent)}`);
      return `${gap}${inColumns([...row.slice(0, -1), last], widths, 'left').trimEnd()}`;
    })
    .join('\n');
}
