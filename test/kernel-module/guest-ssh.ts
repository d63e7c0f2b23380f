/**
 * `ssh` that leads into guests of the testbed, which have no network: a script in PATH hands its words and
 * its standard input to a socket here, and whoever holds the guests carries them out.
 *
 *     cxlsim ─► ssh (script) ─► socket ─► this program ─► agent of the guest ─► sh ─► agent --stdio
 */

import { chmodSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Machine } from '../../kernel-module/testbed/machine.ts';
import { scratchFolder } from '../experiment/scratch-folder.ts';

/** What goes over the socket, a line each; bytes in base64. */
type Message =
  | { readonly host: string; readonly command: string }
  | { readonly input: string }
  | { readonly output: string }
  | { readonly complaint: string }
  | { readonly exit: number };

const client = `#!/usr/bin/env node
const [socket, ...words] = [process.env.GUEST_SSH, ...process.argv.slice(2)];
while (words[0]?.startsWith('-')) words.splice(0, 2);
const [host, command] = words;
const line = require('node:net').connect(socket);
const send = (message) => line.write(JSON.stringify(message) + '\\n');
send({ host, command });
process.stdin.on('data', (part) => send({ input: part.toString('base64') }));
process.stdin.on('end', () => line.end());
let code = 255;
require('node:readline').createInterface({ input: line }).on('line', (text) => {
  const { output, complaint, exit } = JSON.parse(text);
  if (output) process.stdout.write(Buffer.from(output, 'base64'));
  if (complaint) process.stderr.write(complaint);
  if (exit !== undefined) code = exit;
});
line.on('close', () => {
  if (code === 255) process.stderr.write('Connection to ' + host + ' closed by remote host.\\n');
  process.exitCode = code;
  process.stdin.destroy();
});
line.on('error', () => {});
`;

export class GuestSsh {
  readonly #server: Server;
  readonly #guest: (host: string) => Machine;
  readonly #lines = new Map<string, Socket>();
  readonly #path = process.env['PATH'] ?? '';
  #lines_made = 0;
  /** Called with what is about to reach a host; to cut its line just then. */
  meanwhile: (host: string, bytes: Buffer) => void = () => {};

  /** From now on `ssh` leads to guests, for this program and those that it starts. */
  static async open(guest: (host: string) => Machine): Promise<GuestSsh> {
    const ssh = new GuestSsh(guest);
    const folder = scratchFolder();
    writeFileSync(join(folder, 'ssh'), client);
    chmodSync(join(folder, 'ssh'), 0o755);
    const socket = join(folder, 'socket');
    await new Promise<void>((resolve) => ssh.#server.listen(socket, resolve));
    process.env['GUEST_SSH'] = socket;
    process.env['PATH'] = `${folder}${delimiter}${ssh.#path}`;
    return ssh;
  }

  private constructor(guest: (host: string) => Machine) {
    this.#guest = guest;
    this.#server = createServer({ allowHalfOpen: true }, (socket) => void this.#serve(socket));
  }

  /** As if the network between here and the host were gone. */
  cut(host: string): void {
    this.#lines.get(host)?.destroy();
  }

  close(): void {
    process.env['PATH'] = this.#path;
    for (const line of this.#lines.values()) line.destroy();
    this.#server.close();
  }

  async #serve(socket: Socket): Promise<void> {
    socket.on('error', () => undefined);
    const messages = createInterface({ input: socket })[Symbol.asyncIterator]();
    const next = async (): Promise<Message | undefined> => {
      const { value, done } = await messages.next();
      return done ? undefined : JSON.parse(value);
    };
    const first = (await next()) as Extract<Message, { host: string }>;
    const { host, command } = first;
    const machine = this.#guest(host);
    const answer = (message: Message) => socket.write(`${JSON.stringify(message)}\n`);
    const input = async () => {
      const message = await next();
      return message === undefined || !('input' in message)
        ? undefined
        : Buffer.from(message.input, 'base64');
    };
    const words = host.startsWith('nobody@')
      ? `export HOME=/tmp; cd /tmp; exec su -s /bin/sh nobody -c '${command}'`
      : `export HOME=/root; cd /root; ${command}`;
    if (command.endsWith('--stdio')) {
      this.#lines.set(host, socket);
      await this.#attend({ socket, machine, host, words, input, answer });
      return;
    }
    const parts: Buffer[] = [];
    for (let part = await input(); part !== undefined; part = await input()) parts.push(part);
    const { code, stdout, stderr } = await machine.exec(words, { stdin: Buffer.concat(parts) });
    answer({ output: Buffer.from(stdout).toString('base64') });
    answer({ complaint: stderr });
    answer({ exit: code });
    socket.end();
  }

  /** A program that reads as long as the line lives: a pipe in the guest, fed piece by piece. */
  async #attend({
    socket,
    machine,
    host,
    words,
    input,
    answer,
  }: {
    socket: Socket;
    machine: Machine;
    host: string;
    words: string;
    input: () => Promise<Buffer | undefined>;
    answer: (message: Message) => void;
  }): Promise<void> {
    const pipe = `/tmp/line-${this.#lines_made++}`;
    await machine.check(`mkfifo ${pipe}; chmod 666 ${pipe}`);
    const program = machine.start(`exec < ${pipe}; ${words}`);
    const held = machine.start(`exec 3> ${pipe}; echo held; exec sleep 100000`);
    // Else the first piece's end, with no other writer there, would be the end of all input.
    await held.output(/held/);
    let told = 0;
    const tell = () => {
      const { length } = program.stdoutBytes;
      if (length > told) answer({ output: program.stdoutBytes.subarray(told).toString('base64') });
      told = length;
    };
    const ear = setInterval(tell, 10);
    const ended = program.exited
      .then((exit) => {
        tell();
        answer({ complaint: program.stderr });
        answer({ exit });
        socket.end();
      })
      .catch(() => socket.destroy());
    socket.on('close', () => {
      clearInterval(ear);
      held.kill();
    });
    for (let part = await input(); part !== undefined; part = await input()) {
      this.meanwhile(host, part);
      if (socket.destroyed) break;
      await machine.exec(`cat > ${pipe}`, { stdin: part });
    }
    held.kill();
    await ended;
  }
}
