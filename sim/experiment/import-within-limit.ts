/**
 * Imports a policy file, which may never come to an end. JavaScript that does not return lets no timer of its
 * thread have a turn: a second thread watches, and ends the loop through the inspector.
 */

import { Worker } from 'node:worker_threads';
import { loadPolicy } from '../backends/load-policy.ts';
import { takeTurn } from '../backends/own-policies.ts';
import type { Policy } from '../policy.ts';

/** A policy file has this long to be imported. */
export const import_limit_ms = 10_000;

/** The import that was given up. */
export class EndlessImport extends Error {
  override readonly name = 'EndlessImport';
}

/** First tells that time is over; while that is not heard, ends what runs in the main thread. */
const watcher = `
const { parentPort, workerData } = require('node:worker_threads');
const { Session } = require('node:inspector');
let heard = false;
parentPort.once('message', () => { heard = true; });
setTimeout(() => {
  parentPort.postMessage('late');
  const session = new Session();
  session.connectToMainThread();
  // Seconds: a busy machine must not have something else ended than the loop.
  setInterval(() => { if (!heard) session.post('Runtime.terminateExecution'); }, 3000);
}, workerData);
`;

export async function importWithinLimit<P = Policy>(
  path: string,
  limit_ms: number = import_limit_ms,
): Promise<P> {
  if (!process.features.inspector) return loadPolicy<P>({ path });
  const watching = new Worker(watcher, { eval: true, execArgv: [], workerData: limit_ms });
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
