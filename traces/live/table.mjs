// SPDX-License-Identifier: Apache-2.0
// Renders a table, served as invocations.py serves; Node.js cannot fork, so SIGUSR2 does nothing.
import { readFileSync, writeSync } from 'node:fs';

const rows = Array.from({ length: 200 }, (_, i) => ({ name: `<item ${i}>`, value: (i * i) % 97 }));
let count = 0;

function handler() {
  const escaped = (text) => text.replace(/[<>&]/g, (one) => `&#${one.charCodeAt(0)};`);
  return rows.map(({ name, value }) => `<tr><td>${escaped(name)}<td>${value}`).join('').length;
}

process.on('SIGTERM', () => process.exit(0));
process.on('SIGUSR2', () => {});
process.on('SIGUSR1', () => {
  const begin_ns = process.hrtime.bigint();
  handler();
  count += 1;
  writeSync(1, `done ${count} ${process.hrtime.bigint() - begin_ns}\n`);
});
const uptime_ns = BigInt(
  Math.round(Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]) * 1e9),
);
writeSync(1, `ready ${process.pid} ${uptime_ns}\n`);
setInterval(() => {}, 1e9);
