/**
 * Imports a policy file, which may never come to an end. JavaScript that does not return lets no timer of its
 * thread have a turn: a second thread watches, and ends the loop through the inspector.
 */

import { Worker } from 'node:worker_threads';
import { loadPolicy } from '../backends/load-policy.ts';
import { takeTurn } from '../backends/own-policies.ts';
import type { Policy } from '../policy.ts';

/** A policy file has this long to be imported; where others have the processor, time stands still. */
export const import_limit_ms = 10_000;

/** The import that was given up. */
export class EndlessImport extends Error {
  override readonly name = 'EndlessImport';
}

/** However busy the machine, so many limits are waited by the clock at most. */
const most_limits = 60;

/** First tells that time is over; while that is not heard, ends what runs in the main thread. */
const watcher = `
const { readdirSync, readFileSync } = require('node:fs');
const { parentPort, workerData } = require('node:worker_threads');
const { Session } = require('node:inspector');
const { limit_ms, most_ms } = workerData;
// For how long threads of this process could not run though they would, which Linux tells in nanoseconds.
const kept_ms = () => {
  try {
    return readdirSync('/proc/self/task').reduce((sum, thread) => {
      try {
        return sum + Number(readFileSync('/proc/self/task/' + thread + '/schedstat', 'utf8').split(' ')[1]) / 1e6;
      } catch {
        return sum; // The thread has ended.
      }
    }, 0);
  } catch {
    return 0;
  }
};
const begun_kept_ms = kept_ms();
const begun_ms = performance.now();
const begun_us = process.cpuUsage();
const isOver = () => {
  const passed_ms = performance.now() - begun_ms;
  if (passed_ms < limit_ms) return false;
  const { user, system } = process.cpuUsage(begun_us);
  return user + system >= 1000 * limit_ms || passed_ms - (kept_ms() - begun_kept_ms) >= limit_ms || passed_ms >= most_ms;
};
let heard = false;
parentPort.once('message', () => { heard = true; });
const look = setInterval(() => {
  if (!isOver()) return;
  clearInterval(look);
  parentPort.postMessage('late');
  const session = new Session();
  session.connectToMainThread();
  // Seconds: a busy machine must not have something else ended than the loop.
  setInterval(() => { if (!heard) session.post('Runtime.terminateExecution'); }, 3000);
}, limit_ms / 20);
`;

export async function importWithinLimit<P = Policy>(
  path: string,
  limit_ms: number = import_limit_ms,
): Promise<P> {
  if (!process.features.inspector) return loadPolicy<P>({ path });
  const watching = new Worker(watcher, {
    eval: true,
    execArgv: [],
    workerData: { limit_ms, most_ms: most_limits * limit_ms },
  });
  const late = new Promise<never>((_, reject) => {
    watching.once('message', () => {
      watching.postMessage('heard');
      reject(new EndlessImport(`is not imported within ${limit_ms / 1000} s`));
    });
  });
  late.catch(() => {});
  // Where nothing but the import is awaited, and that never comes, Node finds out at once.
  watching.unref();
  const endTurn = takeTurn(path);
  try {
    return await loadPolicy<P>({ path }, late);
  } finally {
    endTurn();
    watching.terminate().catch(() => {});
  }
}
