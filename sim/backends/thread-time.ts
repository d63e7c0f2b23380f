/** How long this thread has computed: what a busy machine does not change. */

import { readFileSync } from 'node:fs';

/** Linux counts a thread's time on processors in nanoseconds, or in ticks of which a second has 100. */
const counts: readonly (() => number)[] = [
  () => Number(/^\d+/.exec(procFile('schedstat'))![0]) / 1e6,
  () => {
    // The second field is a name, which may hold anything.
    const fields = procFile('stat').split(') ').at(-1)!.split(' ');
    return 10 * (Number(fields[11]) + Number(fields[12]));
  },
  // Of all threads: nothing is given up later than it should be.
  () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1000;
  },
];

function procFile(name: string): string {
  return readFileSync(`/proc/thread-self/${name}`, 'utf8');
}

const count = counts.find((each) => {
  try {
    return each() > 0;
  } catch {
    return false;
  }
})!;

/** Milliseconds of processor time that this thread has had; only differences mean something. */
export function threadTime_ms(): number {
  return count();
}
