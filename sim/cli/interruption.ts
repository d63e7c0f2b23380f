/** Ctrl-C and SIGTERM: the first asks to stop in good order, the second stops at once. */

import { exit_interrupted } from './exit-codes.ts';

const signals = ['SIGINT', 'SIGTERM'] as const;

export interface Interruption {
  readonly signal: AbortSignal;
  /** Gives the signals back to Node. */
  end(): void;
}

/** `told` is said when the first comes. */
export function interruption(told: string): Interruption {
  const controller = new AbortController();
  const stop = () => {
    if (controller.signal.aborted) process.exit(exit_interrupted);
    controller.abort();
    process.stderr.write(`${told}\n`);
  };
  for (const signal of signals) process.on(signal, stop);
  return {
    signal: controller.signal,
    end() {
      for (const signal of signals) process.off(signal, stop);
    },
  };
}
