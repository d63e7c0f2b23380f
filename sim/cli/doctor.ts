/** `cxlsim doctor`: what is there and what is missing on this machine, and what to do next. */

import { type Examination, examineHere } from '../doctor/doctor.ts';
import type { State } from '../doctor/finding.ts';

const marks: Readonly<Record<State, string>> = {
  there: 'ok',
  missing: 'MISSING',
  lesser: 'note',
  unknown: 'unknown',
};

export async function doctor({ json }: { readonly json: boolean }): Promise<number> {
  const parts = await examineHere();
  process.stdout.write(json ? `${JSON.stringify({ parts }, null, 2)}\n` : `${textOf(parts)}\n`);
  return 0;
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
