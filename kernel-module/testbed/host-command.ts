/** Runs one program on the host and reports a failure in one readable error. */
import { spawn } from 'node:child_process';

export interface CommandOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Ends the program, and fails, after this long. */
  readonly timeout_ms?: number;
}

class CommandFailed extends Error {
  constructor(command: string, reason: string, output: string) {
    super(`${command}: ${reason}${output === '' ? '' : `\n${lastLines(output, 30)}`}`);
    this.name = 'CommandFailed';
  }
}

/** Resolves to the program's standard output; rejects with its last lines when it fails. */
export async function run(
  program: string,
  parameters: readonly string[],
  options: CommandOptions = {},
): Promise<string> {
  return (await runForBytes(program, parameters, options)).toString();
}

/** As `run`, for output that is not text. */
export function runForBytes(
  program: string,
  parameters: readonly string[],
  options: CommandOptions = {},
): Promise<Buffer> {
  const command = [program, ...parameters].join(' ');
  return new Promise((resolve, reject) => {
    const child = spawn(program, parameters, {
      cwd: options.cwd,
      env: { ...process.env, LC_ALL: 'C', ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: options.timeout_ms,
      killSignal: 'SIGKILL',
    });
    const stdout: Buffer[] = [];
    const both: Buffer[] = [];
    child.stdout.on('data', (data: Buffer) => {
      stdout.push(data);
      both.push(data);
    });
    child.stderr.on('data', (data: Buffer) => both.push(data));
    child.on('error', (error) => reject(new CommandFailed(command, error.message, '')));
    child.on('close', (code, signal) => {
      if (code === 0) {
        resolve(Buffer.concat(stdout));
        return;
      }
      const reason = code === null ? `ended by ${signal}` : `exit code ${code}`;
      reject(new CommandFailed(command, reason, Buffer.concat(both).toString()));
    });
  });
}

export function lastLines(text: string, count: number): string {
  return text.trimEnd().split('\n').slice(-count).join('\n');
}
