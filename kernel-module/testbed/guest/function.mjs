/**
 * As function.py, for Node.js: state in the main thread and in a worker, which an invocation asks over a message
 * port, and a digest that libuv computes in a thread of its pool.
 *
 * Says `ready PID CHECKSUM`, on SIGTERM `done CHECKSUM`, and exits with 0 if they are equal.
 */
import { pbkdf2 } from 'node:crypto';
import { once } from 'node:events';
import { writeSync } from 'node:fs';
import { promisify } from 'node:util';
import { Worker } from 'node:worker_threads';

const users = Array.from({ length: 2_000 }, (_, id) => ({ id, name: `user ${id}`, tag: id % 7 }));
const text = JSON.stringify(users);
const worker = new Worker(
  `const { parentPort } = require('node:worker_threads');
  const squares = new Map(Array.from({ length: 2_000 }, (_, i) => [i, (i * i) % 97]));
  parentPort.on('message', (tag) =>
    parentPort.postMessage([...squares].filter(([i]) => i % 7 === tag).map(([, n]) => n).join()),
  );`,
  { eval: true },
);

async function invoke() {
  const tagged = JSON.stringify(JSON.parse(text).filter(({ tag }) => tag === 3));
  const answered = once(worker, 'message');
  worker.postMessage(3);
  const [squares] = await answered;
  const digest = await promisify(pbkdf2)(tagged, squares, 10, 8, 'sha256');
  return digest.toString('hex');
}

const before = await invoke();
process.on('SIGTERM', async () => {
  const after = await invoke();
  writeSync(1, `done ${after}\n`);
  process.exit(after === before ? 0 : 1);
});
writeSync(1, `ready ${process.pid} ${before}\n`);
