/** Ends what still runs of a recording: the program, and whatever it started. */

import { readdirSync, readFileSync } from 'node:fs';

/** Each recorded process has a file in `raw` under its number, and names `raw` in its command line. */
export function endRunning(raw: string, signal: 'SIGTERM' | 'SIGKILL'): void {
  for (const name of readdirSync(raw)) {
    const pid = Number.parseInt(name, 10);
    try {
      if (readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(raw)) process.kill(pid, signal);
    } catch {
      // It has ended.
    }
  }
}
