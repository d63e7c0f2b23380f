/**
 * Standard output is for the command's answer alone. Where files of the user run in this process, what they print
 * goes to standard error; and where JSON was asked for, something that is JSON comes out whatever happens.
 */

const write = process.stdout.write.bind(process.stdout) as typeof process.stdout.write;
let claimed = false;
let answered = false;

/** From now on it is known whether anything was printed. */
export function watchAnswer(): void {
  process.stdout.write = ((chunk: string | Uint8Array, ...rest: never[]) => {
    if (claimed) return process.stderr.write(chunk, ...rest);
    answered ||= chunk.length > 0;
    return write(chunk, ...rest);
  }) as typeof process.stdout.write;
}

/** Takes standard output for the command, until the process ends; returns how the command prints. */
export function claimOutput(): (text: string) => void {
  claimed = true;
  return (text) => {
    answered ||= text.length > 0;
    write(text);
  };
}

/** Calls back once a slow reader has all of the output. */
export function whenRead(then: () => void): void {
  write('', then);
}

/** The error as JSON, if JSON was asked for and nothing was printed. */
export function answerError(words: readonly string[], error: string, exit_code: number): void {
  const own = words.includes('--') ? words.slice(0, words.indexOf('--')) : words;
  if (answered || !own.includes('--json')) return;
  answered = true;
  write(`${JSON.stringify({ error, exit_code }, null, 2)}\n`);
}
