/** The line that counts, which ends what tests write. */

export interface Count {
  readonly passed: number;
  readonly failed: number;
}

/** What the last such line says; `undefined` where there is none. */
export function lastCount(output: string): Count | undefined {
  const lines = [...output.matchAll(/^(\d+) passed, (\d+) failed/gm)];
  const last = lines.at(-1);
  return last && { passed: Number(last[1]), failed: Number(last[2]) };
}

export function sum(counts: readonly Count[]): Count {
  return {
    passed: counts.reduce((all, { passed }) => all + passed, 0),
    failed: counts.reduce((all, { failed }) => all + failed, 0),
  };
}

export function countLine({ passed, failed }: Count): string {
  return `${passed} passed, ${failed} failed`;
}
