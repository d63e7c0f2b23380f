/** All commands by their words, in the order that help shows them. Each is loaded when it is typed, and no other. */

import type { CommandDefinition } from '../command.ts';

export const commands: ReadonlyMap<string, () => Promise<CommandDefinition>> = new Map([
  ['run', async () => (await import('./run.ts')).run],
  ['check', async () => (await import('./check.ts')).check],
  ['compare', async () => (await import('./compare.ts')).compare],
  ['validate', async () => (await import('./validate.ts')).validateCommand],
  ['sensitivity', async () => (await import('./sensitivity.ts')).sensitivity],
  ['figures', async () => (await import('./figures.ts')).figures],
  ['report', async () => (await import('./report.ts')).reportCommand],
  ['reproduce', async () => (await import('./reproduce.ts')).reproduce],
  ['bundle', async () => (await import('./bundle.ts')).bundle],
  ['arrivals', async () => (await import('./arrivals.ts')).arrivals],
  ['trace record', async () => (await import('./trace-record.ts')).traceRecord],
  ['trace import', async () => (await import('./trace-import.ts')).traceImport],
  ['trace inspect', async () => (await import('./trace-inspect.ts')).traceInspect],
  ['trace profile', async () => (await import('./trace-profile.ts')).traceProfile],
  ['fabric import', async () => (await import('./fabric-import.ts')).fabricImport],
  ['fabric measure', async () => (await import('./fabric-measure.ts')).fabricMeasure],
  ['init', async () => (await import('./init.ts')).init],
  ['doctor', async () => (await import('./doctor.ts')).doctor],
  ['list', async () => (await import('./list.ts')).list],
  ['schema', async () => (await import('./schema.ts')).schema],
]);

/** What the first words of commands of several words stand for. */
export const groups: Readonly<Record<string, string>> = {
  trace: 'traces of real functions: record, import, inspect, profile',
  fabric: 'fabrics of real machines: import, measure',
};
