/** `cxlsim doctor`: what is there and what is missing on this machine, and what to do next. */

import { presetFabric } from '../../experiment/find-fabric.ts';
import { InputError, inWords } from '../../input/input-error.ts';
import { type Examination, examineHere } from '../../machine/doctor.ts';
import { lesser, missing, type State, there } from '../../machine/finding.ts';
import { defineCommand } from '../command.ts';
import { speedWords } from '../speed-words.ts';

export const doctor = defineCommand({
  usage: 'doctor',
  describe: 'examine this machine: what is there, what is missing, what to do next',
  options: {
    measure: { type: 'boolean', describe: 'also measure memory; takes some seconds a node' },
    json: { type: 'boolean', describe: 'print one JSON object, nothing else' },
  },
  complaint: { excess: 'expected none' },
  epilogue: 'Needs no rights and changes nothing. Exit code 0, whatever it finds.',
  command: (typed) => () =>
    examine({
      json: typed.json === true,
      measure: typed.measure === true,
    }),
});

const marks: Readonly<Record<State, string>> = {
  there: 'ok',
  missing: 'MISSING',
  lesser: 'note',
  unknown: 'unknown',
};

interface DoctorOptions {
  readonly json: boolean;
  /** Also measure memory, which takes some seconds a node. */
  readonly measure: boolean;
}

async function examine({ json, measure }: DoctorOptions): Promise<number> {
  const parts = [...(await examineHere()), ...(measure ? [await measured()] : [])];
  process.stdout.write(json ? `${JSON.stringify({ parts }, null, 2)}\n` : `${textOf(parts)}\n`);
  return 0;
}

async function measured(): Promise<Examination> {
  const { measureFabric } = await import('../../machine/measure-fabric.ts');
  const part = 'measured memory';
  try {
    const options = { node: undefined, working_set_mb: undefined, samples: 3 };
    const { nodes, notes } = await measureFabric({
      ...options,
      base: presetFabric('cxlfork-testbed'),
    });
    const speeds = nodes.map((each) =>
      there(`node ${each.node} from node ${each.from_node}`, speedWords(each)),
    );
    const remarks = notes.map((note) =>
      lesser('measurement', note, 'cxlsim fabric measure writes a fabric file of it'),
    );
    return { part, ready: true, findings: [...speeds, ...remarks] };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    const { place, what, expected } = error;
    return {
      part,
      ready: false,
      findings: [missing('measurement', `${inWords(place)}: ${what}`, expected)],
    };
  }
}

export function textOf(parts: readonly Examination[]): string {
  const width = Math.max(
    ...parts.flatMap(({ findings }) => findings.map(({ name }) => name.length)),
  );
  return parts
    .map(({ part, ready, findings }) => {
      const lines = findings.flatMap(({ name, state, found, next }) => [
        `  ${marks[state].padEnd(8)} ${name.padEnd(width)}  ${found}`,
        ...(next === undefined ? [] : [`${' '.repeat(13 + width)}-> ${next}`]),
      ]);
      return [`${part}: ${ready ? 'ready' : 'not ready'}`, ...lines].join('\n');
    })
    .join('\n\n');
}
