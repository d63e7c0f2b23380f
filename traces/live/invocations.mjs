// SPDX-License-Identifier: Apache-2.0
/**
 * As invocations.py, for Node.js: one invocation for each SIGUSR1, SIGTERM ends. It cannot fork. Between
 * invocations the main thread waits in epoll_wait, the others wherever V8 and libuv let them wait.
 */
import { writeSync } from 'node:fs';
import { uptime } from 'node:os';
import { MessageChannel } from 'node:worker_threads';

export function serve(handler, inputs) {
  let count = 0;
  process.on('SIGUSR1', () => {
    const begin_ns = process.hrtime.bigint();
    handler(inputs[count % inputs.length]);
    count += 1;
    say(`done ${count} ${fixed(begin_ns)} ${fixed(process.hrtime.bigint())}`);
  });
  process.on('SIGTERM', () => process.exit());
  // Handlers of signals alone do not keep Node.js from ending, and a timer would wake it.
  new MessageChannel().port1.on('message', () => undefined);
  say(`ready ${process.pid} ${Math.round(uptime() * 1e9)}`);
}

function fixed(time_ns) {
  return String(time_ns).padStart(20, '0');
}

function say(line) {
  writeSync(1, `${line}\n`);
}
